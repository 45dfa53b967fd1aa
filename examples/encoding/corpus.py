"""The text that tokenizers learn from and are held against: the reference manual that Python carries with it.

It is the help text of the interpreter (`pydoc_data.topics`), some hundred kilobytes of English technical prose. Its
wording follows the version of Python, which a record names. Every tenth topic is held out.
"""

from __future__ import annotations

from functools import cache
from pydoc_data.topics import topics

SIZES = [512, 2_000, 8_000]
# What GPT-2 and its successors cut a text into before they look for pairs.
WORDS = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


@cache
def texts(held_out: bool) -> list[str]:
    """Topics in the order of their names: those to learn from, or those held out."""
    return [topics[name] for number, name in enumerate(sorted(topics)) if (number % 10 == 5) == held_out]


def held_out() -> str:
    return "\n".join(texts(held_out=True))


def size_bytes(text: str) -> int:
    return len(text.encode())
