"""Check results and inputs before anything is timed. Imports no library of tensors or arrays by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import CodeType
from typing import Any

from stackdoc.model.record import Check

COMPARABLE = re.compile(r"(^|\.)b?float(16|32|64)$")
STRIDED = "torch.strided"
TOLERANCES = {"bfloat16": 1.6e-2, "float16": 1e-3, "float8_e4m3": 0.125, "float8_e5m2": 0.25}  # half a step or more


class Refused(Exception):
    """No figure may be computed from this launch; the message names the point and the reason."""


def close(out: Any, reference: Any, rtol: float | None = None, against: str = "reference") -> Check:
    """Check that the largest difference, relative to the largest magnitude of the reference, is at most `rtol`.

    `out` and `reference` are tensors, arrays, numbers or sequences of numbers. If their shapes differ or a value is
    not finite, the error is infinite. `against` names the reference in messages and on pages.

    The default of `rtol` depends on the number format of `out`: 1e-5, and more for formats of 16 and 8 bits. Tensors
    are compared on their device, an accelerator if one of them is there, in double precision if the device has it.
    """
    return Check(against, _relative_error(out, reference), tolerance_of(out) if rtol is None else rtol)


def tolerance_of(out: Any) -> float:
    """Return the rounding error to expect of a result in its number format, relative to its largest value."""
    name = str(getattr(out, "dtype", "")).rpartition(".")[2]
    return next((tolerance for start, tolerance in TOLERANCES.items() if name.startswith(start)), 1e-5)


def _relative_error(out: Any, reference: Any) -> float:
    if hasattr(out, "detach") or hasattr(reference, "detach"):
        out, reference = _in_one_place(out, reference)
    elif hasattr(out, "__array__") or hasattr(reference, "__array__"):
        import numpy

        out, reference = (numpy.asarray(side, dtype="float64") for side in (out, reference))
    else:
        return _error_of_numbers(list(_numbers(out)), list(_numbers(reference)))
    if out.shape != reference.shape:
        return math.inf
    if 0 in out.shape:
        return 0.0
    return _ratio(float(abs(out - reference).max()), float(abs(reference).max()))


def _in_one_place(out: Any, reference: Any) -> tuple[Any, Any]:
    """Return both as tensors on one device, an accelerator if one of them is there, in its widest format."""
    import torch

    sides = [torch.as_tensor(side).detach() for side in (out, reference)]
    place = next((side.device for side in sides if side.device.type != "cpu"), sides[0].device)
    try:
        first, second = (side.to(place, torch.float64) for side in sides)
    except (TypeError, RuntimeError):  # some devices have no double precision
        first, second = (side.to(place).to(torch.float32) for side in sides)
    return first, second


def _error_of_numbers(out: list[float], reference: list[float]) -> float:
    if len(out) != len(reference):
        return math.inf
    differences = [abs(actual - expected) for actual, expected in zip(out, reference, strict=True)]
    if not all(map(math.isfinite, differences)):
        return math.inf
    return _ratio(max(differences, default=0.0), max(map(abs, reference), default=0.0))


def _ratio(difference: float, scale: float) -> float:
    if not math.isfinite(difference) or not math.isfinite(scale):
        return math.inf
    return difference / scale if scale else difference


def _numbers(value: Any) -> Iterable[float]:
    if isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part)
    else:
        yield float(value)


def is_finite(value: Any) -> bool:
    """Whether no tensor, array or number in `value` or in its sequences contains a NaN or an infinity."""
    if isinstance(value, list | tuple):
        return all(map(is_finite, value))
    if isinstance(value, float | complex):
        return math.isfinite(abs(value))
    if hasattr(value, "detach"):
        return not (value.is_floating_point() or value.is_complex()) or bool(value.isfinite().all())
    if hasattr(value, "__array__") and getattr(getattr(value, "dtype", None), "kind", "") in "fc":
        import numpy

        return bool(numpy.isfinite(value).all())
    return True


def all_zero(value: Any) -> bool:
    """Whether `value` is a tensor or array of zeros only: hardware may be faster on zeros than on other data."""
    if not is_array(value) or 0 in value.shape:
        return False
    if len(value.shape) and bool((value[:1] != 0).any()):  # a shortcut: most arrays begin with other values
        return False
    return not bool((value != 0).any())


def works_on_zeros(call: Callable[[], Any], out: Any) -> bool:
    """Whether all floating-point arrays that a function refers to contain only zeros.

    These are its defaults, its closure and the globals that it names, except for its result `out`, which may be a
    buffer that was zero before. False if it refers to none: its inputs are then inside other objects.
    """
    results = {id(part) for part in (out if isinstance(out, list | tuple) else (out,))}
    inputs = [array for array in _arrays(_references(call)) if id(array) not in results]
    return bool(inputs) and all(map(all_zero, inputs))


def is_array(value: Any) -> bool:
    return (hasattr(value, "detach") or hasattr(value, "__array__")) and hasattr(value, "shape")


def _is_comparable(value: Any) -> bool:
    """Whether `value` is a dense floating-point array, on a real device, of a type that every library knows."""
    if not is_array(value) or not len(value.shape) or not COMPARABLE.search(str(getattr(value, "dtype", ""))):
        return False
    return str(getattr(value, "layout", STRIDED)) == STRIDED and str(getattr(value, "device", "")) != "meta"


def _references(call: Callable[[], Any]) -> Iterable[Any]:
    code = getattr(call, "__code__", None)
    if not isinstance(code, CodeType):
        return
    yield from call.__defaults__ or ()
    yield from (call.__kwdefaults__ or {}).values()
    for cell in call.__closure__ or ():
        with suppress(ValueError):  # a name that is not bound yet
            yield cell.cell_contents
    names: dict[str, Any] = call.__globals__
    yield from (names[name] for name in code.co_names if name in names)


def _arrays(values: Iterable[Any]) -> Iterable[Any]:
    """Yield the comparable arrays among the values and in their sequences."""
    for value in values:
        if isinstance(value, list | tuple):
            yield from _arrays(value)
        elif _is_comparable(value):
            yield value
