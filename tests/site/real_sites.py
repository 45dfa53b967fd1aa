"""Build public sites without and with the plugin, and compare the results byte for byte.

    python tests/site/real_sites.py FOLDER [--mirrors MIRRORS] [NAME]...

FOLDER gets a checkout, an environment and two builds of each site. MIRRORS has a git directory `OWNER+NAME/repo` for
each; without it they are cloned from GitHub. Exit code 1 if a site differs or takes more than LONGEST longer.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.made.behind import environment

LONGEST = 0.3  # seconds of processor time that the plugin may add to a build
ROUNDS = 3  # builds of each kind, of which the fastest counts


@dataclass(frozen=True)
class RealSite:
    """A public repository with a MkDocs site; `packages` are what its build needs beside MkDocs and Material."""

    repository: str
    commit: str
    packages: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.repository.partition("/")[2]


SITES = (
    RealSite("encode/httpx", "ae1b9f66238f75ced3ced5e4485408435de10768", ("mkautodoc==0.2.0", "-e .")),
    RealSite(
        "encode/starlette",
        "cb8f84f5284dc301ca7a31eb732b9e140769dd48",
        ("mkdocstrings-python==1.16.12", "-e ."),
        ("--no-strict",),  # its inventory of Python comes from another host
    ),
    RealSite(
        "mkdocs/mkdocs",
        "2862536793b3c67d9d83c33e0dd6d50a791928f8",
        (
            "mkdocs-redirects",
            "mkdocs-autorefs",
            "mkdocs-literate-nav",
            "mkdocstrings-python",
            "mkdocs-click",
            "markdown-callouts",
            "mdx-gh-links",
        ),
    ),
    RealSite(
        "ultrabug/mkdocs-static-i18n", "a82145850eedc3ff52e80cbead236d4eea16568f", ("mkdocs-static-i18n[material]",)
    ),
    RealSite("lukasgeiter/mkdocs-awesome-nav", "49e057d8c26eaf1f604c63df1d135940db7180e8", ("mkdocs-awesome-nav",)),
    RealSite(
        "pydantic/pydantic-settings",
        "d26fc0c3944fe68cf169f86386988bb83e3df2d8",
        ("mike", "mkdocs-exclude", "mkdocs-materialx"),
    ),
)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", type=Path)
    reader.add_argument("--mirrors", type=Path)
    reader.add_argument("names", nargs="*")
    given = reader.parse_intermixed_args()
    faults = []
    for site in SITES:
        if not given.names or site.name in given.names:
            faults += list(compared(site, given.folder.resolve() / site.name, given.mirrors))
    sys.exit("\n".join(faults) or None)


def compared(site: RealSite, folder: Path, mirrors: Path | None) -> Iterator[str]:
    """Print how the two builds of the site compare, and yield what is wrong."""
    source = folder / "source"
    checkout(site, source, mirrors)
    python = environment(folder / "environment", site.packages, source)
    settings = source / "mkdocs.yml"
    plain = settings.read_text("utf-8")
    (source / "mkdocs.with.yml").write_text(with_plugin(plain), "utf-8")
    took = {}
    for name in ("mkdocs.yml", "mkdocs.with.yml"):
        took[name] = min(build(site, python, source, name, folder / name.removesuffix(".yml")) for _ in range(ROUNDS))
    without, with_us = contents(folder / "mkdocs"), contents(folder / "mkdocs.with")
    different = sorted(path for path in without.keys() | with_us.keys() if without.get(path) != with_us.get(path))
    added = took["mkdocs.with.yml"] - took["mkdocs.yml"]
    print(
        f"{site.repository} {site.commit[:12]}: {len(without)} files, {len(different)} differ, {added:+.2f} s",
        flush=True,
    )
    if different:
        yield f"{site.repository}: {len(different)} files differ, such as {', '.join(different[:5])}"
    if added > LONGEST:
        yield f"{site.repository}: takes {added:.2f} s longer"


def checkout(site: RealSite, source: Path, mirrors: Path | None) -> None:
    if source.is_dir():
        return
    source.mkdir(parents=True)
    origin = f"https://github.com/{site.repository}"
    if mirrors is not None:
        origin = str((mirrors / site.repository.replace("/", "+") / "repo").resolve())
    run("git", "init", "--quiet", cwd=source)
    run("git", "fetch", "--quiet", "--depth=1", origin, site.commit, cwd=source)
    run("git", "checkout", "--quiet", "FETCH_HEAD", cwd=source)


def with_plugin(settings: str) -> str:
    """Return the settings with the plugin as the last of the list or mapping of plugins."""
    found = re.search(r"(?m)^plugins:[ \t]*\n(?P<entries>(?:[ \t-].*\n|\n)*)", settings)
    if found is None:
        return f"{settings}\nplugins: [search, stackdoc]\n"
    entries = found["entries"].rstrip("\n")
    first = entries.split("\n")[0]
    indent = first[: len(first) - len(first.lstrip())]
    ours = f"{indent}- stackdoc" if first.lstrip().startswith("-") else f"{indent}stackdoc: {{}}"
    return f"{settings[: found.start()]}plugins:\n{entries}\n{ours}\n{settings[found.end() :]}"


def build(site: RealSite, python: Path, source: Path, settings: str, destination: Path) -> float:
    """Build the site and return the seconds of processor time that it took."""
    before = spent()
    command = (str(python), "-m", "mkdocs", "build", "--quiet", *site.options, "--config-file", settings)
    run(*command, "--site-dir", str(destination), cwd=source, SOURCE_DATE_EPOCH="0", NO_MKDOCS_2_WARNING="1")
    return spent() - before


def spent() -> float:
    """Return the processor time of all processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a site without addresses in memory, which differ from build to build."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): re.sub(rb"\b0x[0-9a-f]{8,}", b"", path.read_bytes()) for path in files}


def run(*command: str, cwd: Path, **variables: str) -> None:
    subprocess.run(command, cwd=cwd, env={**os.environ, **variables}, check=True)


if __name__ == "__main__":
    main()
