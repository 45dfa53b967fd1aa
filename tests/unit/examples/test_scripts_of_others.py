"""Scripts that nobody wrote for stackdoc: without our table, as galleries write them, as notebooks, and broken ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackdoc.errors import Problem
from stackdoc.examples.read import read_examples
from stackdoc.model.example import Example
from stackdoc.plan.plan import missing_requirement
from tests.made.records import made_host

GALLERY = '''\
"""
============
A sine wave
============

Draws :func:`~matplotlib.pyplot.plot` of :math:`x^2`.

.. note::
   It is `small <https://example.org>`_.
"""
# Author: nobody
import math

##############################################################################
# The data
# --------
#
# One period.

points = [math.sin(x) for x in range(9)]

# %%
# Their sum, ``sum``.
print(sum(points))

#%% At last
print("end")
'''


def examples(root: Path, scripts: dict[str, str]) -> dict[str, Example]:
    """The examples below `examples/`, whose problems stop nothing."""
    for name, text in scripts.items():
        path = root / "examples" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    problems: list[Problem] = []
    found = read_examples(root, problems)
    assert problems == []
    return found


def test_a_script_of_a_gallery_has_a_title_and_text_between_its_code(tmp_path: Path) -> None:
    example = examples(tmp_path, {"plot_sine.py": GALLERY})["plot_sine"]
    assert (example.title, example.dependencies, example.fault) == ("A sine wave", (), "")
    assert example.text == "Draws `plot` of $x^2$.\n\n> **Note:** It is [small](https://example.org).\n"[:-1]
    assert [(cell.kind, cell.source, cell.text, cell.line) for cell in example.cells] == [
        ("code", "# Author: nobody\nimport math", "", 11),
        ("code", "points = [math.sin(x) for x in range(9)]", "## The data\n\nOne period.", 20),
        ("code", "print(sum(points))", "Their sum, ``sum``.", 24),
        ("code", 'print("end")', "### At last", 27),
    ]
    lines = GALLERY.split("\n")
    assert all(lines[cell.line - 1] == cell.source.split("\n")[0] for cell in example.cells)


def test_examples_lie_at_any_depth_and_modules_are_none(tmp_path: Path) -> None:
    modules = (
        "a/_own.py",
        "a/conftest.py",
        "a/test_it.py",
        "package/__init__.py",
        "package/part.py",
        "environments/x/y.py",
    )
    scripts = {
        "flat.py": "import helper\n",
        "helper.py": "x = 1\n",
        "a/b/deep.py": "print(1)\n",
        "index.py": "print(2)\n",
    }
    found = examples(tmp_path, {**scripts, **dict.fromkeys(modules, "x = 1\n")})
    assert sorted(found) == ["a/b/deep", "flat", "index-example"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('"""Two waves.\n\nMore."""\n', "Two waves"),
        ('"""# Waves\n\nMore."""\n', "Waves"),
        ('"""\nWaves of `x`\n~~~~~~~~~~~\n"""\n', "Waves of x"),
        ("x = 1\n", "Two waves"),
        ('# /// script\n# dependencies = []\n# ///\n"""By a docstring."""\n', "By a docstring"),
        ('# /// script\n# [tool.stackdoc]\n# launches = 1\n# ///\n"""By a docstring."""\n', "By a docstring"),
    ],
)
def test_the_title_is_that_of_the_docstring_or_the_name(tmp_path: Path, text: str, title: str) -> None:
    assert examples(tmp_path, {"plot_two_waves.py": text})["plot_two_waves"].title == title


BROKEN = {
    "x = 1\ny = = 2\n": "is not Python: invalid syntax (line 2)",
    '# /// script\n# requires-python = ">=3.99"\n# ///\ntype P[T] = T\n': "needs Python >=3.99, HERE runs",
    "x = 1\nimport nowhere.part\n": "needs nowhere, which is not installed (line 2)",
    "# /// script\n# dependencies = 1\n# ///\n": "a list is expected (line 2)",
    "# /// script\n# [tool.stackdok]\n# ///\n": "unknown table 'tool.stackdok' (line 2)",
    "try:\n    import nowhere\nexcept ImportError:\n    pass\ndef f():\n    import elsewhere\n": "",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_can_not_run_says_why_and_stops_no_other(tmp_path: Path, text: str) -> None:
    found = examples(tmp_path, {"broken.py": text, "other.py": "print(1)\n"})
    assert sorted(found) == ["broken", "other"]
    host = made_host()
    why = missing_requirement(found["broken"], "cpu", host)
    assert why.removesuffix(" here").replace(host.software.python, "HERE") == BROKEN[text]
    assert missing_requirement(found["other"], "cpu", made_host()) == ""


def test_a_header_of_others_counts(tmp_path: Path) -> None:
    text = '\ufeff# /// script \n# dependencies = ["rich"]\n# [tool.uv]\n# x = 1\n# ///\n"""Rich."""\nimport numpy\n'
    example = examples(tmp_path, {"rich_text.py": text})["rich_text"]
    assert (example.title, example.dependencies, example.fault) == ("Rich", ("rich",), "")


def test_the_packages_that_a_script_imports_are_its_dependencies(tmp_path: Path) -> None:
    text = "import json, yaml\nfrom numpy.linalg import norm\nimport beside\nfrom stackdoc import example\n"
    found = examples(tmp_path, {"uses.py": text, "beside.py": "import click\n"})
    assert found["uses"].dependencies == ("PyYAML", "numpy")


def test_a_notebook_is_an_example(tmp_path: Path) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["# A notebook\n", "\n", "With *text*."]},
        {
            "cell_type": "code",
            "source": "%matplotlib inline\n# a comment\nimport math",
            "outputs": [{"x": 1}],
            "execution_count": 3,
        },
        {"cell_type": "markdown", "source": "Between."},
        {"cell_type": "code", "source": ["await later()\n", "math.pi"], "outputs": []},
    ]
    content: dict[str, Any] = {"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    example = examples(tmp_path, {"tour.ipynb": json.dumps(content)})["tour"]
    assert (example.title, example.text, example.fault) == ("A notebook", "With *text*.", "")
    assert [(cell.kind, cell.source) for cell in example.cells] == [
        ("code", "pass  # %matplotlib inline\n# a comment\nimport math"),
        ("markdown", "Between."),
        ("code", "await later()\nmath.pi"),
    ]
    cells[1] |= {"outputs": [], "execution_count": 9}
    again = examples(tmp_path, {"tour.ipynb": json.dumps(content, indent=1)})["tour"]
    assert again.digest == example.digest  # run again in an editor: the same
    cells[1]["source"] = "import cmath as math"
    assert examples(tmp_path, {"tour.ipynb": json.dumps(content)})["tour"].digest != example.digest
    assert examples(tmp_path, {"magic.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "!ls"}]})})[
        "magic"
    ].fault


def test_data_takes_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("data/a.csv", "data/deep/b.csv", "data/.hidden", "tables/c.csv", "tables/d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    header = '# /// script\n# [tool.stackdoc]\n# data = ["data", "tables/*.csv"]\n# ///\n'
    example = examples(tmp_path, {"reads.py": header})["reads"]
    paths = ["data/a.csv", "data/deep/b.csv", "examples/reads.py", "tables/c.csv"]
    assert [path for path, _ in example.closure] == paths


def test_the_numbers_of_cells_do_not_depend_on_comments(tmp_path: Path) -> None:
    bare = GALLERY.replace("# Their sum, ``sum``.\n", "").replace("# One period.\n", "")
    one, two = (examples(tmp_path, {"x.py": text})["x"] for text in (GALLERY, bare))
    assert one.digest == two.digest
    assert len(one.cells) == len(two.cells)
    assert examples(tmp_path, {"x.py": GALLERY.replace("#%% At last\n", "")})["x"].digest != one.digest
