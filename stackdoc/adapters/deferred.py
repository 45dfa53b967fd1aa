"""Parts of a page for machines that the reader has not chosen, moved to separate files and loaded on demand.

So a page has the same size however many machines have measured it. Without JavaScript, the record's page has the
figures. Parts are scripts, since a page that is read from a disk can load nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from stackdoc.adapters.addresses import AT_ROOT, Addresses
from stackdoc.render.cache import digest
from stackdoc.render.values.record_view import record_path

FOLDER = "assets/parts"
SMALLEST = 1_000  # bytes; a smaller part is cheaper in the page than another request
_PART = re.compile("<!--sd-part-->(.*?)<!--/sd-part-->", re.DOTALL)
_RECORD = re.compile(r'\bdata-record="?([0-9a-f]{12,16})\b')


def defer_parts(html: str, url: str, write: Callable[[str, str], None], addresses: Addresses = AT_ROOT) -> str:
    """Return the page at `url` with each part replaced by a link to its record; `write(path, content)` gets the parts.

    Addresses in `html` are relative to the page, and so they stay in the parts, which are loaded into the same page.
    """

    def defer(match: re.Match[str]) -> str:
        content = match[1]
        record = _RECORD.search(content)
        if record is None or len(content) < SMALLEST:
            return content
        path, quoted = f"{FOLDER}/{digest(content)[:12]}.js", json.dumps(content, ensure_ascii=False)
        write(f"{addresses.prefix}{path}", f"document.currentScript.part = {quoted};\n")
        link = f'<a href="{record_path(record[1])}">Record {record[1]}</a>'
        return addresses.relative(f'<p class="sd-part" data-src="/{path}">{link} has these figures.</p>', url)

    return _PART.sub(defer, html)
