"""Output of commands, cleaned: no record, bundle or document can send control characters to the terminal."""

from __future__ import annotations

import sys

import click

from stackdoc.errors import clean, printable


def echo(text: object, err: bool = False) -> None:
    """Print one line."""
    click.echo(printable(text), err=err)


def print_document(document: str) -> None:
    """Print a complete document, unchanged for a file or a program, cleaned for a terminal."""
    if sys.stdout.isatty():
        click.echo(clean(document.replace("\r\n", "\n")), nl=False)
    else:
        click.echo(document.encode(errors="replace"), nl=False)
