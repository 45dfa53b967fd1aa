"""What commands print: nothing in it steers the terminal, whoever wrote the record, bundle or document it is from."""

from __future__ import annotations

import sys

import click

from stackdoc.errors import clean, printable


def echo(text: object, err: bool = False) -> None:
    """One line."""
    click.echo(printable(text), err=err)


def print_document(document: str) -> None:
    """A whole document as it is, for a file or a program; only a terminal gets it cleaned."""
    if sys.stdout.isatty():
        click.echo(clean(document.replace("\r\n", "\n")), nl=False)
    else:
        click.echo(document.encode(errors="replace"), nl=False)
