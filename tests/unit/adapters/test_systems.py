"""Which environments `stackdoc env measure` makes first."""

from __future__ import annotations

from stackdoc.adapters.systems import by_demand
from stackdoc.model.environment import Environment
from tests.made.records import made_example


def test_environments_whose_examples_decide_claims_come_first() -> None:
    environments = [Environment(name, "", ()) for name in ("unused", "many", "quoted", "decisive", "also-decisive")]
    examples = [
        *(made_example(id=f"a/{number}", environment="many") for number in range(9)),
        made_example(id="a/number", environment="quoted"),
        made_example(id="a/claim", environment="decisive"),
        made_example(id="a/other-claim", environment="also-decisive"),
        made_example(id="a/plain", environment="also-decisive"),
        made_example(id="a/no-environment"),
    ]
    ranks = {"a/claim": 0, "a/other-claim": 0, "a/number": 1, "a/no-environment": 0}
    assert [environment.name for environment in by_demand(environments, examples, ranks)] == [
        "also-decisive",
        "decisive",
        "quoted",
        "many",
        "unused",
    ]


def test_without_ranks_the_most_examples_come_first() -> None:
    environments = [Environment(name, "", ()) for name in "ab"]
    examples = [made_example(id=f"x/{number}", environment="ab"[number > 0]) for number in range(3)]
    assert [environment.name for environment in by_demand(environments, examples, {})] == ["b", "a"]
