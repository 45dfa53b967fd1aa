"""A site of two machines that nobody has: one with a CPU, one with an accelerator. Every number is made up."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from stackdoc.model.example import Cell, Example
from stackdoc.model.machine import Accelerator, Machine, Software
from stackdoc.model.record import Check, Launch, Output, Point, Prediction, Ratio, Record, Work
from stackdoc.project import Layout
from stackdoc.render.html.page import Page
from stackdoc.render.pages import record as record_page
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.domain import STACK
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.handbook import Handbook, handbook
from stackdoc.stack.layers.types import Layer, Stack
from stackdoc.stack.systems.types import Status, System
from stackdoc.stack.taxonomies.types import Source, SourceLayer, Taxonomy
from stackdoc.statistics.roofs import Roofs
from tests.made import records

SPREAD = (0.97, 0.98, 0.99, 0.995, 1.0, 1.005, 1.01, 1.02, 1.03)
DATA = {one.name for one in fields(Handbook)}
HOSTILE = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e`{{7*7}}` \\ $x$ ~ } @misc{a,\r\nER  - \r\nTY  - DATA'
)

ZEN = Machine(
    id="zen4-2c-24g-9f3a",
    cpu="AMD EPYC 9B14",
    vendor="AMD",
    architecture="x86_64",
    microarchitecture="zen4",
    cores=2,
    memory_gib=24,
    l1d_bytes=32 << 10,
    l2_bytes=1 << 20,
    l3_bytes=32 << 20,
    isa=("avx2", "avx512f"),
)
HOPPER = Machine(
    id="sapphire-16c-128g-h200-77aa",
    cpu="Intel Xeon 8468",
    vendor="Intel",
    architecture="x86_64",
    microarchitecture="sapphirerapids",
    cores=16,
    memory_gib=128,
    accelerators=(Accelerator("NVIDIA H200", "sm_90", 140, 1, 132),),
)
SOFTWARE = Software("3.11.2", "Debian GNU/Linux 12", "6.1", "0.1.0", {"torch": "2.13.0", "numpy": "2.3.1"})


def timed(
    name: str, seconds: float, work: Work | None = None, predicted: float = 0.0, launches: int = 9, **parameters: int
) -> Point:
    """A quiet point whose median is `seconds`: launches of 24 blocks around it."""
    made = tuple(
        Launch(
            index=index,
            started="2026-11-20T10:00:00Z",
            calls=4,
            warmup_calls=8,
            wall_ns=tuple(round(seconds * 4e9 * factor) for _ in range(24)),
            cpu_ns=tuple(round(seconds * 4e9 * factor) for _ in range(24)),
            switches=(0,) * 24,
            psi=0.1,
        )
        for index, factor in enumerate(SPREAD[:launches])
    )
    return Point(
        name=name,
        parameters=tuple(sorted(parameters.items())),
        kind="time",
        launches=made,
        label={"library": "torch.mm"}.get(name, ""),
        dtype="float32",
        work=work,
        check=Check("float64 reference", 2e-7, 1e-4),
        prediction=Prediction(predicted, "2n³ / GEMM roof") if predicted else None,
    )


def value(name: str, number: float, unit: str) -> Point:
    launches = tuple(Launch(index=index, started="2026-11-20T10:00:00Z", value=number) for index in range(9))
    return Point(name=name, parameters=(), kind="value", launches=launches, unit=unit, better="higher")


def product(n: int) -> Work:
    return Work(flop=2.0 * n**3, bytes=12.0 * n**2)


def record(id: str, example: str, machine: Machine, points: tuple[Point, ...], **changes: Any) -> Record:
    values = {
        "profile": "full",
        "measured_at": "2026-11-20T10:00:00Z",
        "software": SOFTWARE,
        "closure": (),
        "commit": "0123456789ab",
    }
    return records.record(*points, id=id, example=example, machine=machine, **{**values, **changes})


def gemm_points(speed: float) -> tuple[Point, ...]:
    """Matrix products at `speed` FLOP/s, and loops a hundred times slower."""
    library = [timed("library", 2.0 * n**3 / speed, product(n), 1.6 * n**3 / speed, n=n) for n in (128, 256, 512, 1024)]
    plain = [timed("plain", 200.0 * n**3 / speed, product(n), n=n) for n in (128, 256)]
    return (*plain, *library, value("bytes-per-token", 4.93, "B/token"))


def example(id: str = "kernels/gemm", **changes: Any) -> Example:
    made = Example(
        id=id,
        path=f"examples/{id}.py",
        layer=id.partition("/")[0],
        title="Matrix multiplication: plain loops against the library",
        summary="One product, written two ways.",
        source="import torch\n\nprint(1)\n",
        cells=(Cell("markdown", "Some *words*.", 1), Cell("code", "import torch\n\nprint(1)\n", 3)),
        digest="d1",
        closure=(),
        devices=("cpu", "cuda"),
    )
    return replace(made, **changes)


def stack() -> Stack:
    layers = (
        Layer("silicon", "Silicon", 1, 0, "What computes?", "Chips and memory."),
        Layer("kernels", "Kernels", 2, 0, "What runs on it?", "Tuned operators."),
    )
    source = Source(
        "8-layer",
        "Eight layers",
        "8-layer",
        "A. Author",
        "eight.pdf",
        "2026-11-01",
        "c",
        "build",
        "up",
        "rank",
        sha256="00",
    )
    rows = (SourceLayer("8-layer", "1", 1, "Hardware", "Chips."), SourceLayer("8-layer", "2", 2, "Kernels", "Code."))
    return Stack("The AI technology stack, measured", layers, (), (), (), (), (Taxonomy(source, rows),))


def site(root: Path, *more: Record, **changes: Any) -> Site:
    """`default_machine` is the one with the CPU; the other was measured elsewhere."""
    ratio = Ratio("speed-up", (("n", 256),), "plain;n=256", "library;n=256")
    outputs = (Output(1, "text/plain", "1\n"),)
    roof = (
        timed("gemm", 2.0 * 512**3 / 97e9, product(512), n=512),
        timed("triad", 1e8 / 31e9, Work(bytes=1e8), bytes=100_000_000),
    )
    made_records = (
        record(
            "aaaaaaaaaaaa",
            "kernels/gemm",
            ZEN,
            gemm_points(80e9),
            ratios=(ratio,),
            roofs="cccccccccccc",
            outputs=outputs,
        ),
        record(
            "bbbbbbbbbbbb",
            "kernels/gemm",
            HOPPER,
            gemm_points(40e12),
            device="cuda",
            software=replace(SOFTWARE, packages={"torch": "2.12.0", "numpy": "2.3.1"}, driver="580.10"),
        ),
        record("cccccccccccc", "silicon/roofs", ZEN, roof),
        *more,
    )
    claim = Claim(
        "libraries-beat-plain-code",
        "kernels",
        "A tuned library beats plain loops.",
        ("8-layer:2",),
        "tested",
        predicate=Predicate("kernels/gemm", "ratio", ("speed-up;n=256",), ">", 10.0),
    )
    fact = Fact(
        "h100-bf16-dense",
        "silicon",
        "Peak rate",
        "989",
        "TFLOP/s",
        "bf16, dense",
        "datasheet",
        "NVIDIA",
        "2023-03",
        "https://example.org/",
    )
    system = System(
        "cublas",
        "cuBLAS",
        "library",
        "",
        "kernels",
        (),
        ("8-layer:2",),
        status=Status("active", "2026-11", "https://example.org/"),
    )
    data = Handbook(
        stack=stack(),
        claims={
            claim.id: claim,
            "dear": Claim("dear", "silicon", "Power is dear.", ("8-layer:1",), "restated", missing="needs a meter"),
        },
        facts={fact.id: fact},
        systems={system.id: system},
    )
    made = Site(
        layout=Layout(root),
        subject=STACK,
        data=data,
        examples={
            one.id: one for one in (example(), example("silicon/roofs", roofs=True, title="Roofs", devices=("cpu",)))
        },
        records={one.id: one for one in made_records},
        measured_here=frozenset({"aaaaaaaaaaaa", "cccccccccccc", *(one.id for one in more)}),
        author="The stackdoc project",
        licence="CC0-1.0",
        text_licence="CC-BY-4.0",
    )
    return changed(made, **changes)


def changed(site: Site, **changes: Any) -> Site:
    """The site with other values of its own, and of its handbook where they are that one's."""
    of_data = {name: one for name, one in changes.items() if name in DATA}
    own = {name: one for name, one in changes.items() if name not in DATA}
    return replace(site, data=replace(handbook(site), **of_data), **own)


def another(speed: float, **changes: Any) -> Record:
    """Another record of the products on the machine here, at `speed` FLOP/s."""
    return record("dddddddddddd", "kernels/gemm", ZEN, gemm_points(speed), **changes)


def shared(id: str) -> Record:
    """The newest record of the machine here, whose blocks were all interrupted."""
    points = tuple(
        replace(
            point, launches=tuple(replace(launch, switches=(1,) * len(launch.wall_ns)) for launch in point.launches)
        )
        if point.kind == "time"
        else point
        for point in gemm_points(70e9)
    )
    return record(id, "kernels/gemm", ZEN, points, measured_at="2026-11-22T00:00:00Z")


def roofs(site: Site) -> dict[str, Roofs | None]:
    """The roofs under which each record stands."""
    found = Roofs.from_record(site.records["cccccccccccc"])
    return {id: found if one.machine == ZEN else None for id, one in site.records.items()}


def record_pages(site: Site, address: str = "") -> tuple[Page, ...]:
    """The pages of all records of the site, with the list of them."""
    every = (page for record in site.records.values() for page in record_page.pages(site, record, address=address))
    return (record_page.index(site), *every)
