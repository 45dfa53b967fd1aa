"""`mkdocs serve` while its user writes: what is edited is built, or measured alone, once; then there is quiet."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.made.built import Project
from tests.made.site_files import contents
from tests.made.waiting import until

QUIET_SECONDS = 5.0  # a loop of builds would be in its next one by then
BUILD_SECONDS = 90.0  # patience with a build
NEIGHBOUR = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "A neighbour"
# launches = 1
# ///
\"\"\"Stays as it is.\"\"\"
import helper
from stackdoc import example

example().report("one", helper.ONE)
"""


@dataclass(frozen=True)
class Server:
    """A server under way: what it has said so far, and its pages."""

    log: Path
    address: str

    @property
    def builds(self) -> int:
        return self.said.count("Documentation built in")

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")

    def page(self, path: str = "") -> str:
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return str(answer.read().decode("utf-8"))

    def missing(self, path: str) -> bool:
        """Whether the server answers that there is no such page."""
        try:
            self.page(path)
        except urllib.error.HTTPError as error:
            return error.code == 404
        return False

    def waits_for_reload(self, page: str) -> bool:
        """Whether a reader who has that page open is still told to wait."""
        found = re.search(r"livereload\((\d+), (\d+)\)", page)
        assert found is not None
        try:
            with urllib.request.urlopen(f"{self.address}livereload/{found[1]}/{found[2]}", timeout=1) as answer:
                return int(answer.read()) <= int(found[1])
        except TimeoutError:
            return True


@pytest.fixture
def server(project: Project, tmp_path: Path) -> Iterator[Server]:
    project.write("examples/sorting/neighbour.py", NEIGHBOUR)
    project.write("examples/sorting/helper.py", "ONE = 1.0\n")
    with started(project, tmp_path / "log") as serving:
        yield serving


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def started(project: Project, said: Path, port: int = 0) -> Iterator[Server]:
    """A server of the project, which writes what it has to say into a file."""
    port = port or free_port()
    program = str(Path(sys.executable).with_name("mkdocs"))
    serving = Server(said, f"http://127.0.0.1:{port}/")
    with serving.log.open("w") as log:
        process = subprocess.Popen(
            [program, "serve", "--dev-addr", f"127.0.0.1:{port}"],
            cwd=project.root, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            until(lambda: "Serving on" in serving.said or process.poll() is not None, BUILD_SECONDS)
            assert process.poll() is None, serving.said
            yield serving
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_a_project_without_a_folder_of_examples_is_served(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("mkdocs.yml", "site_name: Theirs\nplugins: [stackdoc]\n")
    project.write("docs/index.md", "# Theirs\n")
    with started(project, tmp_path / "log") as serving:
        assert "Theirs" in serving.page()


@pytest.mark.case(38)
def test_what_is_edited_is_built_once_and_then_it_is_quiet(project: Project, server: Server) -> None:
    time.sleep(QUIET_SECONDS)
    assert server.said.count("1 example to measure, ") == 1  # the neighbour, which had no record
    first, before = server.builds, server.page()
    project.change("docs/index.md", "Sorting a thousand", "To sort a thousand")
    until(lambda: "To sort a thousand" in server.page(), BUILD_SECONDS)
    time.sleep(QUIET_SECONDS)
    assert server.builds == first + 1
    assert server.said.count("1 example to measure, ") == 1
    assert not server.waits_for_reload(before)

    before = server.page()
    (old,) = set(re.findall(r'data-record="(\w+)"', before))
    project.change("examples/sorting/merge.py", "random.Random(1)", "random.Random(2)")
    until(lambda: old not in server.page(), BUILD_SECONDS)
    time.sleep(QUIET_SECONDS)
    assert server.said.count("1 example to measure, ") == 2
    assert len(re.findall(r"sorting/merge on cpu: ok", server.said)) == 1
    assert len(re.findall(r"sorting/neighbour on cpu: ok", server.said)) == 1
    assert not server.waits_for_reload(before)
    builds, now = server.builds, server.page()
    assert builds == first + 2
    time.sleep(QUIET_SECONDS)
    assert server.builds == builds
    assert server.waits_for_reload(now)


@pytest.mark.case(38)
def test_an_example_that_fails_is_not_tried_again_until_it_is_mended(project: Project, server: Server) -> None:
    project.change("examples/sorting/merge.py", "ex = example()", "ex = example()\n1 / 0")
    until(lambda: "ZeroDivisionError" in server.said, BUILD_SECONDS)
    time.sleep(QUIET_SECONDS)
    project.change("docs/index.md", "Sorting a thousand", "To sort a thousand")
    until(lambda: "To sort a thousand" in server.page(), BUILD_SECONDS)
    assert server.said.count("sorting/merge on cpu: failed") == 2  # as it ended, and the warning
    project.change("examples/sorting/merge.py", "1 / 0\n", "")
    until(lambda: "To sort a thousand" in server.page() and "not re-measured" not in server.page(), BUILD_SECONDS)
    assert "Traceback" not in re.sub(r"(?m)^ *\|.*", "", server.said)


def test_an_edited_text_is_built_alone_and_the_site_is_as_if_built_from_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    project.write("docs/other.md", "# Other\n\nSee [sorting](index.md#sorting).\n")
    folder = project.root / ".stackdoc/served"
    with started(project, tmp_path / "log") as serving:
        project.change("docs/index.md", "Sorting a thousand", "To sort a thousand")
        until(lambda: "To sort a thousand" in serving.page(), BUILD_SECONDS)
        assert re.search(r"built in [\d.]+ seconds: index\.md", serving.said)
        until(lambda: "To sort a thousand" in serving.page("search/search_index.json"), BUILD_SECONDS)
        project.change("docs/other.md", "# Other", "# Another")  # a title is in the navigation of all pages
        until(lambda: "Another" in serving.page(), BUILD_SECONDS)
        project.change("docs/index.md", "To sort", "Sorting again")
        until(lambda: "Sorting again" in serving.page("search/search_index.json"), BUILD_SECONDS)
        until(lambda: len(list(folder.glob("site-*"))) == 1, BUILD_SECONDS)
        served = contents(folder / "current")
    settings = (project.root / "mkdocs.yml").read_text("utf-8")
    project.write("mkdocs.yml", f"{settings}site_url: {serving.address}\n")
    shutil.rmtree(project.root / ".stackdoc/outputs")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    assert served == contents(project.site)


def test_a_fault_in_an_edited_page_is_reported_and_the_page_is_built_once_it_is_mended(
    project: Project, tmp_path: Path
) -> None:
    with started(project, tmp_path / "log") as serving:
        project.change("docs/index.md", "figure: timing", "figure: timings")
        until(lambda: "docs/index.md:8" in serving.said, BUILD_SECONDS)
        assert "Traceback" not in serving.said
        project.change("docs/index.md", "figure: timings", "figure: timing")
        project.change("docs/index.md", "Sorting a thousand", "To sort a thousand")
        until(lambda: "To sort a thousand" in serving.page(), BUILD_SECONDS)


CURRENT = "Showing the site of the last server"


def test_a_server_shows_the_site_of_the_last_one_only_if_nothing_has_changed_since(
    project: Project, tmp_path: Path
) -> None:
    port = free_port()
    with started(project, tmp_path / "first", port) as serving:
        assert CURRENT not in serving.said
        expected = re.sub(r"livereload\(.*\)", "", serving.page())
    with started(project, tmp_path / "second", port) as serving:
        assert CURRENT in serving.said
        assert re.sub(r"livereload\(.*\)", "", serving.page()) == expected
        assert serving.missing("gone/")
        project.change("docs/index.md", "Sorting a thousand", "To sort a thousand")
        until(lambda: "To sort a thousand" in serving.page(), BUILD_SECONDS)
        until(lambda: "To sort a thousand" in serving.page("search/search_index.json"), BUILD_SECONDS)
    project.change("docs/index.md", "To sort", "Sorting again")
    with started(project, tmp_path / "third", port) as serving:
        assert CURRENT not in serving.said
        assert "Sorting again" in serving.page()
    (project.root / ".stackdoc/served/state.json").write_text("{", "utf-8")
    with started(project, tmp_path / "fourth", port) as serving:
        assert CURRENT not in serving.said
        with started(project, tmp_path / "fifth") as beside:  # which keeps its site where MkDocs puts it
            assert "Sorting again" in beside.page()
        assert "Sorting again" in serving.page()
