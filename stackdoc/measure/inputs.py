"""What a call does to the objects it works on: whether it changes its input, and whether it answers from a cache."""

from __future__ import annotations

import inspect
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from operator import length_hint
from typing import Any

from stackdoc.measure.checks import is_array
from stackdoc.measure.devices.clock import Block, Call, Clock
from stackdoc.model.record import Memory

CONTAINERS = (list, dict, set, deque, bytearray)
LARGEST_COPY = 64 << 20  # bytes of an array that is compared
LONGEST_LIST = 1_000_000
LONG_CALL_NS = 2_000_000_000  # a call of this length is not repeated for the question
CACHED = "may answer from a cache"
FASTER = 10  # times, from which on a call that returns the same object is suspected
BATCH = 1000  # inputs that are made before a block of calls
WAY_OUT = "give each call its own, by setup="


class Inputs:
    """The containers, arrays and generators that a call refers to, by name, and what they were before it.

    Some are outputs, or note what happened: they may change unless it shows that the call works on them, since their
    content is rearranged, shrinks or is used up. Those `given` must not change with every call either.
    """

    def __init__(self, call: Call, given: Sequence[Any] | None) -> None:
        self._objects = {name: one for name, one in _referred(call) if _can_be_compared(one)}
        self._given = {f"inputs[{at}]": one for at, one in enumerate(given or ()) if _can_be_compared(one)}
        self._first = {name: _state(one) for name, one in (self._objects | self._given).items()}
        self._second: dict[str, Any] = {}

    def changed(self) -> str:
        """Describe the first change of an input by the first call; empty if there is none."""
        self._second = {name: _state(one) for name, one in (self._objects | self._given).items()}
        for name, before in self._first.items():
            after = self._second[name]
            if how := _how(before, after):
                return f"{how} {name}, which it works on; {WAY_OUT}"
        return ""

    def changed_by_every_call(self) -> str:
        """Describe a given input that the second call changed as the first did; empty if there is none.

        A buffer for the result has the same content after both.
        """
        for name, one in self._given.items():
            states = (self._first[name], self._second[name], _state(one))
            if not any(_equal(before, after) for before, after in pairwise(states)):
                return f"changes {name} with every call; {WAY_OUT}"
        return ""

    def changed_again(self) -> str:
        """Describe an input that grew with the first call and again with the second; empty if there is none."""
        for name, one in self._objects.items():
            sizes = [_size(state) for state in (self._first[name], self._second[name], _state(one))]
            if isinstance(one, CONTAINERS) and sizes[0] < sizes[1] < sizes[2]:
                return f"adds to {name} with every call"
        return ""

    def is_result(self, out: Any) -> bool:
        """Whether the call returns an object that it refers to, such as a buffer it writes to."""
        return any(out is one for one in self._objects.values())


def answers_from_a_cache(first: Any, first_ns: int, second: Any, second_ns: int) -> str:
    """Describe a second call that returns the same object much faster; empty for any other."""
    if first is not second or FASTER * second_ns >= first_ns or not _is_made(first):
        return ""
    return f"{CACHED}: a later call returned the same object in {second_ns:,} ns, the first took {first_ns:,} ns"


def _is_made(out: Any) -> bool:
    """False for an object of which Python has one for all, such as None, a small number, a short text or a function."""
    if out is None or isinstance(out, bool | type) or callable(out) or inspect.ismodule(out):
        return False
    if isinstance(out, int):
        return not -5 <= out <= 256
    return not (isinstance(out, str | bytes | tuple | frozenset) and len(out) < 2)


def _can_be_compared(one: Any) -> bool:
    if isinstance(one, CONTAINERS):
        return len(one) <= LONGEST_LIST
    if is_array(one):
        return str(getattr(one, "device", "cpu")) == "cpu" and 0 < getattr(one, "nbytes", 0) <= LARGEST_COPY
    return inspect.isgenerator(one) or type(one).__name__ in ("list_iterator", "range_iterator", "tuple_iterator")


def _state(one: Any) -> Any:
    """A copy of the container, of the array's bytes, or what a generator has left."""
    if isinstance(one, dict):
        return dict(one)
    if isinstance(one, CONTAINERS):
        return one.copy()
    if is_array(one):
        with suppress(Exception):  # of a tensor on no memory, of an array of objects
            return _array(one).copy()
        return None
    return inspect.getgeneratorstate(one) if inspect.isgenerator(one) else length_hint(one)


def _array(one: Any) -> Any:
    """The array, or that of a tensor, in NumPy."""
    import numpy as np

    return np.asarray(one.detach() if hasattr(one, "detach") else one)


def _how(before: Any, after: Any) -> str:
    """How the content changed where that shows that the call works on it."""
    if isinstance(before, str | int):
        return "uses up" if before != after and after in (inspect.GEN_CLOSED, 0) else ""
    if isinstance(before, CONTAINERS):
        if len(after) < len(before):
            return "takes from"
        same = len(after) == len(before) and isinstance(before, list | deque | bytearray)
        return "rearranges" if same and not _equal(before, after) and _ids(before) == _ids(after) else ""
    if before is None or after is None or _equal(before, after) or before.dtype == object:
        return ""
    import numpy as np

    return "rearranges" if np.array_equal(np.sort(before, axis=None), np.sort(after, axis=None)) else ""


def _equal(before: Any, after: Any) -> bool:
    """Whether both hold the same: of containers the same objects, of arrays the same numbers."""
    if isinstance(before, list | deque):
        return len(before) == len(after) and all(one is other for one, other in zip(before, after, strict=True))
    if isinstance(before, dict):
        return list(map(id, before.values())) == list(map(id, after.values())) and list(before) == list(after)
    if is_array(before):
        return bool(before.tobytes() == after.tobytes())
    return bool(before == after)


def _ids(values: Any) -> Counter[int]:
    return Counter(values if isinstance(values, bytearray) else map(id, values))


def _size(state: Any) -> int:
    return len(state) if isinstance(state, CONTAINERS) else 0


def _referred(call: Any, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The objects that a function names: what it encloses, globals, defaults; of a method its object.

    Those of the script's own functions that it calls are among them.
    """
    if isinstance(call, partial):
        yield from _referred(call.func)
        yield from ((f"argument {at}", one) for at, one in enumerate((*call.args, *call.keywords.values()), 1))
        return
    yield "the object of the method", getattr(call, "__self__", None)
    function = inspect.unwrap(getattr(call, "__func__", call))
    code = getattr(function, "__code__", None)
    if code is None:
        return
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):  # a name that is not bound yet
            yield name, cell.cell_contents
    for name in code.co_names:
        one = function.__globals__.get(name)
        yield name, one
        if depth and getattr(one, "__globals__", None) is function.__globals__:
            yield from _referred(one, depth - 1)
    defaults = function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount][-len(defaults) :] if defaults else ()
    yield from zip(names, defaults, strict=True)
    yield from (function.__kwdefaults__ or {}).items()


class Prepared:
    """A call that gets what a set-up returns, made before it and outside of its time."""

    def __init__(self, call: Callable[..., Any], setup: Callable[[], Any]) -> None:
        self._call = call
        self._setup = setup
        self._ready: list[Any] = []

    def make(self, calls: int) -> None:
        self._ready = [self._setup() for _ in range(calls)]

    def __call__(self) -> Any:
        given = self._ready.pop()
        return self._call() if given is None else self._call(given)


class PreparedClock:
    """A clock for prepared calls: it makes the inputs of a block before the block begins."""

    def __init__(self, clock: Clock, prepared: Prepared) -> None:
        self._clock = clock
        self._prepared = prepared
        self.name = clock.name
        self.longest = min(clock.longest, BATCH)

    def block(self, call: Call, calls: int) -> Block:
        self._prepared.make(calls)
        return self._clock.block(call, calls)

    def first(self, call: Call) -> tuple[Any, int]:
        self._prepared.make(1)
        return self._clock.first(call)

    def memory(self, call: Call) -> Memory:
        self._prepared.make(1)
        return self._clock.memory(call)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)
