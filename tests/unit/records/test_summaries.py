"""A validated record is not examined again, in a build not even read; one that has changed since always is."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import random
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.device import DeviceState
from stackdoc.model.record import Control, Launch, Point, Ratio, Record, Work
from stackdoc.project import SUMMARIES, Layout
from stackdoc.records import store, summaries
from stackdoc.records.identity import digest_of_file
from stackdoc.statistics import quantity, sample, summarise
from stackdoc.statistics.condensed import CondensedLaunch
from stackdoc.statistics.controls import seconds
from stackdoc.statistics.extent import bounds, extent
from stackdoc.statistics.quantities import QUANTITIES
from stackdoc.statistics.roofs import Roofs
from stackdoc.statistics.summary import device_timed, is_launch_bound, missing_device_times, was_loaded
from tests.made.records import made_record

LONG_AGO = time.time() - 3600


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose fields were examined."""
    names: list[str] = []
    parse = store.parse

    def noting(content: bytes, file: str, name: str) -> object:
        names.append(name)
        return parse(content, file, name)

    monkeypatch.setattr(store, "parse", noting)
    return names


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the records' files that were read."""
    names: list[str] = []
    read_bytes = Path.read_bytes

    def noting(path: Path) -> bytes:
        if path.suffix == ".json" and "records" in path.parts:
            names.append(path.stem)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    return names


@pytest.fixture(autouse=True)
def no_recent_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a test has just written count as old, unless the test says otherwise."""
    monkeypatch.setattr(summaries, "RECENT_NS", -(10**12))


def stored(root: Path, *records: Record) -> list[Path]:
    return [root / store.write(Layout(root), record) for record in records]


def read(root: Path, problems: list[Problem] | None = None) -> dict[str, Record]:
    return store.read_all(Layout(root), [] if problems is None else problems, summarised=True)


def launches(dice: random.Random, kind: str) -> tuple[Launch, ...]:
    """Nine launches of which some were disturbed, on the clock of a processor, of a device, or with values."""
    made = []
    for index in range(9):
        wall = tuple(dice.randint(900, 2_000) for _ in range(dice.randint(1, 24)))
        cpu = tuple(round(ns * dice.choice((0.6, 0.99, 1.0))) for ns in wall)
        switches = tuple(dice.choice((0, 0, 0, 2)) for _ in wall)
        psi = dice.choice((None, 0.0, 3.2, 80.0))
        launch = Launch(index, f"2026-01-01T00:00:0{index}Z", dice.randint(1, 7), 3, psi=psi)
        if kind == "value":
            made.append(dataclasses.replace(launch, calls=0, value=dice.choice((0.25, 3.0, 1e-9))))
        elif kind == "processor":
            made.append(dataclasses.replace(launch, wall_ns=wall, cpu_ns=cpu, switches=switches, faults=4))
        else:
            state = DeviceState(1755, 1980, 412.0, 700.0, 61, dice.choice(((), ("power",))), dice.choice((0, 1)))
            device = () if kind == "some device times" and index % 2 else tuple(max(ns // 2, 1) for ns in wall)
            made.append(
                dataclasses.replace(launch, wall_ns=wall, device_ns=device, states=(state, state), throttle=("power",))
            )
    return tuple(made)


def varied(seed: int) -> Record:
    dice = random.Random(seed)
    kinds = ("processor", "device", "some device times", "value")
    points = tuple(
        Point(
            "gemm-numpy" if kind == "processor" else "triad" if kind == "device" else "dispatch",
            (("n", number), ("mode", "eager"), ("share", 1.5), ("fused", True)),
            "value" if kind == "value" else "time",
            launches(dice, kind),
            dtype="float32",
            work=Work(1e9 + number, 1e6),
        )
        for number, kind in enumerate(kinds * 2)
    )
    ratio = Ratio("speedup", (("n", 0),), points[0].key, points[4].key)
    control = Control("product", "numpy 2", launches(dice, "processor"), Work(1e6, 0.0))
    device = "cuda" if seed % 2 else "cpu"
    return made_record(points=points, ratios=(ratio,), controls=(control,), device=device)


@pytest.mark.parametrize("seed", range(8))
def test_statistics_of_a_summary_are_exactly_those_of_the_samples(tmp_path: Path, seed: int) -> None:
    record = varied(seed)
    stored(tmp_path, record)
    for summary in (read(tmp_path)[record.id], read(tmp_path)[record.id]):  # just made, and from the database
        assert (summary.keys, summary.outputs, summary.ratios) == (record.keys, record.outputs, record.ratios)
        assert Roofs.from_record(summary) == Roofs.from_record(record)
        assert list(map(seconds, summary.controls)) == list(map(seconds, record.controls))
        roofs = Roofs.from_record(record)
        for key in record.keys:
            for name in QUANTITIES:
                assert quantity(summary, key, name, roofs) == quantity(record, key, name, roofs)
                assert extent(summary, key, name, roofs) == extent(record, key, name, roofs)
        for short, full in zip(summary.points, record.points, strict=True):
            assert dataclasses.replace(short, launches=()) != full
            assert summarise(short) == summarise(full)
            assert list(map(sample, short.launches)) == list(map(sample, full.launches))
            assert (was_loaded(short), missing_device_times(short)) == (was_loaded(full), missing_device_times(full))
            assert is_launch_bound(short) == is_launch_bound(full)
            assert (device_timed(short) is None) == (device_timed(full) is None)
            for one, other in zip(short.launches, full.launches, strict=True):
                assert one.total_ns == other.total_ns
                assert not other.is_timed or bounds(one) == bounds(other)
                names = {field.name for field in dataclasses.fields(Launch)} - set(summaries.BLOCKS)
                assert all(getattr(one, name) == getattr(other, name) for name in names)
                assert all(type(getattr(one, name)) is type(getattr(other, name)) for name in names)


def test_a_summary_has_no_samples_and_says_so(tmp_path: Path) -> None:
    stored(tmp_path, record := made_record())
    launch = read(tmp_path)[record.id].points[0].launches[0]
    assert isinstance(launch, CondensedLaunch)
    for use in (len, list, bool, sum, lambda blocks: blocks[0], lambda blocks: blocks[:1]):
        with pytest.raises(TypeError, match="no blocks"):
            use(launch.wall_ns)


def test_the_whole_record_is_read_for_its_file_only(tmp_path: Path, opened: list[str]) -> None:
    (path,) = stored(tmp_path, record := varied(1))
    content = path.read_bytes()
    read(tmp_path)
    opened.clear()
    summary = read(tmp_path)[record.id]
    assert summarise(summary.points[0]) == summarise(record.points[0])
    assert (opened, summary == record, summary != varied(2)) == ([], True, True)
    assert store.file_content(summary) == content
    assert opened == [record.id]


def test_a_record_is_examined_once_and_read_as_the_same(tmp_path: Path, parsed: list[str]) -> None:
    stored(tmp_path, record := made_record())
    first, again = (store.read_all(Layout(tmp_path), []) for _ in range(2))
    assert (parsed, again, first) == ([record.id], {record.id: record}, {record.id: record})
    assert store.file_content(again[record.id]) == store.file_content(record)


def edited(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"threads":1', b'"threads":2'))


def edited_in_the_past(path: Path) -> None:
    """As by a program that sets the times of what it writes, or by a clock that was set back."""
    status = path.stat()
    edited(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def renamed(path: Path) -> None:
    path.rename(path.with_name("0123456789ab.json"))


def moved(path: Path) -> None:
    (path.parents[1] / "other").mkdir()
    path.rename(path.parents[1] / "other" / path.name)


@pytest.mark.parametrize("summarised", [False, True])
@pytest.mark.parametrize("change", [edited, edited_in_the_past, cut, renamed, moved])
def test_what_was_changed_after_validation_is_refused(
    tmp_path: Path, change: Callable[[Path], None], summarised: bool
) -> None:
    (path,) = stored(tmp_path, made_record())
    store.read_all(Layout(tmp_path), [], summarised=summarised)
    before = path.read_bytes()
    change(path)
    assert not path.exists() or path.read_bytes() != before
    problems: list[Problem] = []
    assert store.read_all(Layout(tmp_path), problems, summarised=summarised) == {}
    assert len(problems) == 1


def test_a_check_reads_what_a_build_trusts(tmp_path: Path, opened: list[str]) -> None:
    stored(tmp_path, record := made_record())
    read(tmp_path)
    opened.clear()
    read(tmp_path)
    assert opened == []
    store.read_all(Layout(tmp_path), [])
    assert opened == [record.id]


def test_a_file_that_was_written_just_before_it_was_read_is_read_again(
    tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have changed within one tick of the clock of the file system, as git knows too."""
    monkeypatch.setattr(summaries, "RECENT_NS", 10**12)
    stored(tmp_path, record := made_record())
    for _ in range(3):
        read(tmp_path)
    assert opened == [record.id] * 3


def test_a_record_that_is_replaced_while_it_is_in_use_is_named(tmp_path: Path) -> None:
    (path,) = stored(tmp_path, record := made_record())
    summary = read(tmp_path)[record.id]
    edited(path)
    with pytest.raises(StackdocError, match="content hashes to"):
        store.file_content(summary)
    path.unlink()
    with pytest.raises(StackdocError, match=r"can't be read: No such file"):
        store.file_content(summary)


def overwritten(file: Path) -> None:
    file.write_bytes(b"not a database" * 500)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def of_another_program(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE made (something INTEGER)")


def with_wrong_values(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE files SET head = x'00', size = size")
        connection.execute("UPDATE contents SET content = x'01', controls = NULL")


def without_contents(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM contents")


def removed(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    "damage",
    [overwritten, truncated, emptied, of_another_program, with_wrong_values, without_contents, removed],
)
def test_a_damaged_database_changes_nothing_and_is_made_anew(
    tmp_path: Path, damage: Callable[[Path], None], opened: list[str]
) -> None:
    records = [varied(seed) for seed in range(3)]
    stored(tmp_path, *records)
    read(tmp_path)
    damage(tmp_path / SUMMARIES)
    for _ in range(2):
        summary = read(tmp_path)
        for record in records:
            assert summarise(summary[record.id].points[1]) == summarise(record.points[1])
            assert list(map(seconds, summary[record.id].controls)) == list(map(seconds, record.controls))
    if damage is not without_contents:
        opened.clear()
        read(tmp_path)
        assert opened == []


def test_damage_that_appears_during_a_build_changes_nothing(tmp_path: Path) -> None:
    stored(tmp_path, record := varied(11))
    read(tmp_path)
    summary = read(tmp_path)[record.id]
    overwritten(tmp_path / SUMMARIES)
    assert summarise(summary.points[0]) == summarise(record.points[0])
    assert not (tmp_path / SUMMARIES).exists()


@pytest.mark.case(75)
def test_a_database_that_came_with_the_repository_is_ignored(
    tmp_path: Path, parsed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    stored(tmp_path, record := made_record())
    read(tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "--force", SUMMARIES], check=True)
    before = (tmp_path / SUMMARIES).read_bytes()
    assert summarise(read(tmp_path)[record.id].points[0]) == summarise(record.points[0])
    store.read_all(Layout(tmp_path), [])
    assert parsed == [record.id] * 3
    message = ".stackdoc/records.sqlite is under version control and therefore ignored; remove it from the repository"
    assert caplog.messages == [message] * 2
    assert (tmp_path / SUMMARIES).read_bytes() == before


@pytest.mark.case(75)
def test_a_forged_database_does_not_spare_the_hash(tmp_path: Path) -> None:
    """As in a download that is not a repository: whatever the database claims of a file, a check hashes its content."""
    (path,) = stored(tmp_path, record := made_record())
    store.read_all(Layout(tmp_path), [])
    edited(path)
    for digest in (record.sha256, hashlib.sha256(path.read_bytes()).hexdigest(), digest_of_file(path.read_bytes())):
        with closing(sqlite3.connect(tmp_path / SUMMARIES)) as connection, connection:
            connection.execute("UPDATE files SET sha256 = ?", (digest,))
        for summarised in (False, True):
            problems: list[Problem] = []
            assert store.read_all(Layout(tmp_path), problems, summarised=summarised) == {}
            assert "content hashes to" in problems[0].message


def test_other_code_examines_all_again(tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path, record := made_record())
    read(tmp_path)
    monkeypatch.setattr(summaries, "code_digest", lambda: "other")
    read(tmp_path)
    assert parsed == [record.id, record.id]


def test_the_database_has_no_more_than_the_files_that_are_there(tmp_path: Path) -> None:
    paths = stored(tmp_path, *(made_record(measured_at=f"2026-01-0{day}T00:00:00Z") for day in (1, 2)))
    for left in (2, 1):
        read(tmp_path)
        with closing(sqlite3.connect(tmp_path / SUMMARIES)) as connection:
            for table in ("files", "contents"):
                assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (left,)
        paths.pop().unlink()


def test_a_checkout_without_room_for_a_database_is_read_all_the_same(tmp_path: Path) -> None:
    stored(tmp_path, record := varied(5))
    (tmp_path / SUMMARIES.parent).write_text("in the way")
    assert list(store.read_all(Layout(tmp_path), [])) == [record.id]
    assert summarise(read(tmp_path)[record.id].points[0]) == summarise(record.points[0])


def test_a_project_without_records_gets_no_database(tmp_path: Path) -> None:
    assert read(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_two_builds_at_once_read_the_same(tmp_path: Path) -> None:
    records = [varied(seed) for seed in range(20)]
    stored(tmp_path, *records)
    seen: list[list[float]] = []

    def build() -> None:
        for _ in range(3):
            seen.append([summarise(record.points[0]).value for _, record in sorted(read(tmp_path).items())])

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [summarise(record.points[0]).value for record in sorted(records, key=lambda record: record.id)]
    assert seen == [expected] * 12


def test_memory_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    """A record with a hundred times the blocks takes no more memory once it is read."""
    import tracemalloc

    def held(blocks: int) -> int:
        wall = tuple(range(1000, 1000 + blocks))
        launch = Launch(0, "2026-01-01T00:00:00Z", 1, 3, wall, wall, (0,) * blocks)
        root = tmp_path / str(blocks)
        for day in range(1, 6):
            point = Point("library", (), "time", (launch,) * 1)
            stored(root, made_record(points=(point,), measured_at=f"2026-01-0{day}T00:00:00Z"))
        read(root)
        tracemalloc.start()
        records = read(root)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(records) == 5
        return size

    held(10)
    assert held(20_000) < 1.2 * held(200)
