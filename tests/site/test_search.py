"""The handbook's search, asked as its dialogue asks it: by messages to the worker, and by the keyboard."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.stack.decisions.read import read_decisions
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.search.wording import read_questions
from tests.browsing import serving
from tests.made.built import Project
from tests.made.repository import ROOT

FOUND_NOTHING = ("memory", "data", "graph", "file", "median", "call", "step", "sample", "interval", "word", "free")
LISTINGS = ("compare", "machines", "changelog", "numbers", "facts")
MOST_BYTES = 1_500_000
ASK = """async ([address, words]) => {
  const worker = new Worker(address);
  const ask = (type, data) => new Promise((answer) => {
    worker.onmessage = (event) => answer(event.data.data);
    worker.postMessage({ type, data });
  });
  await ask(0, { ...(await (await fetch("search/search_index.json")).json()), options: { suggest: false } });
  // Until all words are indexed, names alone are searched, and the last query is answered once more.
  if (!(await ask(2, "memory")).complete) await new Promise((answer) => (worker.onmessage = answer));
  const found = {};
  for (const word of words) found[word] = (await ask(2, word)).items;
  worker.terminate();
  return found;
}"""
# Questions of readers, those of the data and others, and the pages of which one must be among the first three.
ANSWERS = {
    "how fast is my GPU": ("layers/silicon/",),
    "graphics card speed": ("layers/silicon/",),
    "what limits token generation": ("layers/serving/",),
    "why are tokens generated slowly": ("layers/serving/",),
    "should I use torch.compile": ("layers/framework/",),
    "is it worth compiling a model": ("layers/framework/",),
    "torch.compile": ("systems/torch-compile/", "layers/framework/"),
    "layer 3": ("crosswalk/",),
    "which layer is number 6": ("crosswalk/",),
    "nccl": ("layers/fabric/", "systems/collective/"),
    "NVIDIA collective library": ("systems/collective/",),
    "kv cache": ("systems/kv-cache/", "layers/serving/"),
    "key-value cache size": ("layers/serving/",),
    "TTFT": ("glossary/", "layers/application/"),
    "mixture of experts": ("layers/serving/", "layers/model/"),
    "MoE": ("layers/serving/", "layers/model/"),
    "finetuning memory": ("layers/alignment/",),
    "OOM in training": ("layers/model/",),
    "quantisation": ("systems/quantization/", "layers/serving/", "glossary/"),
    "arithmetic intensity": ("glossary/", "layers/silicon/"),
    "cost per million tokens": ("layers/economics/",),
    "is pickle safe": ("layers/security/",),
    "how are the numbers measured": ("guide/how-we-measure/",),
    "bandwith": ("layers/silicon/", "glossary/", "layers/fabric/"),
}
Found = dict[str, list[list[dict[str, Any]]]]


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


def commonest(handbook: Path, number: int) -> list[str]:
    """The words most used in the running text of the pages, as their Markdown has it: without code and tables."""
    found: Counter[str] = Counter()
    for path in handbook.rglob("index.md"):
        if path.relative_to(handbook).parts[0] not in LISTINGS:
            text = unescape(
                re.sub(r"```.*?```|^\|[^\n]*$", " ", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
            )
            text = re.sub(r"\]\([^)]*\)|`[^`\n]*`|<[^>]*>", " ", text)
            found.update(word.lower() for word in re.findall(r"(?<![\w.’'-])[A-Za-z]{2,}(?![\w’'])", text))
    return [word for word, _ in found.most_common(number)]


@pytest.mark.browser
def test_common_words_are_found_with_a_piece_of_prose(handbook: Path, page: Page, worker: str) -> None:
    words = commonest(handbook, 500)
    assert len(words) == 500
    assert {"the", "memory", "data", "time"} <= set(words)
    found: Found = page.evaluate(ASK, [worker, [*FOUND_NOTHING, *words]])
    assert [word for word, groups in found.items() if not groups] == []
    shown = [item["text"] for groups in found.values() for group in groups for item in group if item["text"]]
    bare = [re.sub("</?(?:p|mark)>", "", text) for text in shown]
    assert [text for text in bare if "<" in text or len(unescape(text)) > 230] == []


@pytest.mark.browser
def test_a_question_leads_to_the_page_that_answers_it(page: Page, worker: str) -> None:
    found: Found = page.evaluate(ASK, [worker, list(ANSWERS)])
    pages = {query: [group[0]["location"].partition("#")[0] for group in groups] for query, groups in found.items()}
    assert {query: pages[query][:3] for query, known in ANSWERS.items() if not {*known} & {*pages[query][:3]}} == {}


@pytest.mark.browser
def test_a_decision_is_found_by_its_question(page: Page, worker: str) -> None:
    stack = read_stack(Layout(ROOT), [])
    assert stack
    decisions = {one.question: f"layers/{one.layer}/#{one.anchor}" for one in read_decisions(Layout(ROOT), [], stack)}
    assert len(decisions) > 40
    found: Found = page.evaluate(ASK, [worker, list(decisions)])
    first = {query: [item["location"] for group in groups[:3] for item in group] for query, groups in found.items()}
    assert {query: first[query] for query, address in decisions.items() if address not in first[query]} == {}


@pytest.mark.browser
def test_the_dialogue_is_used_by_keyboard(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("what limits token generation")
    results = page.locator(".md-search-result__link")
    expect(results.first).to_be_visible()
    expect(page.locator(".md-search-result__meta")).to_contain_text("matching documents")
    expect(results.first).to_have_attribute("href", re.compile("/layers/serving/"))
    page.wait_for_timeout(500)  # results of the last letters may still come, and a new list has no focus
    page.keyboard.press("ArrowDown")
    expect(results.first).to_be_focused()
    assert page.locator(".md-search-result__article mark").count() > 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/layers/serving/**")


def test_the_index_is_small_and_holds_prose(handbook: Path) -> None:
    assert (handbook / "search/search_index.json").stat().st_size <= MOST_BYTES
    texts = {entry["location"]: entry["text"] for entry in entries(handbook)}
    assert [location for location in texts if location.partition("/")[0] in LISTINGS and "#" in location] == []
    assert {"", "machines/", "layers/serving/#decide-bits", "glossary/#term-kv-cache"} <= texts.keys()
    assert "set aside" not in texts["layers/kernels/#one-product-four-ways"]
    listed = ("from stackdoc import", "¶")  # what every script and every heading has
    assert [location for location, text in texts.items() if any(mark in text for mark in listed)] == []


def test_a_project_without_a_stack_has_its_own_code_searched(project: Project) -> None:
    project.write("docs/own.md", "# Own\n\n```python\nfrobnicate(1)\n```\n")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    texts = {entry["location"]: entry["text"] for entry in entries(project.site)}
    assert "frobnicate(1)" in texts["own/"]
    assert "set aside" not in " ".join(texts.values())


def test_a_project_may_ask_for_the_search_and_a_page_for_its_weight(project: Project) -> None:
    plugins = "plugins:\n  - search\n  - stackdoc: {prefix: '', search: true}\n"
    project.write("mkdocs.yml", f"site_name: S\ntheme: {{name: material, font: false}}\n{plugins}")
    project.write("docs/own.md", "---\nsearch:\n  boost: 3\n---\n# Own\n\nProse.\n\n```python\nfrobnicate(1)\n```\n")
    project.write("docs/not.md", "---\nsearch:\n  exclude: true\n---\n# Not\n\nProse.\n")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    own = [entry for entry in entries(project.site) if entry["location"] in ("own/", "not/")]
    assert own == [{"location": "own/", "title": "Own", "text": "Prose.", "boost": 3.0}]
    (script,) = project.site.glob("assets/javascripts/workers/search.*.js")
    assert "MiniSearch" in script.read_text("utf-8")


def test_every_question_of_the_data_leads_to_an_entry(handbook: Path) -> None:
    problems: list[Problem] = []
    named = {question.page for question in read_questions(Layout(ROOT), problems)}
    known = {entry["location"].replace("/#", ".md#").removesuffix("/") for entry in entries(handbook)}
    assert problems == []
    assert {name.removesuffix(".md") for name in named} - known == set()
