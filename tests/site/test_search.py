"""The handbook's search, asked as a page asks it: by messages to Material's own worker."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import serving
from tests.made.built import Project

FOUND_NOTHING = ("memory", "data", "graph", "file", "median", "call", "step", "sample", "interval", "word", "free")
LISTINGS = ("compare", "machines", "changelog")
MOST_BYTES = 2_500_000
ASK = """async ([address, index, words]) => {
  const worker = new Worker(address);
  const ask = (type, data) => new Promise((answer) => {
    worker.onmessage = (event) => answer(event.data.data);
    worker.postMessage({ type, data });
  });
  await ask(0, { ...(index ?? await (await fetch("search/search_index.json")).json()), options: { suggest: false } });
  const found = {};
  for (const word of words) found[word] = (await ask(2, word)).items.flat().map((one) => one.location);
  worker.terminate();
  return found;
}"""
STOP_WORDS = """async (address) => (await (await fetch(address)).text())
  .match(/stopWordFilter=\\w+\\.generateStopWordFilter\\(\\[(.*?)\\]\\)/)[1].match(/\\w+/g)"""


@pytest.fixture(scope="module")
def page(handbook: Path, browser: Browser) -> Iterator[Page]:
    with serving(handbook) as address:
        opened = browser.new_page()
        opened.goto(address)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def worker(handbook: Path) -> str:
    (path,) = handbook.glob("assets/javascripts/workers/search.*.js")
    return path.relative_to(handbook).as_posix()


def entries(site: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((site / "search/search_index.json").read_text("utf-8"))["docs"]
    return found


def commonest(handbook: Path, stopped: set[str], number: int) -> list[str]:
    """The words most used in the running text of the pages, as their Markdown has it: without code and tables."""
    found: Counter[str] = Counter()
    for path in handbook.rglob("index.md"):
        if path.relative_to(handbook).parts[0] not in LISTINGS:
            text = unescape(
                re.sub(r"```.*?```|^\|[^\n]*$", " ", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
            )
            text = re.sub(r"\]\([^)]*\)|`[^`\n]*`|<[^>]*>", " ", text)
            found.update(word.lower() for word in re.findall(r"(?<![\w.’'-])[A-Za-z]{2,}(?![\w’'])", text))
    return [word for word, _ in found.most_common() if word not in stopped][:number]


@pytest.mark.browser
def test_common_words_are_found(handbook: Path, page: Page, worker: str) -> None:
    stopped = set(page.evaluate(STOP_WORDS, worker))
    assert {"the", "and"} <= stopped
    words = commonest(handbook, stopped, 500)
    assert len(words) == 500
    assert {"memory", "data", "time"} <= set(words)
    found = page.evaluate(ASK, [worker, None, [*FOUND_NOTHING, *words]])
    assert [word for word, locations in found.items() if not locations] == []


@pytest.mark.browser
def test_words_are_found_among_thousands_with_digits(page: Page, worker: str) -> None:
    """As long as lunr confuses the states of its automaton, it accepts words that are in no text, and fails there."""
    chance = random.Random(3)
    letters = "ab0123456789"
    words = sorted({"".join(chance.choice(letters) for _ in range(chance.randint(2, 7))) for _ in range(8000)})
    docs = [{"location": f"{number}/", "title": "", "text": " ".join(words[number::100])} for number in range(100)]
    config = {"lang": ["en"], "separator": r"\s+", "pipeline": ["stopWordFilter"]}
    index = {"config": {**config, "fields": {"title": {}, "text": {}}}, "docs": docs}
    asked = {word[:length] for word in words for length in (2, 3)}
    found = page.evaluate(ASK, [worker, index, sorted(asked)])
    assert [start for start, locations in found.items() if not locations] == []


def test_the_index_is_small_and_holds_prose(handbook: Path) -> None:
    assert (handbook / "search/search_index.json").stat().st_size <= MOST_BYTES
    texts = {entry["location"]: entry["text"] for entry in entries(handbook)}
    assert [location for location, text in texts.items() if "<pre>" in text] == []
    listings = [location for location in texts if location.partition("/")[0] in LISTINGS]
    assert len(listings) > 4
    assert [location for location in listings if "#" in location] == []
    assert "set aside" not in texts["layers/kernels/#one-product-four-ways"]


def test_a_project_without_a_stack_has_its_own_code_searched(project: Project) -> None:
    project.write("docs/own.md", "# Own\n\n```python\nfrobnicate(1)\n```\n")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    texts = {entry["location"]: entry["text"] for entry in entries(project.site)}
    assert "frobnicate(1)" in texts["own/"]
    assert "set aside" not in " ".join(texts.values())
