"""What of a script decides what it does: its text without comments, docstrings and blank lines."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize

from stackdoc.examples import notebook

SUFFIXES = (".py", notebook.SUFFIX)
MARK = re.compile(r"# ?%%(?P<rest>.*)|(?P<banner>#{20,}).*")  # the second as galleries write it
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def digest_of(content: bytes, suffix: str) -> str:
    """Return the SHA-256 of what decides what a script or notebook does; empty if it is neither."""
    text = content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    if suffix == notebook.SUFFIX:
        try:
            text = notebook.script(text)
        except ValueError:
            return ""
    return hashlib.sha256(essence(text).encode("utf-8", "surrogateescape")).hexdigest() if suffix in SUFFIXES else ""


def is_text(mark: re.Match[str]) -> bool:
    """Whether the cell below the mark is Markdown as a whole."""
    return re.search(r"\[(markdown|md)\]", mark["rest"] or "") is not None


def essence(text: str) -> str:
    """The text to compare by. Marks of cells stay, since outputs bear their numbers; a text that can't be parsed stays.

    It is made of the source's own lines, and so the same under every version of Python. Docstrings stay where the
    script reads one (`__doc__`).
    """
    try:
        tree = ast.parse(text)  # first, since tokenize takes long for some texts that are not Python
        comments, empty = _comments(text)
        docstrings = set() if "__doc__" in text else _docstrings(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return text
    kept = []
    for number, line in enumerate(text.split("\n"), 1):
        if mark := MARK.fullmatch(line):
            kept.append("# %% [markdown]" if is_text(mark) else "# %%")
            continue
        if number in comments:
            line = line[: comments[number]].rstrip()
        if number not in docstrings and (line or number not in empty):
            kept.append(line)
    return "\n".join(kept).rstrip("\n")


def _comments(text: str) -> tuple[dict[int, int], set[int]]:
    """Where in each line a comment starts, and the lines that may be left out when nothing else is in them."""
    comments, empty = dict[int, int](), set[int]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.start[1]
        elif token.type == tokenize.NL:
            empty.add(token.start[0])
    return comments, empty


def _docstrings(tree: ast.Module) -> set[int]:
    """The lines of docstrings that share none with code."""
    found = set[int]()
    for node in ast.walk(tree):
        if not isinstance(node, DOCUMENTED) or not node.body or ast.get_docstring(node, clean=False) is None:
            continue
        first, alone = node.body[0], node.body[1:2]
        header = getattr(node, "lineno", 0)
        if first.lineno > header and not (alone and alone[0].lineno == first.end_lineno):
            found.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return found
