"""What a page holds for machines that its reader has not chosen: files of their own, fetched when they are asked for.

So a page weighs the same however many machines have measured it. Without a script the record's page shows the figures.
A part is a script, since a page that is read from a disk may load nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from stackdoc.adapters.addresses import relative
from stackdoc.render.cache import digest
from stackdoc.render.values.record_view import record_path

FOLDER = "assets/parts"
SMALLEST = 1_000  # bytes; less costs a page less than another request
_PART = re.compile("<!--sd-part-->(.*?)<!--/sd-part-->", re.DOTALL)
_RECORD = re.compile(r'\bdata-record="?([0-9a-f]{12})\b')


def defer_parts(html: str, url: str, write: Callable[[str, str], None], files: Mapping[str, str] | None = None) -> str:
    """The page at `url` with a link to the record where each part stood; `write(path, content)` gets the parts.

    Addresses in `html` are relative to the page, and stay so: a part comes back to the page that it was taken from.
    `files` are for a site that is read without a server, as `relative` has them.
    """

    def apart(found: re.Match[str]) -> str:
        content = found[1]
        record = _RECORD.search(content)
        if record is None or len(content) < SMALLEST:
            return content
        path = f"{FOLDER}/{digest(content)[:12]}.js"
        write(path, f"document.currentScript.part = {json.dumps(content, ensure_ascii=False)};\n")
        link = f'<a href="{record_path(record[1])}">Record {record[1]}</a>'
        return relative(f'<p class="sd-part" data-src="/{path}">{link} has these figures.</p>', url, files)

    return _PART.sub(apart, html)
