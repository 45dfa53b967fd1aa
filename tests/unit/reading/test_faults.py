"""Thirty faults planted in one project: one run reports all of them at their lines, and nothing else."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from stackdoc.errors import Problem
from tests.made.project import EXAMPLE, FILES, STACK, TAXONOMY, make_project, problems_of

MARK = re.compile(r"#! ([^#]+)")  # behind a faulty line: what its problems say

FAULTY_STACK = """\
title: A kitchen
layers:
- {id: hearth, name: Hearth, height: 1, stage: 1, question: What heats?, summary: Fire.}
- {id: pot, name: Pot, height: 2, stage: 1, question: What holds?, summary: Iron.}
- {id: dish, name: Dish, height: 3, stage: 1, question: What is eaten?, summary: Soup.}
planes:
- {id: order, name: Order, height: 0, stage: 1, question: Who washes?, summary: All.}
atoms:
- {id: wood, name: Wood, layer: hearth}
- {id: iron, name: Iron, layer: pot}
- {id: soup, name: Soup, layer: dish}
- {id: soup, name: Again, layer: dish}  #! atoms[3].id: duplicate id 'soup'; first defined on line 11
- {id: salt, name: Salt, layer: dihs}  #! atom 'salt' is in no layer: unknown layer 'dihs'; did you mean 'dish'?
- {id: broom, name: Broom, layer: order}
dependencies:
- {above: pot, below: hearth, reason: A.}  #! dependencies form a cycle: hearth needs pot needs hearth
- {above: hearth, below: pot, reason: The wrong way round.}
- {above: dsh, below: pot, reason: C.}  #! dependencies[2].above: unknown layer 'dsh'; did you mean 'dish'?
- {above: order, below: pot, reason: D.}  #! 'order' is a plane, which has no height
rulings:
- id: Bad Slug  #! 'Bad Slug' is not a valid id
  pairs: [[pot, sky]]  #! rulings[0].pairs[0][1]: unknown layer 'sky'
  decision: None.
  reason: ""  #! rulings[0].reason: is empty
"""

FAULTY_COOK = """\
source:
  id: cook
  name: The cook
  title: What a cook sees
  author: A cook
  document: a note
  sha256: ""  #! source.sha256: '' is not a SHA-256 digest; 64 hexadecimal digits in lower case; leave it out if
  published: spring  #! source.published: 'spring' is not a date; write YYYY-MM-DD, YYYY-MM or YYYY
  accessed: 2026-11-22  #! source.accessed: found 2026-11-22, which YAML reads as a date
  lineage: a
  axis: by nearness
  direction: Bottom up.
  number_semantics: by rank
  url: javascript:alert(1)  #! source.url: 'javascript:alert(1)' is not a web address
  weighed: [hearth-first]  #! source.weighed[0]: unknown ruling 'hearth-first'
  licenze: none  #! source.licenze: unknown key 'licenze'; did you mean 'licence'?
layers:
- label: "1"
  position: 0  #! layers[0].position: found 0; positions count from 1
  name: Fire
  description: Wood that burns.
  atoms: [wod]  #! layers[0].atoms[0]: unknown atom 'wod'; did you mean 'wood'?
  mappings: [{layer: hearth, relation: exact}, {layer: hearth, relation: close}]  #! mapped to 'hearth' as exact
- label: "2"
  position: 2
  name: Vessel
  description: Iron that holds.
  atoms: [iron]
  mappings:  #! cook:2 contains iron of 'pot', but has no mapping to 'pot'
  - {layer: dish, relation: close}  #! cook:2 is mapped to 'dish' but contains no atom of it
  same_as: "guest:9"  #! layers[1].same_as: unknown source layer 'guest:9'
- label: "2"  #! layers[2].label: duplicate label '2' #! tools: unknown system 'ladel' in row cook:2
  position: 3
  name: Meal
  description: A broth, and a broom.
  tools: [ladel]
  atoms: [soup, broom]
  mappings: [{layer: dish, relation: broad}, {layer: order, relation: related}]
- label: "4"  #! source layer cook:4 (Firewood) is mapped to no atom; nearest: wood
  position: 4
  name: Firewood
  description: Dry wood.
errata:
- {id: slip, kind: name, printed: a, meant: b, labels: ["7"]}  #! errata[0].labels[0]: unknown layer '7'
"""
FAULTY_CLAIMS = """\
- id: it-boils
  layer: pott  #! [0].layer: unknown layer 'pott'; did you mean 'pot'?
  text: It boils.
  sources: ["cook:2", "cook:9"]  #! [0].sources[1]: unknown source layer 'cook:9'
  state: tested
  test: Judged by a second.
  predicate:
    example: pot/bioling  #! [0].predicate.example: unknown example 'pot/bioling'
    quantity: tiem  #! [0].predicate.quantity: unknown quantity 'tiem'; did you mean 'time'?
    points: [boil]
    op: "<"
    value: 1
- id: half  #! [1]: lacks 'sources'
  layer: pot
  state: tested
  test: Judged by a second.
  text: 12  #! [1].text: found 12, which YAML reads as the number 12; quote it: "12"
  predicate:
    example: pot/boiling
    quantity: time
    points: [boil]
    op: "=<"  #! [1].predicate.op: found '=<'; known: <, <=, >, >=
    value: 1
- {id: open, layer: pot, text: Nothing., sources: [], state: restated}  #! [2]: a restated claim needs 'missing'
- id: guessed
  layer: pot
  text: It steams.
  sources: []
  state: guessed  #! [3].state: found 'guessed'; known: tested, proxy, arithmetic, restated
- id: by-proxy  #! [4]: a proxy claim needs 'shows'; state what the proxy can and cannot show
  layer: pot
  text: It steams.
  sources: []
  state: proxy
  test: Judged by a second.
  missing: A thermometer.  #! [4].missing: a proxy claim has no 'missing'; leave it out, or give state: restated
  doubt: It may be mist.  #! [4].doubt: is given without 'answer'; a doubt and its answer go together
  devices: [cpu, coda]  #! [4].devices[1]: unknown device 'coda'; did you mean 'cuda'?
  predicate:
    example: pot/boiling
    quantity: time
    points: [boil]
    op: "<"
    value: 1
    possible: [1, 5]  #! [4].predicate.possible: 1 is not strictly between 1 and 5; no outcome could be
- id: summed  #! [5]: an arithmetic claim needs 'sum'; state the sum in words
  layer: pot
  text: Two pots hold twice as much.
  sources: []
  state: arithmetic
  answer: They do.  #! [5].answer: is given without 'doubt'; a doubt and its answer go together
  predicate:  #! [5].predicate: an arithmetic claim has no 'predicate'; leave it out, or give state: tested or proxy
    example: pot/boiling
    quantity: time
    points: [boil]
    op: "<"
    value: 1
    possible: [5, 1]  #! [5].predicate.possible: 5 is not below 1; write possible: [low, high]
"""

FAULTY_FACTS = """\
- id: boiling-point
  layer: pot
  quantity: Boiling point
  value: 1.10  #! [0].value: found 1.10, which YAML reads as the number 1.1; quote it: "1.10"
  unit: °C
  conditions: ""  #! [0].conditions: is empty
  kind: rumour  #! [0].kind: found 'rumour'; known: datasheet, paper, report, derived
  source: A book
  as_of: "2026-01-01"
"""

FAULTY_EXAMPLE = EXAMPLE.replace('# layer = "pot"', '# layer = "pan"  #! layer: unknown layer').replace(
    '# claims = ["it-boils"]',
    '# claims = ["it-boyls", "by-proxy", "summed"]  #! claims: unknown claim \'it-boyls\'; did you mean \'it-boils\'?',
)
FAULTY_SYSTEMS = """\
- {id: ladle, name: Ladle, kind: tool, mentions: ["guest:1"], runs: a thing}  #! row guest:1 does not name 'ladle'
- {id: whisk, name: Whisk, kind: tool, layer: dish}  #! neither examples nor a reason
- id: spoon
  name: Spoon
  kind: tool
  runs: a thing
  home: spoon.example  #! is not a web address
  environment: serv-vllm  #! unknown environment 'serv-vllm'; did you mean 'serve-vllm'?
- id: pan
  name: Pan
  kind: tool
  runs: a thing
  status: {state: activ, as_of: "2026-11", source: a shop}  #! did you mean 'active'?
- id: fork
  name: Fork
  kind: tool
  runs: a thing
  status:
    state: active
    as_of: last year  #! is not a day or month
    source: a shop
"""


def planted(root: Path) -> list[tuple[str, int, str]]:
    return [
        (path.relative_to(root).as_posix(), number, text)
        for path in sorted(root.rglob("*.*"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for text in MARK.findall(line)
    ]


def test_a_project_without_faults_has_no_problems(tmp_path: Path) -> None:
    assert problems_of(make_project(tmp_path)) == []


@pytest.mark.case(60)
def test_thirty_planted_faults_are_all_reported_at_their_lines(tmp_path: Path) -> None:
    root = make_project(
        tmp_path,
        stack=FAULTY_STACK,
        cook=FAULTY_COOK,
        claims=FAULTY_CLAIMS,
        facts=FAULTY_FACTS,
        systems=FAULTY_SYSTEMS,
        boiling=FAULTY_EXAMPLE,
    )
    expected = planted(root)
    assert len(expected) >= 30
    started = time.process_time()
    problems = problems_of(root)
    assert time.process_time() - started < 1
    unexplained = [problem for problem in problems if not any(says(problem, *fault) for fault in expected)]
    missed = [fault for fault in expected if not any(says(problem, *fault) for problem in problems)]
    assert ([str(problem) for problem in unexplained], missed) == ([], [])
    assert len(problems) == len(expected)


def says(problem: Problem, file: str, line: int, text: str) -> bool:
    return (problem.file, problem.line) == (file, line) and text.strip() in str(problem)


def test_an_example_without_a_layer_is_named_where_there_are_layers(tmp_path: Path) -> None:
    root = make_project(tmp_path, boiling=EXAMPLE.replace('# layer = "pot"\n', ""))
    (problem,) = problems_of(root)
    assert str(problem) == "examples/pot/boiling.py:4: layer: is missing; known: dish, hearth, order, pot"


ORDER_FAULTS = {
    "a split without a ruling": (
        {
            "guest": TAXONOMY.replace("id: cook", "id: guest")
            .replace("lineage: a", "lineage: b")
            .replace("position: 1", "position: 9")
        },
        "docs/data/stack.yml:1: rulings: the sources split on 'hearth' and 'pot': "
        "lineage a has 'hearth' below, lineage b above (cook:1 below cook:2; guest:1 above guest:2); "
        "add a ruling with pairs: [[hearth, pot]], or correct the atoms",
    ),
    "a height against the votes": (
        {
            "stack": STACK.replace("id: dish, name: Dish, height: 3", "id: dish, name: Dish, height: 1").replace(
                "height: 1, stage: 1, question: What is", "height: 1, stage: 2, question: What is"
            )
        },
        "docs/data/stack.yml:2: layers: the heights overrule 2 votes, the best order 0: it has 'dish' above 'pot'; "
        "from the bottom: hearth, pot, dish",
    ),
    "a height against a dependency": (
        {"stack": STACK.replace("id: hearth, name: Hearth, height: 1", "id: hearth, name: Hearth, height: 7")},
        "docs/data/stack.yml:14: dependencies[0]: 'pot' needs 'hearth' but is drawn below it",
    ),
    "two layers in one place": (
        {"stack": STACK.replace("id: pot, name: Pot, height: 2", "id: pot, name: Pot, height: 1")},
        "docs/data/stack.yml:4: layers[1].stage: 'pot' has the height and stage of 'hearth'; number the stages",
    ),
    "a ruling the order contradicts": (
        {"stack": STACK + "rulings: [{id: r, pairs: [[dish, pot]], decision: No., reason: No.}]\n"},
        "docs/data/stack.yml:15: rulings[0].pairs[0]: puts 'dish' below 'pot', but it is drawn above",
    ),
    "a relation outside SKOS": (
        {"cook": TAXONOMY.replace("relation: close", "relation: nearly")},
        "docs/data/taxonomies/cook.yml:24: layers[1].mappings[0].relation: "
        "found 'nearly'; known: exact, close, broad, narrow, related",
    ),
    "a source named twice": (
        {"guest": TAXONOMY},
        "docs/data/taxonomies/guest.yml:2: source.id: 'cook' is in guest.yml; name the file after the id",
    ),
    "a plane with a height": (
        {"stack": STACK.replace("height: 0", "height: 4")},
        "docs/data/stack.yml:7: planes[0].height: found 4; a plane has height 0",
    ),
    "no stack": ({"stack": ""}, "docs/data/stack.yml: can't be read: No such file or directory"),
    "a field that is ours": (
        {"cook": TAXONOMY.replace('- label: "1"', '- label: "1"\n  line: 3')},
        "docs/data/taxonomies/cook.yml:14: layers[0].line: unknown key 'line'",
    ),
}


@pytest.mark.parametrize("name", ORDER_FAULTS)
def test_a_fault_of_the_merge_is_named_with_its_remedy(name: str, tmp_path: Path) -> None:
    changes, expected = ORDER_FAULTS[name]
    problems = [str(problem) for problem in problems_of(make_project(tmp_path, **changes))]
    assert any(problem.startswith(expected) for problem in problems), problems


def test_too_many_layers_are_refused_clearly(tmp_path: Path) -> None:
    more = "".join(f"- {{id: l{k}, name: L, height: {k}, stage: 1, question: q, summary: s}}\n" for k in range(4, 30))
    problems = problems_of(make_project(tmp_path, stack=STACK.replace("planes:", f"{more}planes:")))
    expected = "docs/data/stack.yml:2: layers: has 29 layers; an exact order is computed for at most 20"
    assert [str(problem) for problem in problems] == [expected]


def test_a_broken_file_makes_no_false_alarms_about_what_refers_to_it(tmp_path: Path) -> None:
    for stem, text in {"stack": "{", "cook": "{", "boiling": EXAMPLE.replace('"pot"', "pot")}.items():
        problems = problems_of(make_project(tmp_path / stem, **{stem: text}))
        assert len(problems) == 1
        assert Path(problems[0].file).stem == stem


def test_a_huge_list_of_wrong_entries_is_done_with_in_a_second(tmp_path: Path) -> None:
    atoms = "".join(f"- {{id: atom-{k}, name: a, layer: nowhere-{k}}}\n" for k in range(6000))
    rows = "".join(
        f'- {{label: "{k}", position: 1, name: wood, description: a, atoms: [x{k}]}}\n' for k in range(4, 4000)
    )
    stack = STACK.replace("atoms:\n", f"atoms:\n{atoms}")
    root = make_project(tmp_path, stack=stack, cook=TAXONOMY + rows, facts="- 1\n" * 40_000)
    started = time.process_time()
    problems = problems_of(root)
    assert time.process_time() - started < 4
    assert 300 <= len(problems) <= 1000


def test_missing_lists_are_empty(tmp_path: Path) -> None:
    none = dict.fromkeys(["claims", "facts", "systems", "glossary"], "")
    example = EXAMPLE.replace('# claims = ["it-boils"]\n', "")
    assert problems_of(make_project(tmp_path, **none, boiling=example)) == []
    assert set(none) < {Path(path).stem for path in FILES}


def test_a_header_names_the_claims_that_its_example_judges_and_no_others(tmp_path: Path) -> None:
    bare = EXAMPLE.replace('# claims = ["it-boils"]\n', "")
    (lacking,) = problems_of(make_project(tmp_path / "bare", boiling=bare))
    assert str(lacking).endswith("claims: lacks the claim 'it-boils', which this example judges; add it")
    restated = "- {id: it-boils, layer: pot, text: It boils., sources: [], state: restated, missing: A thermometer.}\n"
    (surplus,) = problems_of(make_project(tmp_path / "restated", claims=restated))
    assert str(surplus).endswith("claims: claim 'it-boils' is not judged by this example; remove it")
    assert surplus.line == EXAMPLE.splitlines().index('# claims = ["it-boils"]') + 1
