"""What a build says, and what its pages show, of examples that gave no new record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stackdoc.project import Layout
from stackdoc.records import store
from tests.made.built import Project

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"{packages}]
# [tool.stackdoc]
# layer = "sorting"
# title = "{title}"
# devices = ["{device}"]
# launches = 1
# budget_seconds = 3
# ///
\"\"\"Is no good here.\"\"\"
from stackdoc import example

ex = example()
"""
SHOWN = """
```stackdoc
example: sorting/{name}
```
"""
CANARIES = {"GITHUB_TOKEN": "canary-2718", "AWS_SECRET_ACCESS_KEY": "canary-3141", "MY_API_KEY": "canary-1618"}
TELLS = """
import getpass, os, platform, socket, sys, traceback, warnings
print(dict(os.environ), os.path.expanduser("~"), __file__, sys.argv, os.getcwd())
print("host", socket.gethostname(), platform.node(), "user", getpass.getuser())
warnings.warn("told with its file")
try:
    raise ValueError(__file__)
except ValueError:
    print(traceback.format_exc())
ex.show(f"<p>{__file__}</p>")
ex.report("one", 1.0)
"""


def add(project: Project, name: str, body: str, device: str = "cpu", packages: str = "") -> None:
    header = HEADER.format(title=name.title(), device=device, packages=packages)
    project.write(f"examples/sorting/{name}.py", header + body)
    page = (project.root / "docs/index.md").read_text("utf-8")
    project.write("docs/index.md", page + SHOWN.format(name=name))


def page(project: Project, path: str = "index.html") -> str:
    return re.sub(r"<[^>]+>", "", (project.site / path).read_text("utf-8"))


@pytest.mark.case(11, 19, 24, 25, 45)
def test_a_page_says_why_there_is_no_new_figure_and_keeps_the_old(project: Project) -> None:
    """The example of the small project has a record; then it breaks, beside two that can't run here."""
    (old,) = store.read_all(Layout(project.root), []).values()
    project.change("examples/sorting/merge.py", "ex = example()", "ex = example()\n{}['missing']")
    line = (project.root / "examples/sorting/merge.py").read_text("utf-8").split("\n").index("{}['missing']") + 1
    add(project, "lacks", "import soup", packages=', "soup>=2"')
    add(project, "device", "ex.report('one', 1.0)", device="cuda")
    add(project, "fresh", "raise SystemExit('on purpose')")
    before = project.digest("docs/records")
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert "measured 0, reused 0, skipped 2, failed 2" in ended.stdout
    told = f"sorting/merge on cpu: failed: KeyError: 'missing' (line {line}); source examples/sorting/merge.py:{line}; "
    assert f"{told}shown on docs/index.md, examples/sorting/merge/" in ended.stdout
    assert "  | KeyError: 'missing'" in ended.stderr
    shown = page(project)
    assert f"not re-measured: failed: KeyError: &#39;missing&#39; (line {line})" in shown.replace("&#x27;", "&#39;")
    assert "out of date: source changed: examples/sorting/merge.py" in shown
    assert f"record {old.id}" in shown
    assert "needs soup, which is not installed" in shown
    assert "needs cuda" in shown
    assert "failed: exit: on purpose" in shown
    assert "Traceback" not in shown + ended.stdout
    assert project.digest("docs/records") == before


def test_mkdocs_alone_warns_in_one_message_and_under_strict_fails(project: Project) -> None:
    add(project, "broken", "print('before')\nraise ValueError('on purpose')")
    warned = project.run("mkdocs", "build")
    assert warned.returncode == 0
    assert "WARNING -  sorting/broken on cpu: failed: ValueError: on purpose (line " in warned.stderr
    assert "  | before\n" in warned.stderr
    assert "stackdoc/measure" not in warned.stderr
    strict = project.run("mkdocs", "build", "--strict", "--site-dir", "other")
    assert strict.returncode == 1
    assert "Aborted with 1 warnings in strict mode!" in strict.stdout


@pytest.mark.case(63)
def test_nothing_that_is_the_builder_s_own_is_published(project: Project) -> None:
    add(project, "tells", TELLS)
    add(project, "fails", "raise ValueError(f'in {__file__}')")
    home = project.root.parent
    project.run("stackdoc", "build", HOME=str(home), **CANARIES)
    record = next(one for one in store.read_all(Layout(project.root), []).values() if one.example == "sorting/tells")
    printed = "".join(output.data for output in record.outputs)
    assert "./examples/sorting/tells.py" in printed
    assert "user example" in printed
    if not record.caveats:
        assert "host localhost localhost" in printed
    private = [*CANARIES.values(), *CANARIES, str(project.root), str(home)]
    files = [path for folder in ("site", "docs/records") for path in sorted((project.root / folder).rglob("*"))]
    for path in filter(Path.is_file, files):
        content = path.read_bytes()
        assert [word for word in private if word.encode() in content] == [], path
