"""Makes one PDF of the handbook from site/: title page, linked contents, chapters, numbered figures, page headers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browsing import QUIET, browser_path, serving

SITE, BOOK = Path("site"), Path("build/book.pdf")
AFTER = ["guide/how-we-measure/", "numbers/", "claims/", "guide/cite/"]  # after the chapters of the first tab
ORDER = """() => [...document.querySelectorAll(".md-nav--primary a.md-nav__link[href]")]
  .map((link) => new URL(link.getAttribute("href"), document.baseURI))
  .filter((url) => url.origin === location.origin && !url.hash)
  .map((url) => url.pathname.slice(1))"""
LEAST_CHAPTERS = 15
PRINTINGS = 4  # at most
OBJECT = re.compile(rb"^(\d+) 0 obj\n(<<.*?)\nendobj", re.DOTALL | re.MULTILINE)
DESTINATION = re.compile(rb"/([\w.-]+) \[(\d+) 0 R\s*/XYZ")


def chapters(page: Page, address: str) -> list[str]:
    """The pages of the first tab in the order of the navigation, without the home page, then those of AFTER."""
    page.goto(f"{address}layers/", wait_until="networkidle")
    return [path for path in dict.fromkeys(["layers/", *page.evaluate(ORDER), *AFTER]) if path.strip("/")]


def settled(page: Page) -> tuple[bytes, dict[str, int]]:
    """The book and its pages, printed until the numbers in its contents are those of the pages."""
    content = printed(page)
    for _ in range(PRINTINGS):
        pages = pages_of(content)
        page.evaluate("pages => number(pages)", pages)
        content = printed(page)
        if pages_of(content) == pages:
            return content, pages
    sys.exit("the numbers in the contents go on moving the pages")


def printed(page: Page) -> bytes:
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def pages_of(pdf: bytes) -> dict[str, int]:
    """The page of each destination, from the objects as Chromium writes them."""
    objects = {int(match[1]): match[2] for match in OBJECT.finditer(pdf)}
    root = int(re.search(rb"/Type /Catalog\s*/Pages (\d+) 0 R", pdf)[1])  # type: ignore[index]
    order = {reference: number for number, reference in enumerate(_leaves(objects, root), 1)}
    found = {match[1].decode(): int(match[2]) for match in DESTINATION.finditer(pdf)}
    return {name: order[reference] for name, reference in found.items()}


def _leaves(objects: dict[int, bytes], reference: int) -> Iterator[int]:
    kids = re.search(rb"/Kids \[([^\]]*)\]", objects[reference])
    if kids is None:
        yield reference
    for kid in re.findall(rb"(\d+) 0 R", kids[1]) if kids else ():
        yield from _leaves(objects, int(kid))


def main() -> None:
    if not browser_path():
        sys.exit("no browser here; on Debian: apt install chromium")
    if not (SITE / "layers/index.html").is_file():
        sys.exit("no site here; make site, or mkdocs build, makes it")
    BOOK.parent.mkdir(parents=True, exist_ok=True)
    with serving(SITE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        page = browser.new_page(color_scheme="light")
        paths = chapters(page, address)
        made = page.evaluate(f"({Path(__file__).with_suffix('.js').read_text('utf-8')})({paths!r})")
        if made["missing"] or made["chapters"] < LEAST_CHAPTERS:
            sys.exit(f"pages are missing: {', '.join(made['missing']) or made['chapters']}")
        page.emulate_media(media="print")
        content, pages = settled(page)
        browser.close()
    BOOK.write_bytes(content)
    made["pages"] = max(pages.values())
    counts = ", ".join(f"{made[name]} {name}" for name in ("pages", "chapters", "sections", "figures"))
    print(f"{BOOK}: {counts}, {BOOK.stat().st_size / 1e6:.1f} MB; {made['broken']} links to what paper leaves out")


if __name__ == "__main__":
    main()
