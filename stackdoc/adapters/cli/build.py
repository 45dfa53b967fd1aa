"""`stackdoc build`: check, measure, build beside `site/`, then rename."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console

from stackdoc.adapters.cli.measure import ConsoleProgress, stop
from stackdoc.adapters.cli_options import MINUTES
from stackdoc.adapters.engines import ENGINES, run_zensical
from stackdoc.adapters.heartbeat import duration
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, clean, count
from stackdoc.files import exchange
from stackdoc.model.edition import Edition
from stackdoc.project import STAGE, Layout
from stackdoc.reading.configuration import read_configuration

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")


@click.command()
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option(
    "--measure", type=click.Choice(["auto", "never", "always"]), help="Override mkdocs.yml and STACKDOC_MEASURE."
)
@MINUTES
@click.option(
    "--show-first", is_flag=True, help="Without a site, build it before measuring; Ctrl-C ends the measuring only."
)
@click.option("--publish", is_flag=True, help="Fail unless mkdocs.yml states where the site is published.")
@click.option("--engine", type=click.Choice(ENGINES), default="mkdocs", help="What makes the pages. Default: mkdocs.")
@click.option("-q", "--quiet", is_flag=True, help="Print only warnings and the summary.")
@click.pass_obj
def command(
    layout: Layout,
    strict: bool,
    measure: str | None,
    minutes: float | None,
    show_first: bool,
    publish: bool,
    engine: str,
    quiet: bool,
) -> None:
    """Check the data, measure what this machine lacks, build the site.

    The previous site stays in place until the new one is complete. With --show-first, a site appears before anything is
    measured, and Ctrl-C while examples are measured leaves the rest to the next build and shows what was measured.
    """
    started = time.monotonic()
    configuration = layout.configuration
    if configuration is None:
        raise click.ClickException(clean(f"{layout.root}: no mkdocs.yml here or above"))
    if publish:
        require_address(layout, configuration)

    with mkdocs_log(logging.WARNING if quiet else logging.INFO):
        if show_first and lacks_site(configured(configuration, strict), measure):
            final, _ = build(configuration, strict, "never", None)
            echo(f"{place(final, layout, time.monotonic() - started)}; what follows adds this machine")
        if engine == "zensical":
            final, plugin = build_staged(layout, configuration, strict, measure, minutes)
        else:
            final, plugin = build(configuration, strict, measure, minutes, stoppable=show_first)
    for line in summary(plugin, final, layout, time.monotonic() - started):
        echo(line)
    if plugin is not None and plugin.summary is not None and plugin.summary.failures:
        click.get_current_context().exit(1)


def require_address(layout: Layout, configuration: Path) -> None:
    """Raise StackdocError unless `site_url` is a web address; links from other sites, the map and feeds need it."""
    address = read_configuration(layout.root).address
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
        found = f"{address!r} is not a web address" if address else "is empty or missing"
        hint = "set STACKDOC_SITE_URL to the address at which the site is published, such as https://example.org/stack/"
        raise StackdocError([Problem(configuration.name, 0, "site_url", found, hint)])


def build(
    configuration: Path,
    strict: bool,
    measure: str | None,
    minutes: float | None,
    edition: Edition | None = None,
    into: Path | None = None,
    *,
    stoppable: bool = False,
) -> tuple[Path, Any]:
    """Build beside the site and replace it; return its directory, and our plugin if the project uses it.

    An `edition` is built `into` another directory, with the addresses that it will have.
    """
    from mkdocs.commands.build import build as build_site
    from mkdocs.exceptions import Abort

    config = configured(configuration, strict)
    final = into or Path(config.site_dir)
    if edition:
        config.site_url = edition.address
    staging = final.with_name(f"{final.name}.new-{os.getpid()}")
    config.site_dir = str(staging)
    plugin = config.plugins.get("stackdoc")
    signal.signal(signal.SIGTERM, stop)
    try:
        remove_leftovers(final)
        staging.mkdir(parents=True)  # fail before measuring if the site can't be written
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        with ConsoleProgress(console, partial(phase, plugin, time.monotonic())) as progress:
            if plugin is not None:
                plugin.mode, plugin.minutes, plugin.progress = measure or "", minutes, progress
                plugin.edition = edition
                plugin.stoppable = stoppable
            config.plugins.on_startup(command="build", dirty=False)
            build_site(config)
        replace_site(staging, final)
    except Abort as error:
        echo(error, err=True)
        raise click.exceptions.Exit(1) from None
    except OSError as error:
        raise click.ClickException(clean(f"{error.filename or final}: {error.strerror or error}")) from None
    finally:
        config.plugins.on_shutdown()
        shutil.rmtree(staging, ignore_errors=True)
    return final, plugin


def build_staged(
    layout: Layout, configuration: Path, strict: bool, measure: str | None, minutes: float | None
) -> tuple[Path, Any]:
    """Stage the site, let Zensical build it, finish its pages and replace the site; return the same as `build`."""
    from stackdoc.adapters.mkdocs.stage import finish_pages, stage

    final = Path(configured(configuration, strict).site_dir)
    made = stage(configuration, layout / STAGE, measure or "", minutes)
    built = run_zensical(made.directory, strict)
    finish_pages(made, built)
    replace_site(built, final)
    return final, made.plugin


def configured(configuration: Path, strict: bool) -> Any:
    """Return the configuration of MkDocs."""
    from mkdocs.config import load_config
    from mkdocs.exceptions import ConfigurationError

    try:
        return load_config(str(configuration), strict=strict or None)
    except ConfigurationError as error:
        raise click.ClickException(clean(f"{configuration.name}: {error}")) from None


def lacks_site(config: Any, measure: str | None) -> bool:
    """Whether the site does not exist yet and the build will measure before it makes one."""
    plugin = config.plugins.get("stackdoc")
    if plugin is None or Path(config.site_dir).exists():
        return False
    return (measure or os.environ.get("STACKDOC_MEASURE") or plugin.config.measure) != "never"


def phase(plugin: Any, started: float) -> str:
    """Return what a build does while it measures nothing."""
    pages = f", {count(plugin.written, 'page')} so far" if plugin is not None else ""
    return f"building for {duration(time.monotonic() - started)}{pages}"


def remove_leftovers(final: Path) -> None:
    """Remove what killed builds left beside the site, or restore the site if one was about to replace it."""
    for leftover in sorted(final.parent.glob(f"{final.name}.*-*")):
        kind, _, process = leftover.name.removeprefix(f"{final.name}.").partition("-")
        if kind not in ("new", "old") or not process.isdecimal() or psutil.pid_exists(int(process)):
            continue
        if kind == "old" and not final.exists():
            leftover.rename(final)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def replace_site(staging: Path, final: Path) -> None:
    """Replace the site by the complete build, in one step on Linux; elsewhere there is no site for an instant."""
    if not final.exists():
        with suppress(OSError):  # another build has put one there
            staging.rename(final)
            return
    if exchange(staging, final):
        shutil.rmtree(staging, ignore_errors=True)
        return
    old = final.with_name(f"{final.name}.old-{os.getpid()}")
    if final.exists():
        final.rename(old)
    try:
        staging.rename(final)
    except OSError:
        if old.exists():
            old.rename(final)
        raise
    shutil.rmtree(old, ignore_errors=True)


class CleanFormatter(logging.Formatter):
    """Clean messages, which quote names and contents of files."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


@contextmanager
def mkdocs_log(level: int) -> Iterator[None]:
    """Show MkDocs' messages on stderr without a prefix, so that lines begin with the file, as compilers' do."""
    log = logging.getLogger("mkdocs")
    handler = logging.StreamHandler()
    handler.setFormatter(CleanFormatter("%(message)s"))
    handler.setLevel(level)
    before = log.level
    log.addHandler(handler)
    log.setLevel(level)
    for noisy in ("mkdocs.mkdocs-jupyter", "mkdocs.plugins.mkdocs_jupyter"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def summary(plugin: Any, final: Path, layout: Layout, seconds: float) -> list[str]:
    """Return what was measured and where the site is."""
    from stackdoc.adapters.run_report import lines

    measured = (
        lines(plugin.summary, layout) if plugin is not None and plugin.summary is not None else ["measured nothing"]
    )
    return [*measured, f"{place(final, layout, seconds)}; to read it with live reload: make serve"]


def place(final: Path, layout: Layout, seconds: float) -> str:
    """Return where the site is, and how long it took."""
    directory = final.relative_to(layout.root) if final.is_relative_to(layout.root) else final
    return f"site: {directory}/index.html, in {seconds:.1f} s"
