"""Takes the README's picture from the built site: a measured figure on the page of a layer, in light colours."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browsing import QUIET, browser_path, serving

SITE, PICTURE = Path("site"), Path("docs/assets/page.png")


def main() -> None:
    if not browser_path():
        sys.exit("no browser here")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with serving(SITE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        page = browser.new_page(viewport={"width": 1440, "height": 1180}, color_scheme="light")
        page.goto(f"{address}layers/kernels/#measure-it", wait_until="networkidle")
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
