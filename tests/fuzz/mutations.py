"""Strategies for what is almost right: JSON values with faults at any place, and texts and bytes that were damaged."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Place = tuple[str | int, ...]

RAW = "\ue000raw:"  # begins a text that stands for JSON which no Python value has
SHOWN = st.characters(codec="utf-8", exclude_characters="\ue000")
DECEPTIVE = "\u202e\u200b\u200d\u2060\u00ad\ufeff\x00\x07\x1b\x7f\u2028\u0301\U000e0041"
UNICODE = st.one_of(st.text(SHOWN, max_size=20), st.text(DECEPTIVE, min_size=1, max_size=4))
HOSTILE = st.sampled_from(
    [
        *("", " ", "\n", "here", "index", "..", "../../x", "/etc/passwd", "a/b", "C:\\x", "con", "-rf", "~", "%00"),
        *("=1+2", "\t=2+3", "@SUM(1)", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:x"),
        *("{{ 7*7 }}", "{% raw %}", "${x}", "`{measured}`", "]]>", "--> x", "\\", "$x$", "\\end{document}", "]()"),
        *("NaN", "Infinity", "null", "true", "1e999", "0x10", "1_000", "٣", "½", "²", "1,5", "-0"),
        *("2025-02-31T00:00:00Z", "9999-12-31T23:59:60Z", "0000-00-00", "2026-11-01T00:00:00Z"),
        *("\x1b[31mred", "\x1b]0;title\x07", "a\rb", "a\u2028b", "\u202egnp.exe", "ｘ", "ß", "İ", "ﬁ"),
        *("(a|a)*b$", "a" * 1000, "a" * 1001, "é" * 500, "x" * 100_000, "[" * 2000, "`" * 999, "<" * 2000),
    ]
)
TEXTS = st.one_of(UNICODE, HOSTILE)
NUMBERS = st.one_of(
    st.sampled_from([0, -1, 1, 2, 3, 255, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, -(2**53), 10**20]),
    st.sampled_from([-0.0, 0.1, 1e-3, 5e-324, 1e-308, 1e-100, 1e100, 1.7e308, -1.7e308, 1e16, 123456789.123456789]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
LITERALS = st.sampled_from(
    [
        *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9" * 5000, '"\\ud800"', '"\\u0000"'),
        *("[" * 90 + "]" * 90, "[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, '{"a":1,"a":2}', "01", "+1"),
        *("", "[,]", "undefined", '"', "1.", "tru", "'a'"),
    ]
).map(lambda text: RAW + text)
ANYTHING: SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), NUMBERS, TEXTS, LITERALS, st.just([]), st.just({}), st.lists(NUMBERS, max_size=3)
)


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the place of every value within a value."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


def shapes(value: Any) -> dict[str, list[Place]]:
    """Return the places by their shape, such as `points.*.calls`: a long list is no likelier than a field."""
    found: dict[str, list[Place]] = {}
    for place in places(value):
        shape = ".".join("*" if isinstance(key, int) else key for key in place)
        found.setdefault(shape, []).append(place)
    return found


@st.composite
def mutated(draw: Callable[..., Any], value: Any, shaped: dict[str, list[Place]]) -> Any:
    """Return a copy of the JSON value with one to three faults; `shaped` are its shapes."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(draw(st.sampled_from(sorted(shaped.values())))))
        value = _with_fault(draw, value, place)
    return value


def _at(holder: Any, key: str | int) -> Any:
    """Return the value at the key, None where an earlier fault has removed it."""
    if isinstance(holder, dict):
        return holder.get(key)
    return holder[key] if isinstance(holder, list) and isinstance(key, int) and key < len(holder) else None


def _with_fault(draw: Callable[..., Any], value: Any, place: Place) -> Any:
    if not place:
        return draw(ANYTHING) if draw(st.integers(0, 9)) == 0 else value
    holder = value
    for key in place[:-1]:
        holder = _at(holder, key)
    key = place[-1]
    if isinstance(holder, dict) and key in holder:
        _in_mapping(draw, holder, str(key))
    elif isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        _in_list(draw, holder, key)
    return value


def _in_mapping(draw: Callable[..., Any], holder: dict[str, Any], key: str) -> None:
    fault = draw(st.sampled_from(["changed", "removed", "renamed", "added", "swapped"]))
    if fault == "removed":
        del holder[key]
    elif fault == "renamed":
        holder[draw(TEXTS)] = holder.pop(key)
    elif fault == "added":
        holder[draw(TEXTS)] = draw(ANYTHING)
    elif fault == "swapped":
        other = draw(st.sampled_from(sorted(holder)))
        holder[key], holder[other] = holder[other], holder[key]
    else:
        holder[key] = draw(nearby(holder[key]))


def _in_list(draw: Callable[..., Any], holder: list[Any], index: int) -> None:
    fault = draw(st.sampled_from(["changed", "removed", "doubled", "emptied", "repeated", "reversed"]))
    if fault == "removed":
        del holder[index]
    elif fault == "doubled":
        holder.insert(index, copy.deepcopy(holder[index]))
    elif fault == "emptied":
        holder.clear()
    elif fault == "repeated":
        holder.extend(holder * draw(st.sampled_from([1, 20, 600, 2000]) if len(holder) < 4 else st.just(1)))
    elif fault == "reversed":
        holder.reverse()
    else:
        holder[index] = draw(nearby(holder[index]))


def nearby(value: Any) -> SearchStrategy[Any]:
    """Return a strategy for anything, and more often for what has the type of the value or almost it."""
    wrapped = st.sampled_from([[value], {"a": value}, [value, value]])
    if isinstance(value, bool) or value is None:
        return st.one_of(ANYTHING, wrapped)
    if isinstance(value, int | float):
        close = st.sampled_from([-value, value + 1, value - 1, value * 10, value * 1e-9, str(value), float(value)])
        return st.one_of(NUMBERS, close, ANYTHING)
    if isinstance(value, str):
        close = st.sampled_from([value.upper(), value * 2, value[:-1], f" {value}", f"{value}\n", f"{value}\u200b"])
        return st.one_of(TEXTS, close, ANYTHING)
    return st.one_of(ANYTHING, wrapped)


def as_json(value: Any) -> str:
    """Return the value as JSON, with the literals that no Python value has."""
    text = json.dumps(value, ensure_ascii=False)
    if RAW not in text:
        return text
    parts = text.split(f'"{RAW}')
    return parts[0] + "".join(_literal(part) for part in parts[1:])


def _literal(part: str) -> str:
    """Return what follows the beginning of a literal, with the literal as it is meant."""
    end = 0
    while part[end] != '"':
        end += 2 if part[end] == "\\" else 1
    return str(json.loads(f'"{part[:end]}"')) + part[end + 1 :]


@st.composite
def damaged(draw: Callable[..., Any], content: bytes) -> bytes:
    """Return the bytes cut short, extended, with some of them changed, or a part of them moved."""
    at, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    return bytes(
        draw(
            st.one_of(
                st.just(content[:at]),
                st.just(content[at:]),
                st.just(content[:at] + content[end:]),
                st.just(content + content[at:end]),
                st.binary(max_size=40).map(lambda some: content[:at] + some + content[at:]),
                st.binary(min_size=1, max_size=4).map(lambda some: content[:at] + some + content[at + len(some) :]),
            )
        )
    )


@st.composite
def rewritten(draw: Callable[..., Any], text: str, words: SearchStrategy[str]) -> str:
    """Return the text with one to four of its lines or parts replaced, removed, doubled, moved or preceded by words."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        fault = draw(st.sampled_from(["removed", "doubled", "word", "line", "indented", "cut", "swapped"]))
        line = lines[at] if lines else ""
        column = draw(st.integers(0, len(line)))
        if fault == "removed":
            lines[at : at + 1] = []
        elif fault == "doubled":
            lines.insert(at, line)
        elif fault == "word":
            behind = draw(st.integers(column, len(line)))
            lines[at : at + 1] = [line[:column] + draw(words) + line[behind:]]
        elif fault == "line":
            lines.insert(at, draw(words))
        elif fault == "indented":
            lines[at : at + 1] = [draw(st.sampled_from([" ", "  ", "\t", "    ", "> ", "- "])) + line]
        elif fault == "cut":
            lines[at : at + 1] = [line[:column]]
        else:
            other = draw(st.integers(0, max(0, len(lines) - 1)))
            if lines:
                lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)
