"""What cells show: figures that are left open, rich objects, nothing that only repeats where objects lie."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from stackdoc.measure.display import run_cells
from stackdoc.measure.figures import LARGEST_SVG, in_words
from stackdoc.measure.outputs import ROOM, STDERR, Board, to_output
from stackdoc.model.example import Cell
from stackdoc.model.record import Output

PNG = base64.b64encode(b"a picture").decode()


class Words:
    def __init__(self, text: str) -> None:
        self.text = text

    def get_text(self) -> str:
        return self.text


class Figure:
    """What the capture needs of a figure of Matplotlib."""

    def __init__(self, library: Library, size: int = 10) -> None:
        self.size, self.stale, self.parts = size, True, 2
        axis = SimpleNamespace(label=Words("time (s)"))
        self.axes = [
            SimpleNamespace(title=Words("Doubling –\nµs"), xaxis=SimpleNamespace(label=Words("n")), yaxis=axis)
        ]
        self.canvas = SimpleNamespace(figure=self)
        library.open.append(SimpleNamespace(canvas=self.canvas))

    def get_children(self) -> list[int]:
        return [0] * self.parts

    def savefig(self, file: Any, format: str, **_: Any) -> None:
        file.write("<svg/>" + " " * self.size if format == "svg" else b"a picture")
        self.stale = True  # as restoring the background does


class Library:
    """Stands for the parts of Matplotlib that hold the open figures."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open: list[Any] = []
        helpers, pyplot, main = (ModuleType(name) for name in ("helpers", "pyplot", "matplotlib"))
        helpers.Gcf = SimpleNamespace(get_all_fig_managers=lambda: list(self.open))  # type: ignore[attr-defined]
        pyplot.close = lambda _: self.open.clear()  # type: ignore[attr-defined]
        main.rc_context = lambda _: __import__("contextlib").nullcontext()  # type: ignore[attr-defined]
        for name, module in (
            ("matplotlib", main),
            ("matplotlib.pyplot", pyplot),
            ("matplotlib._pylab_helpers", helpers),
        ):
            monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    return Library(monkeypatch)


def shown(tmp_path: Path, *sources: str, **names: Any) -> list[Output]:
    board = Board()
    run_cells([Cell("code", source, 1) for source in sources], str(tmp_path / "x.py"), names, board)
    return board.outputs


def brief(outputs: list[Output]) -> list[tuple[int, str, str]]:
    return [(one.cell, one.mime, one.data.strip()) for one in outputs]


def test_a_figure_is_shown_where_it_is_left_open_and_again_when_it_changed(tmp_path: Path, library: Library) -> None:
    cells = ["print('before')\nfigure = Figure(library)", "pass", "figure.stale = True", "figure", "show()", "pass"]

    def show() -> None:
        from stackdoc.measure import figures

        drawn = figures.current.get()
        assert drawn is not None
        drawn.take(close=True)

    outputs = shown(tmp_path, *cells, Figure=Figure, library=library, show=show)
    drawn = "image/svg+xml", "<svg/>"
    assert brief(outputs) == [(0, "text/plain", "before"), (0, *drawn), (2, *drawn), (3, *drawn)]
    assert {one.alt for one in outputs[1:]} == {"Figure: Doubling – µs: time (s) over n"}
    assert library.open == []


def test_a_large_drawing_becomes_a_picture_and_loses_no_record(tmp_path: Path, library: Library) -> None:
    outputs = shown(tmp_path, "f = Figure(library, size)", Figure=Figure, library=library, size=LARGEST_SVG)
    assert brief(outputs) == [(0, "image/png", PNG)]
    many = ["f = [Figure(library, 190_000) for _ in range(9)]"]
    outputs = shown(tmp_path, *many, Figure=Figure, library=library)
    assert sum(len(one.data) for one in outputs) <= ROOM
    library.open.clear()
    assert [one.mime for one in outputs].count("image/svg+xml") == 4  # then the room for drawings is spent


def test_an_empty_figure_is_not_shown(tmp_path: Path, library: Library) -> None:
    outputs = shown(tmp_path, "f = Figure(library); f.parts = 1", Figure=Figure, library=library)
    assert outputs == []


def test_a_figure_without_words_says_so() -> None:
    assert in_words(SimpleNamespace(axes=[])) == "Figure without a title"


class Rich:
    def __init__(self, **forms: Any) -> None:
        for name, value in forms.items():
            setattr(self, f"_repr_{name}_", lambda value=value: value)


@pytest.mark.parametrize(
    ("shown", "mime", "data"),
    [
        (Rich(html="<table><tr><td>1</td></tr></table>", png=b"x"), "text/html", "<table><tr><td>1</td></tr></table>"),
        (Rich(html="<div></div><script>draw()</script>", png=b"a picture"), "image/png", PNG),
        (Rich(mimebundle={"image/svg+xml": "<svg/>", "text/plain": "x"}), "image/svg+xml", "<svg/>"),
        (Rich(mimebundle=({"text/latex": "$x$"}, {})), "text/latex", "$x$"),
        (Rich(jpeg=b"a picture"), "image/jpeg", PNG),
        (Rich(html="<p>" + "x" * ROOM), "text/plain", None),
        ([1, 2], "text/plain", "[1, 2]"),
    ],
)
def test_the_richest_form_that_can_be_shown_is_taken(shown: Any, mime: str, data: str | None) -> None:
    output = to_output(0, shown)
    assert (output.mime, output.data) == (mime, data if data is not None else output.data)
    assert "at 0x7" not in output.data


def test_an_object_that_fails_to_show_itself_fails_no_script(tmp_path: Path) -> None:
    source = "class A:\n    def _repr_html_(self): 1 / 0\n    def __repr__(self): 1 / 0\nA()"
    assert brief(shown(tmp_path, source)) == [(0, "text/plain", "<A, whose repr raises ZeroDivisionError>")]


def test_no_address_and_no_trailing_measurement_is_kept(tmp_path: Path) -> None:
    source = "class A: ...\nprint('made', A())\n[A(), A()]"
    assert brief(shown(tmp_path, source, "6 * 7;")) == [(0, "text/plain", "made <A object at 0x…>")]


def test_what_is_printed_and_shown_keeps_its_order_and_errors_come_last(tmp_path: Path) -> None:
    board = Board()
    source = "import os, sys\nprint('a'); show('b'); os.write(1, b'c\\n'); print('e', file=sys.stderr); print('d')\n'f'"
    run_cells([Cell("code", source, 1)], str(tmp_path / "x.py"), {"show": board.put}, board)
    assert [one.data.strip() for one in board.outputs] == ["a", "b", "c\nd", "f", "e"]
    assert board.outputs[-1].mime == STDERR


def test_of_a_cell_that_fails_what_it_printed_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        shown(tmp_path, "print('first')", "import sys\nprint('second'); print('third', file=sys.stderr)\n1 / 0")
    assert capfd.readouterr().out == "second\nthird\n"


def test_cells_await_in_one_loop(tmp_path: Path) -> None:
    cells = ["import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(0, 7))", "await task"]
    cells[0] = cells[0].replace("asyncio.ensure", "await asyncio.sleep(0)\ntask = asyncio.ensure", 1)
    assert brief(shown(tmp_path, *cells)) == [(1, "text/plain", "7")]
