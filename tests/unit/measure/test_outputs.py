"""What a launch shows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from stackdoc.measure.launch import run_script
from stackdoc.measure.outputs import to_output
from stackdoc.measure.wire import LaunchOrder
from stackdoc.model.example import Cell


def test_the_directory_of_a_launch_does_not_stand_in_what_it_shows() -> None:
    shown = f"read {tempfile.gettempdir()}/orders"
    assert to_output(1, shown).data == "read $TMPDIR/orders"


def test_where_an_object_lay_in_memory_is_not_recorded() -> None:
    assert to_output(1, [object]).data == "[<class 'object'>]"
    assert to_output(1, {"maker": object()}).data == "{'maker': <object object at 0x…>}"


def test_a_last_expression_that_says_nothing_is_not_shown(tmp_path: Path) -> None:
    """What `measure` returns is one unrepeated call; what an object has no words for is where it lies."""
    cells = (
        Cell("code", "from stackdoc import example\nex = example()\nex.measure('a', lambda: 1)", 1),
        Cell("code", "[ex.measure(name, lambda: 1) for name in 'bc']", 4),
        Cell("code", "[object(), (letter for letter in 'd')]", 5),
        Cell("code", "print(ex.measure('e', lambda: 1))", 6),
        Cell("code", "[object(), 'kept']", 7),
    )
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    assert [output.cell for output in result.outputs] == [3, 4]
    assert result.outputs[0].data.startswith("Measured(key='e', seconds=")
    assert result.outputs[1].data == "[<object object at 0x…>, 'kept']"
