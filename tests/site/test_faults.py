"""What goes wrong around a build: it is interrupted, the disk is full, two meet. The site before it stays whole."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from stackdoc.adapters.cli.build import remove_leftovers
from tests.made.built import Project
from tests.made.waiting import until

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
            until(sign.exists, 60)
            yield build
        finally:
            if build.poll() is None:
                build.terminate()
            print(build.communicate(timeout=30)[0])


@pytest.mark.case(29, 30, 31)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_leaves_site_and_records_whole_and_no_process(
    project: Project, number: signal.Signals
) -> None:
    before = project.digest(*KEPT)
    with measuring(project) as build:
        started = build.children(recursive=True)
        assert started
        build.send_signal(number)
        until(lambda: build.poll() is not None, 20)
        assert build.returncode != 0
        _, alive = psutil.wait_procs(started, timeout=20)
        assert not alive, [process.cmdline() for process in alive]
    assert project.digest(*KEPT) == before
    (project.root / EXAMPLE).unlink()
    again = project.run("stackdoc", "build")
    assert again.returncode == 0, again.stderr
    assert not list(project.root.glob("site.*"))


@pytest.mark.case(34)
def test_of_two_builds_the_second_says_who_holds_the_checkout(project: Project) -> None:
    before = project.digest(*KEPT)
    with measuring(project) as build:
        second = project.run("stackdoc", "build")
        assert second.returncode == 1
        assert f"another run (pid {build.pid}, since " in second.stderr
        assert "Traceback" not in second.stderr
    assert project.digest(*KEPT) == before


@pytest.mark.case(32)
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


IN_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size="$1"k tmpfs "$2"
cp -a "$3"/. "$2"
cd "$2"
status=0
"$4" build || status=$?
cp -a "$2"/. "$5"
exit $status
"""


@pytest.mark.case(32)
@pytest.mark.mounts
@pytest.mark.parametrize("spare", [40, 1000])
def test_a_full_disk_costs_the_new_site_alone(project: Project, tmp_path: Path, spare: int) -> None:
    """`spare` kB are left: too few for a record, then too few for a site."""
    project.change("examples/sorting/merge.py", "random.Random(1)", "random.Random(2)")
    before = project.digest(*KEPT)
    disk, after = tmp_path / "disk", Project(tmp_path / "after")
    disk.mkdir()
    after.root.mkdir()
    used = int(
        subprocess.run(["du", "-sk", project.root], capture_output=True, text=True, check=True).stdout.split()[0]
    )
    program = str(Path(sys.executable).with_name("stackdoc"))
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", IN_A_SMALL_DISK, "sh", str(used + spare),
         disk, project.root, program, after.root],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert after.digest("site") == project.digest("site")
    kept = {path.name: path.read_bytes() for path in (project.root / KEPT[1]).rglob("*.json")}
    there = {path.name: path.read_bytes() for path in (after.root / KEPT[1]).rglob("*.json")}
    assert kept.items() <= there.items()
    assert not list(after.root.glob("site.*"))
    again = after.run("stackdoc", "build")
    assert again.returncode == 0, again.stderr
    assert project.digest(*KEPT) == before


@pytest.mark.case(49)
@pytest.mark.parametrize("name", ["notebook-pages", "figures", "launches", "scratch"])
def test_a_cache_that_is_something_else_is_told_or_done_without(project: Project, name: str) -> None:
    before = project.digest(*KEPT)
    place = project.root / ".stackdoc" / name
    shutil.rmtree(place, ignore_errors=True)
    place.unlink(missing_ok=True)
    place.write_text("mine")
    project.write("docs/more.md", "# More\n")
    ended = project.run("stackdoc", "build")
    assert "Traceback" not in ended.stderr
    assert place.read_text() == "mine"
    if ended.returncode:
        assert f".stackdoc/{name}" in ended.stderr
        assert project.digest(*KEPT) == before


@pytest.mark.case(33)
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
    remove_leftovers(tmp_path / "site")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", f"site.new-{os.getpid()}", "site.new-idea"]
    assert (tmp_path / "site/index.html").read_text() == f"site.old-{dead.pid}"
