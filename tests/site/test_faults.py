"""What goes wrong around a build: it is interrupted, the disk is full, two meet. The site before it stays whole."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stackdoc.adapters.cli.build import clear
from tests.site.conftest import Project

EXAMPLE = "examples/sorting/slow.py"
SLOW = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "Slow"
# launches = 1
# ///
\"\"\"Takes its time.\"\"\"
import time
from pathlib import Path
from stackdoc import example

example()
Path({sign!r}).touch()
end = time.monotonic() + 50
while time.monotonic() < end:
    pass
"""
KEPT = ("site", "docs/records")


def until(true: Callable[[], object], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def measuring(project: Project) -> Iterator[psutil.Popen]:
    """A build that is in the middle of a launch."""
    sign = project.root.parent / "launched"
    project.write(EXAMPLE, SLOW.format(sign=str(sign)))
    program = str(Path(sys.executable).with_name("stackdoc"))
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with psutil.Popen(
        [program, "build"], cwd=project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as build:
        try:
            assert until(sign.exists), build.communicate(timeout=5)
            yield build
        finally:
            if build.poll() is None:
                build.terminate()
            build.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_leaves_site_and_records_whole_and_no_process(
    project: Project, number: signal.Signals
) -> None:
    before = project.digest(*KEPT)
    with measuring(project) as build:
        started = build.children(recursive=True)
        assert started
        build.send_signal(number)
        assert until(lambda: build.poll() is not None, 20)
        assert build.returncode != 0
        _, alive = psutil.wait_procs(started, timeout=20)
        assert not alive, [process.cmdline() for process in alive]
    assert project.digest(*KEPT) == before
    (project.root / EXAMPLE).unlink()
    again = project.run("stackdoc", "build")
    assert again.returncode == 0, again.stderr
    assert not list(project.root.glob("site.*"))


def test_of_two_builds_the_second_says_who_holds_the_checkout(project: Project) -> None:
    before = project.digest(*KEPT)
    with measuring(project) as build:
        second = project.run("stackdoc", "build")
        assert second.returncode == 1
        assert f"another run (pid {build.pid}, since " in second.stderr
        assert "Traceback" not in second.stderr
    assert project.digest(*KEPT) == before


def test_a_disk_that_takes_no_more_costs_the_new_site_alone(project: Project) -> None:
    before = project.digest(*KEPT)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    ended = subprocess.run(
        [str(Path(sys.executable).with_name("stackdoc")), "build"],
        cwd=project.root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=full,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "File too large" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert project.digest(*KEPT) == before
    assert not list(project.root.glob("site.*"))


def test_a_target_that_cannot_be_written_is_told_before_anything_runs(project: Project) -> None:
    project.write("blocked", "a file where a directory is wanted")
    project.write("mkdocs.yml", (project.root / "mkdocs.yml").read_text() + "\nsite_dir: blocked/site\n")
    project.write(EXAMPLE, SLOW.format(sign=str(project.root / "ran")))
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert "blocked/site" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (project.root / "ran").exists()


def test_what_killed_builds_left_is_cleared_and_a_site_on_its_way_comes_back(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f"site.new-{dead.pid}", f"site.old-{dead.pid}", f"site.new-{os.getpid()}", "site.new-idea"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    clear(tmp_path / "site")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", f"site.new-{os.getpid()}", "site.new-idea"]
    assert (tmp_path / "site/index.html").read_text() == f"site.old-{dead.pid}"
