"""What can go wrong in a build that runs other people's programs, and the tests that prove it harmless.

`@pytest.mark.case(n, …)` says that a test does so for those faults. `python -m tests.cases` lists the tests of each,
`make faults` runs them; tests/test_cases.py fails when a fault has none.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

CASES = {
    # an example's program
    1: "loops for ever: timeout within the limit and a second",
    2: "ignores SIGTERM: killed after the grace",
    3: "leaves a child behind: ended and counted",
    4: "leaves a daemon behind: found and ended",
    5: "multiplies without end: ended as failed, all of it",
    6: "prints without end: cut with a mark at the cap",
    7: "prints one line of 50 MB: the same, and the build's memory stays bounded",
    8: "neither prints nor computes: silent",
    9: "takes too much memory: out-of-memory, not a number of a signal",
    10: "crashes: the signal's name",
    11: "exits with a code: failed with that code",
    12: "exits as if all were well, without a result: no-result",
    13: "reads standard input: finds its end, does not hang",
    14: "closes its output and lives on: timeout",
    15: "leaves the pipe open in a grandchild: ends, does not hang",
    16: "fills the disk: capped, its directory removed",
    17: "changes directory, environment, module path: nobody else sees it",
    18: "leaves a thread or an exit handler that hangs: timeout",
    19: "raises KeyboardInterrupt or SystemExit: failed, the build goes on",
    20: "prints broken text, control characters, colours: the page is clean UTF-8",
    21: "reports what is no figure: refused with the reason",
    22: "reports one figure twice: failed with the reason",
    23: "runs while the clock is set back: no negative duration",
    24: "imports what is not installed: skipped with its name, on the page too",
    25: "wants a device that is not here: skipped, the other machines' records shown",
    26: "runs out of the device's memory: out-of-memory",
    27: "is slower at first: the first calls are in no figure, and counted",
    28: "runs on a loaded host: the figure says so",
    # a build and its files
    29: "Ctrl-C: the old site whole, nothing running, the next build works",
    30: "SIGTERM: the same",
    31: "SIGKILL: the same",
    32: "a full disk: said so, the old site whole",
    33: "a target that can't be written: said before anything runs",
    34: "two builds at once: the second names the first; a dead one's lock holds nobody up",
    35: "two runs store one record: one file, the same bytes",
    36: "built twice, in another place and time zone: byte for byte the same",
    37: "nothing stale: no process of an example is started",
    38: "mkdocs serve: an edited page is built once, an edited example measured alone, then quiet for good",
    39: "a page is gone: its records' pages stay, its address leads on",
    40: "one page is broken: the other pages' faults are told as well",
    # caches and records
    41: "a file cut short: named, or made again where it is a cache",
    42: "a flipped bit: refused, id and content differ",
    43: "a record edited by hand: refused, in the history too",
    44: "a schema from the future: named with those that can be read",
    45: "the example changed: its old record is shown as older",
    46: "a helper of it changed: the same",
    47: "torch or the driver changed: measured again, the old record kept",
    48: "every date of a file reset: nothing changes",
    49: "a cache that is a file, unwritable or somebody else's: said so, nothing of others touched",
    50: "an old record is cited: its page is there",
    51: "a clock in 1970 or the future: the record is refused",
    # what other people hand in
    52: "markup in every text: text everywhere, also in heads, data, drawings, citations",
    53: "names of machines that are paths, long, empty or turned: a safe directory, one each",
    54: "a path out of the project: refused",
    55: "a link out of the records: refused",
    56: "bombs of aliases, nesting, size: refused within a second",
    57: "tags that call Python: refused",
    58: "YAML that reads otherwise than it looks: refused with its line",
    59: "JSON that is none: refused",
    60: "addresses that are scripts: refused",
    61: "drawings with scripts: cleaned",
    62: "line ends in what is cited: no second entry",
    63: "secrets, home, user and host of the builder: in no child and in no file of the site",
    64: "the network: out of an example's reach or said so; the site asks nobody",
    # what a review of all of it broke, by its rows: H high, M medium, L low
    65: "H1: a second record under the address of another: refused everywhere, both files named",
    66: "H2: a record that passed and could not be shown: refused by field, or shown",
    67: "H3: a stranger's record in place of ours: shown beside it, and changes no figure or verdict",
    68: "H4: a chart that ends or hangs its drawing: a line with its record, its neighbours drawn",
    69: "M1: an import that leaves a checkout unusable: stores everything or nothing",
    70: "M2: a list of contributions with thousands of entries: read",
    71: "M3: terminal escapes in any text: not printed",
    72: "M4: a launch's report that is a pipe, a link, huge or of another shape: no-result",
    73: "M5: an example that fails as expected: listed",
    74: "M6: a cell that is a formula to a spreadsheet: quoted",
    75: "M7: state of a checkout that came with the repository: ignored",
    76: "M8: a clone without its history: too short to tell, and says so",
    77: "M9: a page that Markdown would not read as it is meant: refused with its line",
    78: "M10: root, home and host in labels and messages: in no record",
    79: "M11: actions by a tag, rights nobody needs, packages without hashes: refused by a test",
    80: "L1: classes in the HTML of an output: removed, so that no figure is forged",
    81: "L2: a pattern of an example that takes for ever: fails the example",
    82: "L3: a loop of links among the records: named",
    83: "L4: a full disk, wherever something is written: one line",
    84: "L5: saved launches of impossible values: measured again",
    85: "L6: shared memory and memory files: count as memory, end with the launch",
    86: "L7: sockets and namespaces of other programs: out of reach",
    87: "L8: another process's priority or processors: the record says that they changed",
    88: "L9: a hundred thousand blanks or backticks: no slower than their number",
    89: "L10: a file that can't be followed, opened by an example: its launch goes on",
    90: "L11: a damaged ledger: said so",
    91: "L12: a redirect to a page that is not there: refused",
    92: "L13: characters that nobody sees in a name: replaced",
    93: "anything at random: accepted or refused with named problems, in time",
}
HERE = Path(__file__).parent


def proofs() -> dict[int, list[str]]:
    """The tests of each case as `file::test`, from the marks in the files: nothing is imported."""
    found = defaultdict[int, list[str]](list)
    for path in sorted(HERE.rglob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                for number in sorted(set(_numbers(test))):
                    found[number].append(f"{path.relative_to(HERE.parent).as_posix()}::{test.name}")
    return found


def _numbers(test: ast.FunctionDef) -> Iterator[int]:
    for decorator in test.decorator_list:
        for call in ast.walk(decorator):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.case":
                yield from (ast.literal_eval(number) for number in call.args)


if __name__ == "__main__":
    of = proofs()
    for case, meaning in CASES.items():
        print(f"{case:>2}  {meaning}")
        print(*(f"      {test}" for test in of[case]), sep="\n")
