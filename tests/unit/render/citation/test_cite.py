"""Citations, read back by the parsers that people use."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackdoc.errors import StackdocError
from stackdoc.model.provenance import Withdrawal
from stackdoc.project import Layout
from stackdoc.render.citation.cite import FORMATS, block, cite, reference
from stackdoc.site.site import Site
from tests.made import two_machines

ADDRESS = "https://example.org/handbook/"
TARGETS = ("kernels/gemm", "aaaaaaaaaaaa", "aaaaaaaaaaaa#library;n=512", "kernels")
TITLES = st.text(min_size=1, max_size=80) | st.sampled_from(
    [two_machines.HOSTILE, "100 % of “peak” & {TF32} _x_ ~ λ × 2 # \\ $y$ – naïve"]
)


def titled(root: Path, title: str) -> Site:
    site = two_machines.site(root)
    return replace(site, examples={id: replace(one, title=title) for id, one in site.examples.items()})


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TITLES)
def test_bibtex_reads_back_as_one_entry_with_the_title(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    library = bibtexparser.parse_string(
        cite(site, target, "bibtex", ADDRESS), append_middleware=[LatexDecodingMiddleware()]
    )
    assert not library.failed_blocks
    assert len(library.entries) == 1
    work = reference(site, target, ADDRESS)
    fields = {name: field.value for name, field in library.entries[0].fields_dict.items()}
    assert fields["title"].strip("{}") == work.title
    assert fields["url"] == work.url
    assert fields["author"] == "The stackdoc project"
    assert "author = {{The stackdoc project}}" in cite(site, target, "bibtex")


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TITLES)
def test_ris_reads_back_as_one_entry_with_the_title(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    text = cite(site, target, "ris", ADDRESS)
    entries = rispy.loads(text)
    work = reference(site, target, ADDRESS)
    assert len(entries) == 1
    assert entries[0]["title"] == work.title
    assert entries[0]["urls"] == [work.url.replace(";", "%3B")]
    assert text.endswith("ER  - \r\n")
    assert text.count("\n") == text.count("\r\n")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TITLES)
def test_csl_json_holds_what_the_others_hold(tmp_path: Path, title: str) -> None:
    site = titled(tmp_path, title)
    (item,) = json.loads(cite(site, "aaaaaaaaaaaa", "csl-json", ADDRESS))
    assert item["title"] == reference(site, "aaaaaaaaaaaa", ADDRESS).title
    assert item["issued"] == {"date-parts": [[2026, 11, 20]]}
    assert item["URL"] == f"{ADDRESS}r/aaaaaaaaaaaa/"


def test_a_figure_is_cited_with_its_interval_its_count_and_its_address(tmp_path: Path) -> None:
    sentence = cite(two_machines.site(tmp_path), "aaaaaaaaaaaa#library;n=512", address=ADDRESS)
    for part in (
        "3.36 ms",
        "95 % interval 3.29 to 3.42 ms",
        "9 launches × 24 blocks × 4 calls",
        "torch.mm, n = 512",
        "2-core Zen 4 server CPU, 24 GiB",
        "torch 2.13.0",
        "2026-11-20 UTC",
        "record aaaaaaaaaaaa",
        "https://example.org/handbook/r/aaaaaaaaaaaa/#library;n=512",
    ):
        assert part in sentence.replace("\xa0", " ")


def test_the_revision_of_a_layer_changes_with_its_figures(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    faster = two_machines.another(
        9e10,
        measured_at="2026-11-21T00:00:00Z",
    )
    before, after = (reference(one, "kernels") for one in (site, two_machines.site(tmp_path, faster)))
    assert before.number != after.number
    assert (before.date, after.date) == ("2026-11-20", "2026-11-21")


@pytest.mark.parametrize(
    ("target", "format", "said"),
    [
        ("kernel", "text", "did you mean 'kernels'?"),
        ("aaaaaaaaaaaa#libary;n=512", "text", "did you mean 'library;n=512'?"),
        ("kernels", "bibtx", "did you mean 'bibtex'?"),
    ],
)
def test_what_can_not_be_cited_is_named(tmp_path: Path, target: str, format: str, said: str) -> None:
    with pytest.raises(StackdocError, match=said.replace("?", r"\?")):
        cite(two_machines.site(tmp_path), target, format)


def test_an_example_is_cited_on_the_machine_that_is_named(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    for target in ("kernels/gemm@sapphire-16c-128g-h200-77aa", "kernels/gemm@sapphire-16c-128g-h200-77aa/cuda"):
        assert reference(site, target).number == "bbbbbbbbbbbb"
    assert reference(site, "kernels/gemm@here").number == "aaaaaaaaaaaa"
    assert reference(site, "AAAAAAAAAAAA").number == "aaaaaaaaaaaa"


def test_a_comparison_states_both_sides_and_every_difference(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    sentence = cite(site, "kernels/gemm@here,sapphire-16c-128g-h200-77aa#library;n=512", address=ADDRESS)
    for part in (
        "3.36 ms (95 % interval 3.29 to 3.42 ms",
        "against 6.7 µs (95 % interval 6.6 to 6.8 µs",
        "0.0020× the time (95 % interval 0.0018 to 0.0022×): faster",
        "machine: zen4-2c-24g-9f3a and sapphire-16c-128g-h200-77aa",
        "device: cpu and cuda",
        "driver: none and 580.10",
        "torch: 2.13.0 and 2.12.0",
        f"{ADDRESS}r/aaaaaaaaaaaa/#library;n=512",
        f"{ADDRESS}r/bbbbbbbbbbbb/#library;n=512",
    ):
        assert part in sentence.replace("\xa0", " ")


def test_a_fact_is_cited_as_its_source_says_it_and_a_row_with_its_document(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    fact, row = (cite(site, target, address=ADDRESS) for target in ("h100-bf16-dense", "8-layer:2"))
    assert fact.startswith("Peak rate: 989 TFLOP/s (bf16, dense), NVIDIA (datasheet), 2023-03, https://example.org/,")
    assert fact.endswith(f"{ADDRESS}facts/#fact-h100-bf16-dense")
    assert row == (
        "A. Author, “Kernels”, layer 8-layer:2 of Eight layers, eight.pdf, SHA-256 00, read 2026-11-01, "
        f"{ADDRESS}sources/8-layer/#layer-2"
    )


def test_a_layer_is_cited_with_the_records_it_shows_and_a_revision_of_its_text(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    assert "showing records aaaaaaaaaaaa and bbbbbbbbbbbb" in cite(site, "kernels")
    before = reference(site, "kernels").number
    assert reference(two_machines.changed(site, layer_texts={"kernels": "# Kernels\n"}), "kernels").number != before


def test_a_contributed_and_a_withdrawn_record_say_so_wherever_they_are_cited(tmp_path: Path) -> None:
    one = two_machines.another(
        9e10,
        extra={"contributor": "A. Person"},
    )
    withdrawn = {one.id: Withdrawal(one.id, "2026-11-23", "The clock was wrong.")}
    sentence = cite(two_machines.site(tmp_path, one, withdrawn=withdrawn), one.id)
    assert "contributed by A. Person, not verified by the project, withdrawn on 2026-11-23" in sentence


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("kernels/gemm@sapphire-16c-128g-h200-77ab", "did you mean 'sapphire-16c-128g-h200-77aa/cuda'?"),
        ("kernels/gemm@here,sapphire-16c-128g-h200-77aa", "add #POINT; known: plain;n=128"),
        ("aaaaaaaaaaaa,cccccccccccc#gemm;n=512", "has no point 'gemm;n=512'"),
        ("aaaaaaaaaaaa,dddd#library;n=512", "'dddd' is neither a record nor an example"),
        ("8-layer:3", "did you mean '8-layer:2'?"),
        ("fact:h100-bf16-dens", "did you mean"),
    ],
)
def test_what_comes_near_a_target_is_named(tmp_path: Path, target: str, said: str) -> None:
    with pytest.raises(StackdocError, match=re.escape(said)):
        cite(two_machines.site(tmp_path), target)


@pytest.mark.parametrize(
    "target", [*TARGETS, "aaaaaaaaaaaa,bbbbbbbbbbbb#library;n=512", "8-layer:2", "h100-bf16-dense"]
)
def test_a_page_offers_each_format_as_it_is_written(tmp_path: Path, target: str) -> None:
    site = two_machines.site(tmp_path)
    work = reference(site, target, ADDRESS)
    html = str(block(site, work))
    shown = re.findall(r'<pre data-format="([a-z-]+)" data-name="[^"]+">(.*?)</pre>', html, re.DOTALL)
    assert [name for name, _ in shown] == list(FORMATS)
    for name, text in shown:
        assert unescape(text) == cite(site, target, name, ADDRESS).replace("\r\n", "\n").strip()
    assert "\n\n" not in html  # Markdown would take a blank line for the end of the block


@pytest.mark.parametrize("prefix", ["", "stackdoc/"])
def test_without_an_address_a_page_cites_from_the_root_of_the_site(tmp_path: Path, prefix: str) -> None:
    site = replace(two_machines.site(tmp_path), layout=Layout(tmp_path, prefix=prefix))
    html = str(block(site, reference(site, "aaaaaaaaaaaa#library;n=512")))
    assert set(re.findall(r"[\w/]*/r/", html)) == {f"/{prefix}r/"}
    assert '<a href="/" hidden data-home></a>' in html
