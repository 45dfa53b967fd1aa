"""Reads `docs/data/labels.yml`: how figures name the parameters of points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stackdoc.errors import Problem, line
from stackdoc.model.record import Parameter
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list

PLACE = "{}"  # of the value in a text


@dataclass(frozen=True)
class ParameterLabel:
    """How figures name a `parameter`: a value by `text`, such as `{} tokens`, the value 1 by `one`, the axis by `axis`.

    Each that is empty is made from the others or from the parameter's own name.
    """

    parameter: str
    text: str = ""
    one: str = ""
    axis: str = ""

    @property
    def axis_title(self) -> str:
        return line(self.axis or self.text.replace(PLACE, "").strip(" =:") or self.parameter.replace("_", " "))

    def of(self, value: Parameter, number: str) -> str:
        """Return the words for a value; `number` is how it is written if it is a number."""
        words = ("yes" if value else "no") if isinstance(value, bool) else line(number)
        if isinstance(value, str):
            words = line(value.replace("-", " "))
        template = self.one if value == 1 and not isinstance(value, bool) and self.one else self.text
        return line(template).replace(PLACE, words) if template else f"{line(self.parameter)} = {words}"


def read_labels(layout: Layout, problems: list[Problem]) -> Mapping[str, ParameterLabel]:
    """Return the labels by the name of their parameter. A text needs the place of the value, `{}`."""
    labels: dict[str, ParameterLabel] = {}
    listed = read_list(layout, "labels", ParameterLabel, problems)
    for entry, label in listed.entries:
        if label.parameter in labels:
            problems.append(entry.problem(("parameter",), f"duplicate parameter {label.parameter!r}"))
        if label.text and label.text.count(PLACE) != 1:
            problems.append(entry.problem(("text",), f"{label.text[:60]!r} has no single {PLACE}", "write {} tokens"))
        if not (label.text or label.axis):
            problems.append(entry.problem((), f"{label.parameter!r} has neither a text nor an axis"))
        labels[label.parameter] = label
    return labels
