"""How many launches there are, in which order, and what a failing one costs."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stackdoc.git import commit_of
from stackdoc.measure.wire import LaunchResult
from stackdoc.model.record import Launch, Point
from stackdoc.run.controls import Controls
from stackdoc.run.job import Job
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.runner import LaunchEnd
from stackdoc.run.progress import NoProgress
from stackdoc.run.rounds import run_jobs
from stackdoc.run.schedule import first_target, is_wide, next_target
from tests.made.records import made_example

TIGHT = (1.00, 1.01, 0.99, 1.00, 1.01, 0.99, 1.00, 1.01, 0.99)
WIDE = (1.0, 1.5, 0.6, 1.3, 0.8, 1.1, 1.6, 0.7, 0.9)


def point(milliseconds: Sequence[float], disturbed: int = 0) -> Point:
    launches = tuple(
        Launch(
            index=index,
            started="2026-01-01T00:00:00Z",
            calls=1,
            wall_ns=(int(time * 1e6),) * 30,
            cpu_ns=(int(time * (5e5 if index < disturbed else 1e6)),) * 30,
            switches=(0,) * 30,
        )
        for index, time in enumerate(milliseconds)
    )
    return Point("x", (), "time", launches)


def test_a_quick_run_has_six_launches_a_full_one_at_least_nine() -> None:
    assert (first_target("quick", 0), first_target("full", 0)) == (6, 9)


def test_an_example_may_declare_fewer_launches_but_not_more() -> None:
    assert (first_target("quick", 3), first_target("quick", 50), first_target("full", 3)) == (3, 6, 3)


def test_a_full_run_goes_on_while_an_interval_is_wide_and_ends_at_twenty_one() -> None:
    assert next_target("full", 0, 9, [point(TIGHT)]) == 9
    assert next_target("full", 0, 9, [point(TIGHT), point(WIDE)]) == 15
    assert next_target("full", 0, 15, [point(WIDE)]) == 21
    assert next_target("full", 0, 21, [point(WIDE)]) == 21


def test_a_reported_value_asks_for_no_more_launches() -> None:
    launches = tuple(Launch(index, "", value=value) for index, value in enumerate(WIDE))
    share = Point("share", (), "value", launches, unit="%")
    assert is_wide(share)
    assert next_target("full", 0, 9, [share]) == 9


def test_a_quick_run_and_a_declared_number_are_never_extended() -> None:
    assert next_target("quick", 0, 6, [point(WIDE)]) == 6
    assert next_target("full", 9, 9, [point(WIDE)]) == 9


def test_disturbed_launches_are_made_up_for_and_not_without_end() -> None:
    assert next_target("quick", 0, 6, [point(TIGHT[:6]), point(TIGHT[:6], disturbed=2)]) == 8
    assert next_target("quick", 0, 8, [point(TIGHT[:8], disturbed=2)]) == 8
    assert next_target("quick", 0, 6, [point(TIGHT[:6], disturbed=6)]) == 9
    assert next_target("quick", 0, 9, [point(TIGHT, disturbed=9)]) == 9
    assert next_target("quick", 3, 3, [point(TIGHT[:3], disturbed=1)]) == 4
    assert next_target("full", 0, 10, [point((*WIDE, 1.0), disturbed=1)]) == 16


def ok(index: int) -> LaunchEnd:
    return LaunchEnd(Outcome("ok"), LaunchResult(index, (point([1.0]),)), seconds=2.0)


CONTROL = point([1.0]).launches


class Launches:
    """Starts nothing: notes which job was launched, where each round began, after how many jobs its controls came."""

    def __init__(self, timed: Callable[[Job], LaunchEnd] = lambda job: ok(len(job.timed))) -> None:
        self.end = timed
        self.launched: list[str] = []
        self.began: list[int] = []
        self.controls: list[int] = []

    def run_displays(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, LaunchEnd]]:
        return ((job, ok(0)) for job in jobs)

    def run_timed(self, job: Job) -> LaunchEnd:
        self.launched.append(job.example.id)
        return self.end(job)

    def run_control(self, index: int) -> LaunchEnd:
        assert index == len(self.began) - 1
        self.controls.append(len(self.launched) - self.began[-1])
        return LaunchEnd(Outcome("ok"), LaunchResult(index, (Point("product", (), "time", CONTROL, "made"),)), 0.1)

    def new_round(self) -> None:
        self.began.append(len(self.launched))


def test_every_round_launches_each_example_once_in_an_order_of_its_own() -> None:
    jobs = [Job(made_example(id=f"kernels/{name}"), "cpu", "quick") for name in "abcd"]
    launches = Launches()
    over = list(run_jobs(jobs, launches, controls := Controls(), NoProgress(), random.Random(7)))
    rounds = [tuple(launches.launched[start : start + 4]) for start in range(0, len(launches.launched), 4)]
    assert len(rounds) == 6
    assert all(len(set(names)) == 4 for names in rounds)
    assert len(set(rounds)) > 1
    assert launches.began == [0, 4, 8, 12, 16, 20]
    assert [job.outcome for job in over] == [Outcome("ok")] * 4
    assert len(set(launches.controls)) > 1
    (control,) = controls.results
    assert (control.name, control.made_with) == ("product", "made")
    assert [launch.index for launch in control.launches] == [0, 1, 2, 3, 4, 5]


def test_a_record_has_the_controls_of_all_its_rounds() -> None:
    """Those of the last round may come after the job's own launch."""
    jobs = [Job(made_example(id=f"kernels/{name}", launches=2 + (name == "b")), "cpu", "quick") for name in "ab"]
    controls = Controls()
    rounds = {
        job.example.id: controls.rounds for job in run_jobs(jobs, Launches(), controls, NoProgress(), random.Random(3))
    }
    assert rounds == {"kernels/a": 2, "kernels/b": 3}


def test_a_round_without_controls_is_told_and_harms_no_example() -> None:
    job = Job(made_example(), "cpu", "quick")
    launches, controls = Launches(), Controls()
    launches.run_control = lambda _: LaunchEnd(Outcome("failed", "no numpy"), None, 0.1)  # type: ignore[method-assign, assignment]
    assert list(run_jobs([job], launches, controls, NoProgress(), random.Random(1))) == [job]
    assert job.outcome == Outcome("ok")
    assert (controls.results, controls.error) == ((), "failed: no numpy")


def test_a_failing_example_is_launched_no_more_and_the_others_go_on() -> None:
    jobs = [Job(made_example(id=f"kernels/{name}"), "cpu", "quick") for name in "ab"]

    def timed(job: Job) -> LaunchEnd:
        if job.example.id == "kernels/b" and job.timed:
            return LaunchEnd(Outcome("failed", "exit code 3"), None, 1.0)
        return ok(len(job.timed))

    list(run_jobs(jobs, Launches(timed), Controls(), NoProgress(), random.Random(0)))
    good, bad = jobs
    assert (good.outcome, good.launches) == (Outcome("ok"), 7)
    assert (bad.outcome, bad.launches) == (Outcome("failed", "exit code 3"), 3)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", *identity, *arguments), cwd=root, check=True, capture_output=True)


def test_a_record_knows_its_commit_and_whether_its_files_differ_from_it(tmp_path: Path) -> None:
    assert commit_of(tmp_path, ["a.py"]) == ("", True)
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "b.py").write_text("1")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    commit, dirty = commit_of(tmp_path, ["a.py"])
    assert (len(commit), dirty) == (40, False)
    (tmp_path / "b.py").write_text("2")
    assert commit_of(tmp_path, ["a.py"]) == (commit, False)
    assert commit_of(tmp_path, ["a.py", "b.py"]) == (commit, True)


def test_the_commit_of_a_copy_without_git_is_what_was_stated(tmp_path: Path) -> None:
    assert commit_of(tmp_path, ["a.py"], "ab" * 20) == ("ab" * 20, False)
