"""Zip archives of examples, to download: each script with the files that it needs, and its executed notebook."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from stackdoc.files import write_archive
from stackdoc.git import git
from stackdoc.model.example import Example
from stackdoc.project import ENVIRONMENTS
from stackdoc.site.site import Site

log = logging.getLogger(__name__)
LARGEST = 20_000_000  # bytes of a file in an archive


def archives(site: Site, published: Path) -> Iterator[tuple[str, bytes]]:
    """Yield `examples/<id>.zip` for each example, and `examples.zip` with all of them, as path and content.

    Files have their paths in the project, so that a script finds its own. Left out are hidden files, those that git
    ignores, those outside the project, and those larger than LARGEST. `published` has the notebooks.
    """
    sources = _readable(site.root, [(example.path, needed_by(example)) for example in site.examples.values()])
    everything: dict[str, bytes] = {}
    for id, example in sorted(site.examples.items()):
        entries = {path: sources[path] for path in needed_by(example) if path in sources}
        notebook = str(PurePosixPath(example.path).with_suffix(".ipynb"))
        if notebook != example.path:
            entries[notebook] = (published / f"examples/{id}.ipynb").read_bytes()
        yield f"examples/{id}.zip", packed(entries)
        everything |= entries
    yield "examples.zip", packed(everything)


def needed_by(example: Example) -> set[str]:
    """Return the paths of the script, of what it imports and reads, and of the lock of its environment."""
    lock = [f"{ENVIRONMENTS}/{example.environment}/requirements.lock"] if example.environment else []
    return {example.path, *(path for path, _ in (*example.closure, *example.loaded)), *lock}


def packed(entries: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of the entries, in the order of their names."""
    content = io.BytesIO()
    write_archive(content, dict(sorted(entries.items())))
    return content.getvalue()


def _readable(root: Path, scripts: Iterable[tuple[str, set[str]]]) -> dict[str, bytes]:
    """Return the content of all files that belong into an archive; the scripts themselves are always among them."""
    whole, own = root.resolve(), set[str]()
    places: dict[str, Path] = {}
    for script, paths in scripts:
        own.add(script)
        places |= {path: (whole / path).resolve() for path in paths}
    shown = [path for path, place in sorted(places.items()) if path in own or _is_shown(place, whole)]
    ignored = set((git(whole, "check-ignore", "--", *shown) or "").split("\n")) - own
    large = {path for path in shown if places[path].stat().st_size > LARGEST}
    for path in sorted(large):
        log.info("%s has more than %d MB, so no archive of examples contains it", path, LARGEST // 1_000_000)
    return {path: places[path].read_bytes() for path in shown if path not in ignored | large}


def _is_shown(place: Path, root: Path) -> bool:
    """Whether the file is in the project, and neither it nor a directory around it is hidden."""
    if not place.is_relative_to(root) or not place.is_file():
        return False
    return not any(part.startswith(".") for part in place.relative_to(root).parts)
