"""A stand-in for a GPU: lets torch of a machine without one take `cuda` for the processor.

Python imports a module of this name at its start where it finds one on its path. Every result is computed, on the
processor; the times, the memory and the energy mean nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace
from typing import Any

SHORTEST_NS = 1_000  # between two events
PRODUCTS = ("mm", "matmul", "__matmul__", "linear", "_int_mm")
MOVES = ("to", "new_tensor")  # may be given a device by position


class Event:
    """A time stamp of the host: what came before it is done."""

    def __init__(self, enable_timing: bool = False) -> None:
        self.timed = enable_timing
        self.at_ns = 0

    def record(self) -> None:
        self.at_ns = time.perf_counter_ns()

    def query(self) -> bool:
        """As of a device that still waits, so that its own time is taken too."""
        return False

    def elapsed_time(self, end: Event) -> float:
        return max(end.at_ns - self.at_ns, SHORTEST_NS) / 1e6


class Stream:
    """A stream, or a context of one or of a graph: what is asked for is done at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Whatever a stream, a context or a graph is made from."""

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is under way."""

    def wait_stream(self, stream: Stream) -> None:
        """Nothing is under way there either."""


class Graph:
    """A captured graph. Its capture has computed the result, which stays what it was."""

    def replay(self) -> None:
        """The result is there already."""


def on_processor(value: Any) -> Any:
    """`cpu` where a CUDA device is named; everything else as it is."""
    names_device = isinstance(value, str) or type(value).__name__ == "device"
    return "cpu" if names_device and str(value).partition(":")[0] == "cuda" else value


def stand_in(torch: ModuleType) -> None:
    """Puts the stand-in into the torch of this process.

    That no device is available stays true: the compiler asks, and would go to the driver.
    """
    cuda = torch.cuda
    cuda.get_device_properties = lambda *_: SimpleNamespace(
        name="stand-in", uuid="", L2_cache_size=1 << 20, multi_processor_count=1, total_memory=1 << 30
    )
    cuda.Event, cuda.CUDAGraph = Event, Graph
    cuda.Stream = cuda.stream = cuda.graph = cuda.current_stream = Stream
    cuda.current_device, cuda.device_count = lambda: 0, lambda: 1
    cuda.synchronize = cuda._sleep = cuda.reset_peak_memory_stats = lambda *_: None
    cuda.memory_allocated = cuda.max_memory_allocated = lambda *_: 0
    torch.version.cuda = "stand-in"
    torch.__dict__["autocast"] = _autocast(torch)
    _mode(torch).__enter__()  # for as long as the process lives


def _autocast(torch: ModuleType) -> type:
    class Autocast(torch.autocast):  # type: ignore[misc, name-defined]
        def __init__(self, device_type: str, *arguments: Any, **options: Any) -> None:
            super().__init__(on_processor(device_type), *arguments, **options)

    return Autocast


def _mode(torch: ModuleType) -> Any:
    """What torch asks before each of its functions."""
    from torch.overrides import TorchFunctionMode

    class OnProcessor(TorchFunctionMode):
        def __torch_function__(
            self, function: Any, types: Sequence[type], arguments: Sequence[Any] = (), options: Any = None
        ) -> Any:
            name = getattr(function, "__name__", "")
            options = {key: on_processor(value) if key == "device" else value for key, value in (options or {}).items()}
            if name == "pin_memory":
                return arguments[0].clone()
            if name in MOVES:
                arguments = list(map(on_processor, arguments))
            if name in PRODUCTS and (wide := _wide(torch, arguments)):
                return _multiplied(torch, function, name, arguments, wide)
            return function(*arguments, **options)

    return OnProcessor()


def _wide(torch: ModuleType, arguments: Sequence[Any]) -> Any:
    """The type in which a processor multiplies numbers of a short type fast and precisely enough, or None."""
    short = {torch.bfloat16: torch.float32, torch.float16: torch.float32, torch.int8: torch.float64}
    return short.get(getattr(arguments[0], "dtype", None))


def _multiplied(torch: ModuleType, function: Any, name: str, arguments: Sequence[Any], wide: Any) -> Any:
    """The product of the operands as they are, computed in a wider type and rounded once."""
    whole = name == "_int_mm"
    result = (torch.mm if whole else function)(*(one if one is None else one.to(wide) for one in arguments))
    return result.to(torch.int32 if whole else arguments[0].dtype)


class Finder(MetaPathFinder):
    """Finds torch where it lies, and puts the stand-in into it as soon as it is imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, *_: Any) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == "torch" else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            stand_in(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Finder())
