"""Read `docs/data/calculators.yml`, and check names, units and the laws that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.laws.amount import are_compatible, dimension_of
from stackdoc.laws.evaluate import NoValue
from stackdoc.laws.law import Law
from stackdoc.laws.units import BadUnit, has_pint, unit
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.stack.calculators.calculator import Calculator, compute, is_number
from stackdoc.stack.layers.references import check_place
from stackdoc.stack.layers.types import Stack


def read_calculators(
    layout: Layout, problems: list[Problem], stack: Stack | None, laws: Mapping[str, Law]
) -> dict[str, Calculator]:
    """Return the calculators by id; one with a problem in its units or laws is left out."""
    found = read_list(layout, "calculators", Calculator, problems)
    valid = {}
    for entry, calculator in found.entries:
        problems.extend(check_place(entry, ("layer",), [calculator.layer], stack))
        faults = list(_faults(entry, calculator, laws))
        problems.extend(faults)
        if not faults:
            valid[calculator.id] = calculator
    return valid


def _faults(entry: Document, calculator: Calculator, laws: Mapping[str, Law]) -> Iterator[Problem]:
    faults = [
        *_input_faults(entry, calculator),
        *_step_faults(entry, calculator, laws),
        *_curve_faults(entry, calculator),
    ]
    yield from faults
    if faults or not has_pint():  # without pint units can't be read; the build of the pages has it
        return
    try:
        compute(calculator, laws, calculator.defaults)
    except NoValue as reason:
        yield entry.problem(("steps",), f"the default values have no result: {reason}")


def _input_faults(entry: Document, calculator: Calculator) -> Iterator[Problem]:
    for index, given in enumerate(calculator.inputs):
        if not given.least <= given.value <= given.most:
            message = f"{given.id} is {given.value:g}, outside of {given.least:g} to {given.most:g}"
            yield entry.problem(("inputs", index, "value"), message)
        yield from _unit_fault(entry, ("inputs", index, "unit"), given.unit)
    known = {given.id for given in calculator.inputs}
    named = [
        *(
            (("presets", index, "values"), id)
            for index, preset in enumerate(calculator.presets)
            for id in preset.values
        ),
        *((("roofs",), id) for id in calculator.roofs),
        *((("measured", "values"), id) for id in (calculator.measured.values if calculator.measured else ())),
        *_curve_inputs(calculator),
    ]
    for path, id in named:
        if id not in known:
            yield entry.problem(path, f"unknown input {id!r}", did_you_mean(id, known))


def _curve_inputs(calculator: Calculator) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each input that the curve names, with its place."""
    if curve := calculator.curve:
        yield ("curve", "x"), curve.x
        if curve.points:
            yield from ((("curve", "points", "values"), id) for id in curve.points.values)
            yield from ((("curve", "points", "sizes"), id) for id in curve.points.sizes)


def _curve_faults(entry: Document, calculator: Calculator) -> Iterator[Problem]:
    if not (curve := calculator.curve):
        return
    steps = {step.id for step in calculator.steps}
    if curve.y not in steps:
        yield entry.problem(("curve", "y"), f"unknown step {curve.y!r}", did_you_mean(curve.y, steps))
    given = next((given for given in calculator.inputs if given.id == curve.x), None)
    if given and not given.least <= curve.least < curve.most <= given.most:
        message = f"from {curve.least:g} to {curve.most:g}, where {given.least:g} to {given.most:g} is allowed"
        yield entry.problem(("curve",), message)
    if curve.least <= 0:
        yield entry.problem(("curve", "least"), "the axis is logarithmic", "begin above zero")


def _step_faults(entry: Document, calculator: Calculator, laws: Mapping[str, Law]) -> Iterator[Problem]:
    units = {given.id: given.unit for given in calculator.inputs}
    for index, step in enumerate(calculator.steps):
        path = ("steps", index)
        if step.law not in laws:
            yield entry.problem((*path, "law"), f"unknown law {step.law!r}", did_you_mean(step.law, laws))
            continue
        law = laws[step.law]
        for symbol in law.symbols.keys() - step.symbols.keys():
            yield entry.problem((*path, "symbols"), f"lacks {symbol!r}", f"{law.symbols[symbol].means}")
        for symbol, of in step.symbols.items():
            if symbol not in law.symbols:
                hint = did_you_mean(symbol, law.symbols)
                yield entry.problem((*path, "symbols", symbol), f"{step.law} has no symbol {symbol!r}", hint)
            elif is_number(of):
                yield from _mismatch(entry, (*path, "symbols", symbol), "1", law.units[symbol], of)
            elif of not in units:
                yield entry.problem((*path, "symbols", symbol), f"unknown value {of!r}", did_you_mean(of, units))
            else:
                yield from _mismatch(entry, (*path, "symbols", symbol), units[of], law.units[symbol], of)
        if step.unit:
            yield from _mismatch(entry, (*path, "unit"), step.unit, law.unit, step.id)
        units[step.id] = law.unit
    for id in calculator.largest.words if calculator.largest else ():
        if id not in {step.id for step in calculator.steps}:
            yield entry.problem(("largest", "words"), f"unknown step {id!r}", did_you_mean(id, units))


def _unit_fault(entry: Document, path: tuple[str | int, ...], words: str) -> Iterator[Problem]:
    if not has_pint():
        return
    try:
        unit(words)
    except BadUnit as reason:
        yield entry.problem(path, str(reason), reason.hint)


def _mismatch(entry: Document, path: tuple[str | int, ...], given: str, wanted: str, name: str) -> Iterator[Problem]:
    """Yield a problem if a value in the one unit can't be given in the other."""
    if not has_pint():
        return
    try:
        if not are_compatible(given, wanted):
            yield entry.problem(path, f"{name} is {dimension_of(given)} ({given}), where {wanted} is expected")
    except BadUnit as reason:
        yield entry.problem(path, str(reason), reason.hint)
