"""Whether a record still says what a run would say here and now, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from stackdoc.machine.backends import DEVICES, variables_of
from stackdoc.machine.identity import alike
from stackdoc.model.example import Example
from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import SCHEMA, SCHEMAS, Record, method_of

INSTALLERS = {"pip", "setuptools", "wheel", "stackdoc"}  # the last has a method with a version of its own


def stale_by_files(record: Record, example: Example) -> tuple[str, ...]:
    """Reasons that the files alone give: the example with all it is made of, and the way of measuring.

    These are the same on every machine, so a page may show them.
    """
    return tuple(_by_files(record, example))


def stale_by_place(record: Record, example: Example, machine: Machine, software: Software) -> tuple[str, ...]:
    """Reasons that depend on where one stands: hardware, interpreter, packages, driver, environment variables."""
    return tuple(_by_place(record, example, machine, software))


def stale(record: Record, example: Example, machine: Machine, software: Software) -> tuple[str, ...]:
    """All reasons in words; none: the record is fresh."""
    return stale_by_files(record, example) + stale_by_place(record, example, machine, software)


def _by_files(record: Record, example: Example) -> Iterator[str]:
    if not example.matches(record.digest, record.closure):
        changed = _changed_files(record, example)
        yield f"source changed: {', '.join(changed) or example.path}"
    if record.method != (method := method_of(record.device)):
        yield f"method changed: {record.method} → {method}"
    if record.schema not in SCHEMAS:
        yield f"schema changed: {record.schema} → {SCHEMA}"


def _by_place(record: Record, example: Example, machine: Machine, software: Software) -> Iterator[str]:
    then = record.software
    if not alike(record.machine, machine):
        yield f"machine changed: {record.machine.id} → {machine.id}"
    if then.python != software.python:
        yield f"python {then.python} → {software.python}"
    for name in _packages_that_matter(then, example, software):
        was, now = then.packages.get(name, "absent"), software.packages.get(name, "absent")
        if not _same_version(was, now):
            yield f"{name} {was} → {now}"
    if record.device != "cpu" and then.driver != software.driver:
        yield f"driver {then.driver or 'absent'} → {software.driver or 'absent'}"
    foreign = variables_of([device for device in DEVICES if device != record.device])
    for variable in _changed(then.environment, software.environment):
        if variable in foreign - variables_of([record.device]):
            continue
        was, now = then.environment.get(variable, "unset"), software.environment.get(variable, "unset")
        yield f"{variable} {was} → {now}"


def _same_version(was: str, now: str) -> bool:
    """Compare two versions; one that states no build (`2.13.0`, of older records) is that of any build."""
    return was == now or was == now.partition("+")[0]


def _packages_that_matter(then: Software, example: Example, now: Software) -> Iterable[str]:
    """Those declared; of a named environment, which is one lock, every one but what installs the others."""
    if not example.environment:
        return package_names(example.dependencies, now.python)
    return sorted((then.packages.keys() | now.packages.keys()) - INSTALLERS)


def _changed_files(record: Record, example: Example) -> list[str]:
    """Those of which neither the text nor what it does is the same, by whichever the record has."""
    texts = {path for path, digest in record.closure if dict(example.text_closure).get(path) == digest}
    now = dict(example.closure)
    own = _changed({path: digest for path, digest in record.closure if path in now}, now)
    return [path for path in [*own, *example.changed_since(record.closure)] if path not in texts]


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Keys that were added, removed or have another value."""
    return sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))


def package_names(dependencies: Iterable[str], python: str) -> tuple[str, ...]:
    """Normalised names of the packages an example declares, without stackdoc itself, whose method has a version."""
    names = {canonicalize_name(requirement.name) for requirement in requirements(dependencies, python)}
    return tuple(sorted(names - {"stackdoc"}))


def requirements(dependencies: Iterable[str], python: str) -> Iterator[Requirement]:
    """Those that apply to an interpreter of that version; `check` reports a dependency that is no requirement."""
    interpreter = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    for text in dependencies:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate(interpreter):
            yield requirement
