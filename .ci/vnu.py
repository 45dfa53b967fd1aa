"""Holds every page of site/ against the checker of the W3C for HTML and CSS; ends with 1 where it finds an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from checkers import needed, package

SITE = Path(sys.argv[1] if len(sys.argv) > 1 else "site")


def main() -> None:
    needed("java", "npm")
    jar = package("vnu-jar", "26.9.27") / "build/dist/vnu.jar"
    pages = [str(path) for path in sorted(SITE.rglob("*.html"))]
    if not pages:
        sys.exit(f"{SITE}: no pages; make site builds them")
    ended = subprocess.run(["java", "-jar", str(jar), "--errors-only", *pages], capture_output=True, text=True)
    found = [line for line in ended.stderr.splitlines() if line]
    print("\n".join(found))
    print(f"{len(pages)} pages, {len(found)} errors")
    sys.exit(bool(found) or ended.returncode)


if __name__ == "__main__":
    main()
