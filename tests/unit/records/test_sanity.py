"""Records that nothing can have observed are refused by name wherever they come from; all others can be shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from stackdoc.adapters.cli.main import main
from stackdoc.model.device import Computed
from stackdoc.model.machine import Accelerator, Allotment, Topology
from stackdoc.model.record import (
    Check,
    Control,
    Energy,
    Launch,
    Memory,
    Output,
    Point,
    Prediction,
    Ratio,
    Record,
    Work,
)
from stackdoc.project import Layout
from stackdoc.records import export, store
from stackdoc.records.bundle import pack
from stackdoc.records.sanity import (
    LARGEST,
    LONGEST,
    MOST_POINTS,
    MOST_SECONDS,
    MOST_WORK,
    SMALLEST,
    dated_in_future,
    impossible_values,
)
from stackdoc.statistics import format_figure, quantity
from stackdoc.statistics.quantities import QUANTITIES
from tests.made.project import make_project
from tests.made.records import MACHINE, made_record
from tests.made.repository import ROOT

GOOD = made_record()
POINT = GOOD.points[0]
LAUNCH = POINT.launches[0]
VALUE = Point("loss", (), "value", (Launch(0, "2026-01-01T00:00:00Z", value=1.0),), unit="1")


def of_points(*points: Point) -> Record:
    return made_record(points=points)


def of_point(**changes: Any) -> Record:
    return of_points(replace(POINT, **changes))


def of_launch(**changes: Any) -> Record:
    return of_point(launches=(replace(LAUNCH, **changes),))


def of_value(value: float | None) -> Record:
    return of_points(replace(VALUE, launches=(replace(VALUE.launches[0], value=value),)))


def of_machine(**changes: Any) -> Record:
    return made_record(machine=replace(MACHINE, **changes))


CONTROL = Control("product", "controls/1, Python 3.11.7, NumPy 2.3.0", (LAUNCH,))


def of_controls(*controls: Control, **changes: Any) -> Record:
    return made_record(controls=(*controls, replace(CONTROL, **changes)))


HOSTILE: dict[str, tuple[Record, str, str]] = {
    "no blocks": (of_launch(wall_ns=(), cpu_ns=(), switches=()), "points[0].launches[0].wall_ns", "has no blocks"),
    "short cpu_ns": (of_launch(cpu_ns=(990,)), "points[0].launches[0].cpu_ns", "has 1 blocks, wall_ns 2"),
    "a control twice": (of_controls(CONTROL), "controls", "have a duplicate name"),
    "a control without launches": (of_controls(launches=()), "controls[0].launches", "is empty"),
    "a control of nothing": (of_controls(made_with=" "), "controls[0].made_with", "is empty"),
    "a round twice": (of_controls(launches=(LAUNCH, LAUNCH)), "controls[0].launches", "have a duplicate round"),
    "a control without blocks": (
        of_controls(launches=(replace(LAUNCH, wall_ns=(), cpu_ns=(), switches=()),)),
        "controls[0].launches[0].wall_ns",
        "has no blocks",
    ),
    "an unknown control": (of_controls(name="guess"), "controls[0].name", "known: product, triad"),
    "no cpu_ns": (of_launch(cpu_ns=()), "points[0].launches[0].cpu_ns", "has 0 blocks, wall_ns 2"),
    "short switches": (of_launch(switches=(0,)), "points[0].launches[0].switches", "has 1 blocks, wall_ns 2"),
    "threads=abc": (of_point(parameters=(("threads", "abc"),)), "points[0].parameters", "threads is 'abc'"),
    "threads=0": (of_point(parameters=(("threads", 0),)), "points[0].parameters", "threads is 0"),
    "threads=true": (of_point(parameters=(("threads", True),)), "points[0].parameters", "threads is True"),
    "value 5e-324": (of_value(5e-324), "points[0].launches[0].value", "is 5e-324, beyond"),
    "value 1.7e308": (of_value(1.7e308), "points[0].launches[0].value", "is 1.7e+308, beyond"),
    "value -1.7e308": (of_value(-1.7e308), "points[0].launches[0].value", "is -1.7e+308, beyond"),
    "no value": (of_value(None), "points[0].launches[0].value", "is missing"),
    "value of a timing": (of_launch(value=1.0), "points[0].launches[0].value", "the point is a timing"),
    "blocks of a value": (
        of_points(replace(VALUE, launches=(replace(LAUNCH, value=1.0),))),
        "wall_ns",
        "although the launch has a value",
    ),
    "work 1e308": (of_point(work=Work(1e308, 1.0)), "points[0].work.flop", "is 1e+308"),
    "bytes 1e308": (of_point(work=Work(1.0, 1e308)), "points[0].work.bytes", "is 1e+308"),
    "negative work": (of_point(work=Work(-1.0, 1.0)), "points[0].work.flop", "is -1.0"),
    "prediction 1e308": (of_point(prediction=Prediction(1e308)), "points[0].prediction.seconds", "is 1e+308"),
    "prediction 5e-324": (of_point(prediction=Prediction(5e-324)), "points[0].prediction.seconds", "is 5e-324"),
    "parameter 1e308": (of_point(parameters=(("n", 1e308),)), "points[0].parameters.n", "is 1e+308"),
    "2000 points": (of_points(*(replace(VALUE, name=f"v{i}") for i in range(2000))), "points", "has 2000 entries"),
    "no launches": (of_point(launches=()), "points[0].launches", "is empty"),
    "repeats an id": (made_record(repeats=GOOD.id), "repeats", "is not the SHA-256 of a record"),
    "repeats nothing": (made_record(repeats=""), "repeats", "'' is not the SHA-256 of a record"),
    "1001 launches": (of_point(launches=(LAUNCH,) * 1001), "points[0].launches", "has 1001 entries"),
    "label of 100 kB": (of_point(label="x" * 100_000), "points[0].label", "has 100000 characters"),
    "label of 1 MB": (of_point(label="x" * 1_000_000), "points[0].label", "has 1000000 characters"),
    "long package": (
        made_record(software=replace(GOOD.software, packages={"x" * 2000: "1"})),
        "software.packages[0][0]",
        "has 2000 characters",
    ),
    "long key": (of_point(parameters=tuple((f"p{i}", "x" * 99) for i in range(20))), "points", "a key has"),
    "two of one key": (of_points(VALUE, VALUE), "points", "2 have the key 'loss'"),
    "negative calls": (of_launch(calls=-1), "points[0].launches[0].calls", "is -1"),
    "no calls": (of_launch(calls=0), "points[0].launches[0].calls", "is 0"),
    "negative CPU time": (of_launch(cpu_ns=(-5, 1000)), "points[0].launches[0].cpu_ns", "a block has -5"),
    "negative switches": (of_launch(switches=(0, -1)), "points[0].launches[0].switches", "a block has -1"),
    "negative block": (of_launch(wall_ns=(1000, -5)), "points[0].launches[0].wall_ns", "a block took -5 ns"),
    "pressure of 200 %": (of_launch(psi=200.0), "points[0].launches[0].psi", "is 200.0; 0 to 100 is possible"),
    "started": (of_launch(started="yesterday"), "points[0].launches[0].started", "'yesterday' is not a time"),
    "started on no day": (
        of_launch(started="2025-02-31T00:00:00Z"),
        "points[0].launches[0].started",
        "'2025-02-31T00:00:00Z' is not a time",
    ),
    "100001 blocks": (
        of_launch(wall_ns=(9,) * 100_001, cpu_ns=(9,) * 100_001, switches=(0,) * 100_001),
        "points[0].launches[0].wall_ns",
        "has 100001 blocks",
    ),
    "a launch twice": (of_point(launches=(LAUNCH, LAUNCH)), "points[0].launches", "have a duplicate index"),
    "ratio of nothing": (
        made_record(ratios=(Ratio("r", (), POINT.key, "nothing"),)),
        "ratios[0].fast",
        "'nothing' is not a point of the record",
    ),
    "ratio of a ratio": (
        made_record(ratios=(Ratio("r", (), "r", POINT.key),)),
        "ratios[0].slow",
        "'r' is not a point of the record",
    ),
    "cell before the first": (made_record(outputs=(Output(-1, "text/plain", "a"),)), "outputs[0].cell", "is -1"),
    "24 MB of output": (
        made_record(outputs=(Output(0, "text/plain", "x" * (8 << 20)),) * 3),
        "outputs",
        "have 25165824 characters",
    ),
    "negative threads": (made_record(threads=-1), "threads", "is -1"),
    "cores: -3": (of_machine(cores=-3), "machine.cores", "is -3"),
    "negative cache": (of_machine(l2_bytes=-1), "machine.l2_bytes", "is -1"),
    "no accelerators": (
        of_machine(accelerators=(Accelerator("X", "y", 1, 0),)),
        "machine.accelerators[0].count",
        "is 0",
    ),
    "device that is a path": (made_record(device="../x"), "device", "'../x' is not a device"),
    "commit that is an option": (made_record(commit="--output=x"), "commit", "'--output=x' is not a commit"),
    "commit of two lines": (made_record(commit="abcdef012345\n"), "commit", "is not a commit"),
    "device of a torch for processors": (
        made_record(device="cuda", software=replace(GOOD.software, packages={"torch": "2.13.0+cpu"})),
        "device",
        "is 'cuda', but torch 2.13.0+cpu was built for processors only",
    ),
    "device of another kind": (
        made_record(device="xpu", computed=Computed("rocm", "AMD Instinct MI300X")),
        "computed.backend",
        "is 'rocm', which does not compute for 'xpu'",
    ),
    "device on a processor": (
        made_record(computed=Computed("cuda", "NVIDIA H200")),
        "computed.backend",
        "is 'cuda', which does not compute for 'cpu'",
    ),
    "ninth of eight devices": (
        made_record(device="cuda", computed=Computed("cuda", "NVIDIA H200", index=8, visible=8)),
        "computed.index",
        "is 8; 0 to 7 is possible",
    ),
    "no CPUs": (made_record(allotment=Allotment(0)), "allotment.cpus", "is 0"),
    "no quota": (made_record(allotment=Allotment(1, 0.0)), "allotment.quota_cpus", "is 0.0"),
    "no sockets": (of_machine(topology=Topology(sockets=0)), "machine.topology.sockets", "is 0"),
    "here": (of_machine(id="here"), "machine.id", "'here' is reserved"),
    "Here": (of_machine(id="Here"), "machine.id", "'Here' is reserved"),
    "failed check": (
        of_point(check=Check("numpy", 0.5, 0.1)),
        "points[0].check.error",
        "more than the tolerance of 0.1",
    ),
    "negative tolerance": (of_point(check=Check("numpy", -1.0, -0.5)), "points[0].check.tolerance", "is -0.5"),
    "negative memory": (of_point(memory=Memory("host", "", -1, 5)), "points[0].memory.before_bytes", "is -1"),
    "negative energy": (of_point(energy=Energy("rapl", -1.0, 1.0, 1)), "points[0].energy.joules", "is -1.0"),
    "negative idle power": (
        of_point(energy=Energy("rapl", 1.0, 1.0, 1, idle_watts=-1e300)),
        "points[0].energy.idle_watts",
        "is -1e+300",
    ),
    "empty digest": (made_record(digest=" "), "digest", "is empty"),
    "no day": (made_record(measured_at="2025-02-31T00:00:00Z"), "measured_at", "is not a valid time"),
    "no hour": (made_record(measured_at="2025-02-03T29:00:00Z"), "measured_at", "is not a valid time"),
}


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def without_traceback(done: Result) -> str:
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), done.exception
    return done.stderr


@pytest.mark.case(21, 43)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.case(66)
def test_an_impossible_record_is_refused_by_import_and_by_check(tmp_path: Path, name: str) -> None:
    record, where, message = HOSTILE[name]
    make_project(tmp_path)
    (tmp_path / "b.zip").write_bytes(pack([record], "A. Person"))
    said = without_traceback(call(tmp_path, "bundle", "import", str(tmp_path / "b.zip")))
    assert f"b.zip: records/{record.id}.json: " in said
    assert where in said
    assert message in said
    assert not (tmp_path / "docs/records").exists()
    path = store.write(Layout(tmp_path), record)
    said = without_traceback(call(tmp_path, "check"))
    assert f"{path.as_posix()}: " in said
    assert where in said
    assert message in said


def test_every_record_of_the_handbook_passes() -> None:
    paths = sorted((ROOT / "docs/records").rglob("*.json"))
    assert paths
    for path in paths:
        assert store.parse(path.read_bytes(), path.name, path.stem).id == path.stem


def test_few_faults_of_one_record_are_named() -> None:
    launches = tuple(replace(LAUNCH, wall_ns=(), cpu_ns=(), switches=(), calls=-1) for _ in range(900))
    assert len(list(impossible_values(of_point(launches=launches)))) == 20


@pytest.mark.case(67)
def test_a_record_of_the_future_is_refused_by_import_and_check_and_not_by_reading(tmp_path: Path) -> None:
    make_project(tmp_path)
    future = made_record(measured_at="2099-01-01T00:00:00Z", profile="full")
    (tmp_path / "b.zip").write_bytes(pack([future], "A. Person"))
    said = without_traceback(call(tmp_path, "bundle", "import", str(tmp_path / "b.zip")))
    assert f"b.zip: records/{future.id}.json: measured_at: is 2099-01-01T00:00:00Z, which is in the future" in said
    assert not (tmp_path / "docs/records").exists()
    path = store.write(Layout(tmp_path), future)
    assert set(store.read_all(Layout(tmp_path), [])) == {future.id}
    said = without_traceback(call(tmp_path, "check"))
    assert f"{path.as_posix()}: measured_at: is 2099-01-01T00:00:00Z, which is in the future" in said
    entry = f'- {{record: "{future.id}", date: "2026-11-23", reason: Wrong.}}\n'
    (tmp_path / "docs/data/withdrawn.yml").write_text(entry, "utf-8")
    assert call(tmp_path, "check").exit_code == 0


@pytest.mark.case(67)
def test_a_machine_with_the_id_of_another_class_is_refused_by_import_and_check(tmp_path: Path) -> None:
    make_project(tmp_path)
    layout = Layout(tmp_path)
    store.write(layout, GOOD)
    forged = made_record(machine=replace(MACHINE, cpu="Forged CPU 9000"), measured_at="2026-01-02T00:00:00Z")
    twin = made_record(machine=replace(MACHINE, l3_bytes=1 << 25), measured_at="2026-01-03T00:00:00Z")
    (tmp_path / "b.zip").write_bytes(pack([forged], "A. Person"))
    message = f"machine.id: '{MACHINE.id}' is the id of another machine, {MACHINE.label}"
    said = without_traceback(call(tmp_path, "bundle", "import", str(tmp_path / "b.zip")))
    assert f"b.zip: records/{forged.id}.json: {message}" in said
    assert set(store.read_all(layout, [])) == {GOOD.id}
    store.write(layout, twin)
    assert call(tmp_path, "check").exit_code == 0
    path = store.write(layout, forged)
    assert f"{path.as_posix()}: {message}" in without_traceback(call(tmp_path, "check"))


def test_clocks_may_differ_by_a_day() -> None:
    record = made_record(measured_at="2026-01-02T00:00:00Z")
    assert not list(dated_in_future(record, datetime(2026, 1, 1, tzinfo=UTC)))
    assert list(dated_in_future(record, datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)))


NUMBERS = st.one_of(
    st.sampled_from([0.0, SMALLEST, -SMALLEST, LARGEST, -LARGEST, 1.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
NANOSECONDS = st.sampled_from([1, 10**6, 2**53 - 1])
WORKS = st.builds(Work, st.sampled_from([0.0, SMALLEST, 1.0, MOST_WORK]), st.sampled_from([0.0, 1.0, MOST_WORK]))
TIMED = st.builds(
    lambda blocks, calls: Launch(0, LAUNCH.started, calls, 0, blocks, blocks, (0,) * len(blocks)),
    st.lists(NANOSECONDS, min_size=1, max_size=3).map(tuple),
    st.sampled_from([1, 2**53 - 1]),
)


def numbered(launches: list[Launch]) -> tuple[Launch, ...]:
    return tuple(replace(launch, index=index) for index, launch in enumerate(launches))


@st.composite
def records(draw: Callable[..., object]) -> Record:
    """Of points whose numbers lie at the limits or anywhere."""
    values = draw(st.lists(NUMBERS, min_size=1, max_size=7))
    timed = draw(st.lists(TIMED, min_size=1, max_size=7))
    points = [
        Point("value", (), "value", numbered([replace(VALUE.launches[0], value=one) for one in values]), unit="J"),  # type: ignore[attr-defined]
        Point("slow", (), "time", numbered(timed), work=draw(WORKS), prediction=Prediction(-MOST_SECONDS)),  # type: ignore[arg-type]
        Point("fast", (("threads", 2),), "time", numbered(timed[::-1]), work=draw(WORKS)),  # type: ignore[arg-type,index]
    ]
    ratios = (
        Ratio("r", (), "slow", "fast;threads=2"),
        Ratio("s", (), "value", "slow"),
        Ratio("t", (), "slow", "value"),
    )
    return made_record(points=tuple(points), ratios=ratios)


@given(records())
@pytest.mark.case(66)
def test_every_figure_of_a_record_that_passes_can_be_written(record: Record) -> None:
    if list(impossible_values(record)):
        return
    for row in export.rows([record], {record.id: record}, {}, {}):
        assert math.isfinite(row["value"])
    for key in [one.key for one in record.points] + [one.key for one in record.ratios]:
        for name in QUANTITIES:
            figure = quantity(record, key, name)
            assert figure is None or format_figure(figure)


def test_a_record_may_be_as_large_as_the_limits() -> None:
    points = (replace(VALUE, name=f"v{index}", label="x" * LONGEST["label"]) for index in range(MOST_POINTS))
    assert not list(impossible_values(of_points(*points)))
