"""Sums on pages: what a fence and a role `calc` show, where each number leads, and what stops the build."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.errors import Problem, StackdocError
from stackdoc.laws.law import Law, Symbol, Vector
from stackdoc.project import Layout
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import role
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import page as laws_page
from stackdoc.stack.laws.calc import depends_on_page
from stackdoc.stack.laws.formatting import format_exact, format_number, format_value
from stackdoc.stack.laws.read import read_laws
from stackdoc.stack.laws.uses import NamedCalculation, Uses, find_uses
from stackdoc.statistics import quantity
from tests.made import two_machines
from tests.made.choices import HERE, THERE, parts
from tests.made.laws import KV

NBSP = "\u00a0"
FACT = Fact("speed", "silicon", "Speed of a memory", "3.35", "TB/s", "", "datasheet", "A sheet", "2026")
RANGE = replace(FACT, id="range", value="3 to 4")
ODD = replace(FACT, id="odd", value="3", unit="of 10")
VECTORS = (Vector({"bytes": "1 TB", "bandwidth": "10 TB/s"}, "100 ms", "a glossary", url="https://example.org/"),)
READ = Law(
    "read-time",
    "silicon",
    "Time to read bytes",
    "bytes / bandwidth",
    "s",
    {"bytes": Symbol("B", "bytes read"), "bandwidth": Symbol("B/s", "bandwidth of memory")},
    "counting",
    VECTORS,
    note="Where the memory is the limit.",
)
SIZE = Law(
    "size",
    "silicon",
    "Size of so many numbers",
    "count * size",
    "B",
    {"count": Symbol("token", "numbers"), "size": Symbol("B", "size of one")},
    "counting",
    (Vector({"count": 2, "size": 2}, 4, "counting"),),
)
RATE = 'measured: "kernels/gemm library n=512 rate"'


def site(root: Path, **data: Any) -> Site:
    facts = {one.id: one for one in (FACT, RANGE, ODD)}
    ratio = replace(
        READ,
        id="share",
        expression="bytes / bandwidth",
        symbols={"bytes": Symbol("FLOP/s", "rate reached"), "bandwidth": Symbol("FLOP/s", "rate possible")},
        unit="1",
    )
    laws = {one.id: one for one in (READ, SIZE, ratio)}
    return two_machines.site(root, **{"laws": laws, "facts": facts, **data})


def calc(root: Path, law: str, rest: str = "", **data: Any) -> str:
    return fence(site(root, **data), f"calc: {law}\n{rest}", "docs/x.md", 10)


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).replace(NBSP, " ")


def test_a_fence_shows_the_law_its_numbers_with_their_sources_and_the_result(tmp_path: Path) -> None:
    html = calc(tmp_path, "read-time", "with:\n  bytes: {given: 140 GB}\n  bandwidth: {fact: speed}\nin: ms\n")
    assert '<data class="sd-sum" value="0.04179104477611940' in html
    assert "Time to read bytes: 41.8 ms" in plain(html)
    assert 'href="/laws/#law-read-time"' in html
    assert 'href="/facts/#fact-speed"' in html
    assert 'data-fact="speed"' in html
    assert '<span class="sd-given">140\u00a0GB</span>' in html
    assert "bytes read (assumed)" in plain(html)
    assert "bandwidth of memory (cited)" in plain(html)
    assert html.count("<math") == 2
    assert "data-choice" not in html


def test_a_number_without_a_unit_has_that_of_its_symbol(tmp_path: Path) -> None:
    html = calc(tmp_path, "size", "with: {count: 8192, size: {given: 2}}\nin: KiB\n")
    assert "16 KiB" in plain(html)
    assert "8192 tokens" in plain(html)
    assert "<mtext>8192</mtext><mo>·</mo><mtext>2\u00a0B</mtext><mo>=</mo><mtext>16\u00a0KiB</mtext>" in html


def test_a_law_may_be_a_number_of_another_law(tmp_path: Path) -> None:
    inner = "{law: size, with: {count: 1e9, size: 2 B}}"
    html = calc(tmp_path, "read-time", f"with:\n  bytes: {inner}\n  bandwidth: 1 TB/s\n")
    assert "2 ms" in plain(html)
    assert 'href="/laws/#law-size"' in html
    assert "by size of so many numbers" in plain(html)


def test_a_measured_number_follows_the_machine_and_carries_its_interval(tmp_path: Path) -> None:
    html = calc(tmp_path, "share", f"with:\n  bytes: {{{RATE}}}\n  bandwidth: 1 TFLOP/s\nin: '%'\n")
    found = parts(html)
    assert set(found) == {HERE, THERE}
    record = next(
        one for one in site(tmp_path).records.values() if one.device == "cpu" and one.example == "kernels/gemm"
    )
    figure = quantity(record, "library;n=512", "rate")
    assert figure
    assert f'value="{figure.value / 1e12!r}"' in html
    assert "from the interval of the measurement" in html
    assert 'data-record="aaaaaaaaaaaa"' in html


def test_a_machine_without_a_record_says_not_measured_here(tmp_path: Path) -> None:
    bare = replace(site(tmp_path), records={}, measured_here=frozenset())
    body = f"calc: share\nwith:\n  bytes: {{{RATE}}}\n  bandwidth: 1 TFLOP/s\n"
    assert "not measured here (Time to read bytes)" in fence(bare, body, "docs/x.md", 1)
    words = 'share bytes="measured:kernels/gemm library n=512 rate" bandwidth=1TFLOP/s'
    assert ">not measured here</span>" in role(bare, "calc", words, "docs/x.md", 1)


def test_an_odd_record_of_another_machine_never_makes_a_page_fail(tmp_path: Path) -> None:
    """It may have more points by that name, and values in units that nobody knows."""
    made = site(tmp_path)
    (id, other) = next((id, one) for id, one in made.records.items() if one.machine == two_machines.HOPPER)
    (asked,) = (point for point in other.points if point.key == "library;n=512")
    twice = replace(asked, parameters=(*asked.parameters, ("odd", 1)))
    odd = replace(made, records={**made.records, id: replace(other, points=(*other.points, twice))})
    html = fence(odd, f"calc: share\nwith:\n  bytes: {{{RATE}}}\n  bandwidth: 1 TFLOP/s\n", "docs/x.md", 1)
    words = {key: "".join(one.itertext()) for key, one in parts(html).items()}
    assert "not measured here" in words[THERE]
    assert "not measured here" not in words[HERE]


def test_a_role_shows_the_result_with_the_sum_as_its_title(tmp_path: Path) -> None:
    html = role(site(tmp_path), "calc", 'read-time bytes="140 GB" bandwidth=fact:speed in ms', "docs/x.md", 3)
    assert plain(html) == "41.8 ms"
    assert 'href="/laws/#law-read-time"' in html
    assert "bytes / bandwidth, with bytes 140\u00a0GB (assumed); bandwidth 3.35\u00a0TB/s (cited)" in html


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("with: {bytes: 1 GB}\n", "x.md:11: law 'read-time' lacks bandwidth; bandwidth: bandwidth of memory"),
        ("", "x.md:10: law 'read-time' lacks bytes, bandwidth"),
        (
            "with:\n  bytes: 1 GB\n  bandwith: 1 B/s\n",
            "x.md:13: law 'read-time' has no symbol 'bandwith'",
        ),
        ("with:\n  bytes: 1 GB\n  bandwidth: {fact: sped}\n", "x.md:13: unknown fact 'sped'; did you mean 'speed'?"),
        (
            "with:\n  bytes: 1 GB\n  bandwidth: {fact: range}\n",
            "x.md:13: fact 'range' can't be used: '3 to 4 TB/s'",
        ),
        (
            "with:\n  bytes: 1 GB\n  bandwidth: {fact: odd}\n",
            "x.md:13: fact 'odd' can't be used: 'of 10' is not a unit",
        ),
        (
            "with:\n  bytes: {fact: speed}\n  bandwidth: 1 B/s\n",
            "x.md:12: fact 'speed' is [information] / [time]",
        ),
        ("with:\n  bytes: 3 s\n  bandwidth: 1 B/s\n", "x.md:12: bytes is [time] (s), where B is expected"),
        ("with:\n  bytes: 3 GBt\n  bandwidth: 1 B/s\n", "x.md:12: bytes: unknown unit 'GBt'; did you mean"),
        (
            "with:\n  bytes: {facts: a}\n  bandwidth: 1 B/s\n",
            "x.md:12: bytes does not state where its value comes from",
        ),
        ("with:\n  bytes: {given: 1, in: B}\n  bandwidth: 1 B/s\n", "x.md:12: unknown key 'in' beside given"),
        ("with:\n  bytes: {law: siz}\n  bandwidth: 1 B/s\n", "x.md:12: unknown law 'siz'; did you mean 'size'?"),
        ("with:\n  bytes: {law: size, with: {count: 1}}\n  bandwidth: 1 B/s\n", "x.md:12: law 'size' lacks size"),
        ("with:\n  bytes: {law: size, with: [a]}\n  bandwidth: 1 B/s\n", "x.md:12: with is \"['a']\"; it must"),
        ("with:\n  bytes: {law: size, with: ab}\n  bandwidth: 1 B/s\n", "x.md:12: with is 'ab'; it must be a mapping"),
        ("with:\n  bytes: {sum: a}\n  bandwidth: 1 B/s\n", "x.md:12: no calculation 'a' above on this page"),
        ("with:\n  bytes: {measured: a}\n  bandwidth: 1 B/s\n", "x.md:12: 'a' is too short"),
        ("with:\n  bytes: 1\n  bandwidth: {measured: kernels/gem a time}\n", "x.md:13: unknown example 'kernels/gem'"),
        ("with:\n  bytes: 1\n  bandwidth: {measured: kernels/gemm library n=512 tim}\n", "unknown quantity 'tim'"),
        ("with:\n  bytes: 1\n  bandwidth: {measured: kernels/gemm library n=512 time}\n", "is [time] (s), where B/s"),
        ("with: {bytes: 1, bandwidth: 1}\nin: GB\n", "x.md:12: the result of 'read-time' is [information] (GB)"),
        ("with: {bytes: 1, bandwidth: 1}\nin: mss\n", "x.md:12: unknown unit 'mss'"),
        ("with: {bytes: 1, bandwidth: 0}\n", "x.md:10: law 'read-time' divides by zero"),
        ("with: {bytes: 1, bandwidth: 1}\nas: A b\n", "x.md:12: 'A b' is not a valid name"),
        ("with: [1]\n", "it must be a mapping"),
        ("within: 1\n", "unknown key 'within'"),
    ],
)
def test_what_is_wrong_with_a_sum_stops_the_build_at_its_line(tmp_path: Path, rest: str, said: str) -> None:
    with pytest.raises(StackdocError, match=re.escape(said)):
        calc(tmp_path, "read-time", rest)


def test_an_unknown_law_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match="unknown law 'read-tim'; did you mean 'read-time'"):
        calc(tmp_path, "read-tim", "with: {}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("read-time bytes", "'bytes' is not SYMBOL=VALUE"),
        ("read-time bytes=1 bytes=2", "duplicate symbol 'bytes'"),
        ('read-time bytes="1', "can't be read"),
        ("", "can't be read"),
        ("read-time bytes=1 bandwidth=1 in GB", "the result of 'read-time' is [information]"),
    ],
)
def test_a_malformed_role_is_refused(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(StackdocError, match=re.escape(said)):
        role(site(tmp_path), "calc", words, "docs/x.md", 3)


def test_a_later_sum_takes_an_earlier_one_of_its_page(tmp_path: Path) -> None:
    keys = {"calc": "size", "with": {"count": 1000, "size": "2 B"}, "as": "all"}
    named = {("docs/x.md", "all"): NamedCalculation("docs/x.md", 3, keys, 7)}
    assets = Assets()
    body = "calc: read-time\nwith: {bytes: {sum: all}, bandwidth: 1 MB/s}\n"
    html = fence(site(tmp_path, uses=Uses({}, named)), body, "docs/x.md", 10, assets)
    assert "2 ms" in plain(html)
    assert 'href="#sum-all"' in html
    assert not assets.cacheable
    for file, line in (("docs/y.md", 10), ("docs/x.md", 2)):
        with pytest.raises(StackdocError, match="no calculation 'all' above"):
            fence(site(tmp_path, uses=Uses({}, named)), body, file, line)


def page(root: Path, text: str) -> str:
    """The page `docs/x.md` with that text, on a site whose sums were read from it."""
    (root / "docs").mkdir(exist_ok=True)
    (root / "docs/x.md").write_text(text, "utf-8")
    extension = StackdocExtension()
    extension.site, extension.file = site(root, uses=find_uses(Layout(root))), "docs/x.md"
    return Markdown(extensions=["fenced_code", extension]).convert(text)


def test_a_sum_can_not_rest_on_itself(tmp_path: Path) -> None:
    body = "calc: size\nwith: {count: 3, size: {sum: all}}\nas: all\n"
    with pytest.raises(StackdocError, match=r"x\.md:3: no calculation 'all' above on this page"):
        page(tmp_path, f"```stackdoc\n{body}```\n")


def test_two_sums_of_one_page_have_two_names(tmp_path: Path) -> None:
    sums = [f"```stackdoc\ncalc: size\nwith: {{count: {count}, size: 2}}\nas: all\n```\n" for count in (3, 4)]
    with pytest.raises(StackdocError, match=r"x\.md:10: duplicate name 'all', first used on line 1"):
        page(tmp_path, "\n".join(sums))


def test_a_sum_named_in_quotes_is_that_of_the_page() -> None:
    words = ("bytes=sum:all", "{sum: all}", '{"sum": all}', "{'sum' : all}", "bytes: {fact: sums}", "consum: all")
    assert [depends_on_page(one) for one in words] == [True] * 4 + [False] * 2


def test_sums_of_one_name_on_two_pages_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    found = {}
    for page, count in (("a", 1000), ("b", 3000)):
        text = (
            f"```stackdoc\ncalc: size\nwith: {{count: {count}, size: 2 B}}\nas: all\n```\n\n"
            "```stackdoc\ncalc: read-time\nwith: {bytes: {sum: all}, bandwidth: 1 MB/s}\n```\n\n"
            "It takes {calc}`read-time bytes=sum:all bandwidth=1MB/s`.\n"
        )
        (tmp_path / f"docs/{page}.md").write_text(text, "utf-8")
        found[page] = text
    whole = site(tmp_path, uses=find_uses(Layout(tmp_path)))
    extension = StackdocExtension()
    extension.site = whole
    shown_on = {}
    for page, text in found.items():
        extension.file = f"docs/{page}.md"
        shown_on[page] = plain(Markdown(extensions=["fenced_code", extension]).convert(text))
    assert shown_on["a"].count("2 ms") >= 2
    assert "It takes 2 ms" in shown_on["a"]
    assert "It takes 6 ms" in shown_on["b"]


def test_quoted_fences_are_no_sums(tmp_path: Path) -> None:
    (tmp_path / "docs/guide").mkdir(parents=True)
    quoted = "````markdown\n```stackdoc\ncalc: size\nas: all\n```\n````\n"
    real = "\n  ~~~stackdoc\n  calc: read-time\n  with: {bytes: {law: size}}\n  as: time\n  ~~~\n"
    held = "```stackdoc\nwhen: a\nholds: Is {calc}`little rate=1`.\n```\n"
    text = f"# A page {{#a}}\n{quoted}{real}{held}\n`{{calc}}`\n\nIs {{calc}}`mfu flop=1`.\n"
    (tmp_path / "docs/guide/a.md").write_text(text, "utf-8")
    found = find_uses(Layout(tmp_path))
    assert set(found.by_law) == {"read-time", "size", "mfu", "little"}
    assert found.by_law["mfu"] == (("guide/a.md", "A page"),)
    assert [(name, one.line) for (_, name), one in found.calculations.items()] == [("time", 9)]


def test_a_draft_or_excluded_page_does_not_count_as_a_use(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: Ours\nexclude_docs: |\n  old/\ndraft_docs: later.md\n", "utf-8")
    for name in ("index.md", "later.md", "old/index.md", ".hidden/index.md", "templates/page.md"):
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(f"# {name}\n\nIs {{calc}}`mfu flop=1`.\n", "utf-8")
    assert find_uses(Layout(tmp_path)).by_law == {"mfu": (("index.md", "index.md"),)}


def test_the_page_of_laws_lists_each_with_its_tests_and_its_users(tmp_path: Path) -> None:
    made = site(tmp_path, uses=Uses({"read-time": (("layers/silicon.md", "Silicon"), ("guide/index.md", "Guide"))}, {}))
    example = next(iter(made.examples.values()))
    called = replace(example, source=example.source + '\nex.law("read-time", bytes=1, bandwidth=1)\n')
    text = laws_page.page(replace(made, examples={example.id: called})).text
    assert "### Time to read bytes { #law-read-time }" in text
    assert "bandwidth 10 TB/s: <strong>100 ms</strong>" in text
    assert 'href="https://example.org/"' in text
    assert "Where the memory is the limit." in text
    assert '<a href="/layers/silicon/">Silicon</a>' in text
    assert 'href="/guide/"' in text
    assert f'href="/examples/{example.id}/"' in text


def test_an_example_that_calls_an_unknown_law_or_hides_its_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs/data/laws").mkdir(parents=True)
    (tmp_path / "docs/data/laws/kernels.yml").write_text(KV, "utf-8")
    example = next(iter(site(tmp_path).examples.values()))
    source = 'ex.law("kv", layers=1)\nex.law(\n    "other"\n)\n'

    def said(data: tuple[str, ...]) -> list[str]:
        problems: list[Problem] = []
        known = {example.id: replace(example, source=source, data=data)}
        assert set(read_laws(Layout(tmp_path), problems, handbook(site(tmp_path)).stack, known)) == {"kv"}
        return [str(one) for one in problems]

    unknown = f"{example.path}:2: unknown law 'other'; known: kv"
    assert said(("docs/data/laws/kernels.yml",)) == [unknown]
    hidden = f"{example.path}:1: law 'kv' is in docs/data/laws/kernels.yml; add that file to data in the header"
    assert said(()) == [hidden, unknown]


@pytest.mark.parametrize(
    ("value", "unit", "asked", "text"),
    [
        (2.684e9, "B", "", "2.68 GB"),
        (2048.0, "B", "B", "2048 B"),
        (0.0418, "s", "", "41.8 ms"),
        (3.8e6, "s", "", "3 800 000 s"),
        (3.8e6, "s", "day", "44.0 days"),
        (295.22, "FLOP/B", "", "295 FLOP/B"),
        (5.88e23, "FLOP", "", "5.88×10²³ FLOP"),
        (5.88e23, "FLOP", "ZFLOP", "588 ZFLOP"),
        (0.273, "1", "%", "27.3 %"),
        (0.273, "1", "", "0.273"),
        (20.0, "1", "", "20"),
        (240.2, "token", "", "240 tokens"),
        (1.0, "token", "", "1 token"),
        (5.576e6, "USD", "", "5 580 000 USD"),
        (6.54e-6, "USD/Mtoken", "", "6.54 USD/Mtoken"),
        (0.0, "s", "", "0 s"),
        (-2.5, "1", "", "\u22122.50"),
        (3.1e-7, "1", "", "3.10×10\u207b⁷"),
    ],
)
def test_a_result_has_three_digits_and_a_unit_that_suits_it(value: float, unit: str, asked: str, text: str) -> None:
    assert re.sub("[\u00a0\u202f]", " ", format_value(value, unit, requested=asked)) == text


def test_a_given_number_stays_as_it_was_given() -> None:
    assert [format_exact(one) for one in (8192.0, 7e10, 0.125, 1e-7, -2.0)] == [
        "8192",
        "7×10¹⁰",
        "0.125",
        "1×10⁻⁷",
        "\u22122",
    ]
    assert format_number(1234.0) == "1234"
