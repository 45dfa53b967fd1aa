"""Entry point of the command line: find the project, load the command, print problems one per line."""

from __future__ import annotations

import errno
import importlib
import pkgutil
import traceback
from pathlib import Path
from typing import Any

import click

import stackdoc
from stackdoc.adapters import cli
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout

PACKAGE = Path(stackdoc.__file__).parent
FULL = (errno.ENOSPC, errno.EDQUOT)  # no room on the disk, or none left of a user's share


class Commands(click.Group):
    """A group whose commands are the modules beside this one, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name for module in pkgutil.iter_modules(cli.__path__) if module.name != "main")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{cli.__name__}.{cmd_name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StackdocError as error:
            problems = error.problems
        except ModuleNotFoundError as error:
            problems = (missing_extra(f"stackdoc {ctx.invoked_subcommand}", error),)
        except OSError as error:
            if error.errno not in FULL:
                raise
            message = f"can't write: {error.strerror}"
            problems = (Problem(f"stackdoc {ctx.invoked_subcommand}", 0, "", message, "free some space"),)
        for problem in problems:
            echo(problem, err=True)
        raise click.exceptions.Exit(1)


def missing_extra(command: str, error: ModuleNotFoundError) -> Problem:
    """Return the problem of our own code importing a package that the base install lacks.

    Re-raises any other error, such as that of a project's hook.
    """
    importing = Path(traceback.extract_tb(error.__traceback__)[-1].filename)
    if not error.name or error.name.partition(".")[0] == PACKAGE.name or not importing.is_relative_to(PACKAGE):
        raise error
    message = f"needs the package {error.name}, which is not installed"
    return Problem(command, 0, "", message, "pip install 'stackdoc[mkdocs]'")


def project_root(start: Path) -> Path:
    """Return the nearest directory upwards with a configuration of MkDocs, or `start` if there is none."""
    return next((place for place in (start, *start.parents) if Layout(place).configuration), start)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's directory. Default: the nearest one upwards with a mkdocs.yml.",
)
@click.version_option(package_name="stackdoc")
@click.pass_context
def main(ctx: click.Context, root: Path | None) -> None:
    """Measure the examples of a documentation project, cite the results, and build its site."""
    from stackdoc.adapters.registered import layout_of

    ctx.obj = layout_of(root.resolve() if root else project_root(Path.cwd()))
