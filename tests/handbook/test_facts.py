"""The handbook's cited numbers: where they were read, whether sums can use them, and a few as their sources print."""

from __future__ import annotations

import pytest

from stackdoc.laws.amount import parse_amount
from tests.made.repository import ROOT
from tests.made.yaml_data import yaml_of

FILES = sorted((ROOT / "docs/data/facts").glob("*.yml"))
FACTS: dict[str, dict[str, str]] = {fact["id"]: fact for file in FILES for fact in yaml_of(file)}

# What the sources print: configurations of models, formats, a data sheet, a report of an operator, a list of prices.
PRINTED = {
    "llama-3-70b-layers": "80",
    "llama-3-70b-kv-heads": "8",
    "llama-3-70b-width": "8192",
    "llama-3-70b-vocabulary": "128256",
    "deepseek-v3-layers": "61",
    "deepseek-v3-experts": "256",
    "fp8-e4m3-largest": "448",
    "fp8-e5m2-largest": "57344",
    "h100-memory-bandwidth": "3.35",
    "h100-fp8-dense": "1979",
    "llama-3-unexpected-stops": "419",
    "llama-3-characters-per-token": "3.94",
    "weights-only-bypass-2025": "9.3",
    "token-price-output": "0.6",
}


def base(id: str) -> float:
    """The fact as a sum on a page reads it, in SI base units."""
    fact = FACTS[id]
    return parse_amount(f"{fact['value']} {'' if fact['unit'] == '1' else fact['unit']}").base


def test_at_most_a_fifth_is_second_hand() -> None:
    second_hand = [id for id, fact in FACTS.items() if "second hand" in fact.get("note", "").lower()]
    assert len(second_hand) <= len(FACTS) / 5, second_hand


def test_no_fact_of_llama_3_is_second_hand() -> None:
    assert [
        id for id, fact in FACTS.items() if "Llama 3" in fact["source"] and "econd hand" in fact.get("note", "")
    ] == []


def test_each_file_holds_the_facts_of_its_layer() -> None:
    assert [fact["id"] for file in FILES for fact in yaml_of(file) if fact["layer"] != file.stem] == []
    assert sum(len(yaml_of(file)) for file in FILES) == len(FACTS)


@pytest.mark.parametrize("id", PRINTED)
def test_a_fact_is_as_its_source_prints_it(id: str) -> None:
    assert FACTS[id]["value"] == PRINTED[id]


@pytest.mark.parametrize("id", [id for id in FACTS if id.startswith(("llama-3-70b-", "deepseek-v3-"))])
def test_a_sum_can_use_the_facts_of_the_models(id: str) -> None:
    assert base(id) > 0


def test_derived_facts_follow_from_the_others() -> None:
    layers, width, heads, kv_heads, head_width, feed_forward, vocabulary = (
        base(f"llama-3-70b-{name}")
        for name in ("layers", "width", "heads", "kv-heads", "head-width", "feed-forward-width", "vocabulary")
    )
    assert heads * head_width == width
    layer = 2 * width * head_width * (heads + kv_heads) + 3 * width * feed_forward + 2 * width
    assert base("llama-3-70b-parameters") == 2 * vocabulary * width + layers * layer + width
    assert base("llama-3-70b-kv-per-token") == 2 * layers * kv_heads * head_width * 2
    assert base("mxfp4-bits") * 8 == 4 + 8 / base("mx-block")
    assert base("nvfp4-bits") * 8 == 4 + 8 / base("nvfp4-block")
    assert base("slow-answers-by-fan-out") == pytest.approx(1 - 0.99**100, abs=0.005)


def test_whoever_gains_by_a_number_is_named() -> None:
    for id in (
        "reserved-and-idle",
        "gpt-4o-gujarati-tokens",
        "multi-agent-tokens",
        "malicious-models-found",
        "h100-fp8-dense",
    ):
        assert "Interest: " in FACTS[id]["note"], id
    assert "2017" in FACTS["reserved-and-idle"]["conditions"]
