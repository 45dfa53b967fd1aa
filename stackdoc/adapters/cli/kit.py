"""`stackdoc kit`: one directory with all that a machine without a network needs to measure."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import requires
from pathlib import Path

import click
from packaging.requirements import Requirement

import stackdoc
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, clean, count
from stackdoc.git import git, git_bytes
from stackdoc.project import Layout

OLDEST_GLIBC = 5  # 2.5: the minor version in the oldest name of the kind manylinux_2_N
LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}  # older names of some (PEP 600)
INSTALL = """\
#!/bin/sh
# Measure here, without a network, and pack the records: ./install.sh NAME [MINUTES [PATTERN...]]
# NAME is published with the records. PYTHON names the interpreter; its packages, such as torch, are used as they are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
by=${{1:?usage: ./install.sh NAME [MINUTES [PATTERN...]]}}
minutes=${{2:-10}}
shift; [ $# -eq 0 ] || shift
python=${{PYTHON:-python{python}}}
[ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = {python} ] || {{
  echo "$python is not Python {python}, for which the wheels are; name one: PYTHON=/path/to/python{python} $0" >&2
  exit 1
}}
own="$here/venv/lib/python{python}/site-packages"
"$python" -m venv "$here/venv"
"$here/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \\
  --requirement "$here/requirements.txt"
echo "$here/package" > "$own/kit.pth"
packages='import sys; print(*(path for path in sys.path if path.endswith("-packages")), sep="\\n")'
"$python" -c "$packages" > "$own/parent.pth"
main='from stackdoc.adapters.cli.main import main; main()'
run() {{ "$here/venv/bin/python" -c "$main" --root "$here/checkout" "$@"; }}
status=0
run measure --minutes "$minutes" --commit {commit} "$@" || status=$?
run bundle export "$here/records.zip" --by "$by"
exit $status
"""


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--python", default=f"3.{sys.version_info.minor}", show_default=True, help="The version of Python there.")
@click.option(
    "--platform", "platforms", multiple=True, help="As in names of wheels (manylinux_2_28_x86_64). Default: this one."
)
@click.option("--with", "more", multiple=True, metavar="REQUIREMENT", help="A further package. May be repeated.")
@click.pass_obj
def command(layout: Layout, directory: Path, python: str, platforms: tuple[str, ...], more: tuple[str, ...]) -> None:
    """Write all that measuring takes on a machine without a network into the new DIRECTORY.

    It has the wheels of the base install, this project at its last commit, and `install.sh`, which installs, measures
    and packs the records. torch is that of the machine. Needs git and pip here.
    """
    if not re.fullmatch(r"3\.\d+", python):
        raise click.BadParameter(f"{python!r} is not a version such as 3.12", param_hint="--python")
    if directory.exists():
        raise StackdocError([Problem(str(directory), 0, "", "exists already", "name a new directory")])
    commit = git(layout.root, "rev-parse", "HEAD")
    archive = git_bytes(layout.root, "archive", "--format=tar", "HEAD")
    if commit is None or archive is None:
        raise StackdocError([Problem("kit", 0, "", "needs a git repository with a commit", "git init, add, commit")])
    needed = [*base_requirements(python), *more]
    try:
        download(directory / "wheels", needed, python, platforms)
        write(directory, archive, needed, INSTALL.format(python=python, commit=shlex.quote(commit.strip())))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    if git(layout.root, "status", "--porcelain"):
        echo("uncommitted changes are not in the kit", err=True)
    wheels = len(list((directory / "wheels").iterdir()))
    echo(f"{directory}: {count(wheels, 'wheel')}, commit {commit[:12]}; there: ./install.sh 'Your Name' 10")


def write(directory: Path, archive: bytes, needed: list[str], install: str) -> None:
    """Write the checkout, this package, the list of requirements and the script."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)  # older than 3.11.4: none
        files.extractall(directory / "checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(stackdoc.__file__).parent, directory / "package/stackdoc", ignore=ignored)
    (directory / "requirements.txt").write_text("".join(f"{name}\n" for name in needed), encoding="utf-8")
    script = directory / "install.sh"
    script.write_text(install, encoding="utf-8")
    script.chmod(0o755)


def base_requirements(python: str) -> list[str]:
    """Return what stackdoc requires without any extra on that version of Python."""
    required = map(Requirement, requires("stackdoc") or ())
    environment = {"extra": "", "python_version": python, "python_full_version": f"{python}.0"}
    return [
        f"{requirement.name}{requirement.specifier}"
        for requirement in required
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]


def accepted_tags(platform: str) -> list[str]:
    """Return the platform and, of manylinux, those of every older glibc: pip accepts exactly those that are named."""
    match = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", platform)
    if match is None:
        return [platform]
    newest, processor = int(match[1]), match[2]
    versions = range(newest, OLDEST_GLIBC - 1, -1)
    aliases = [f"{LEGACY[version]}_{processor}" for version in versions if version in LEGACY]
    return [f"manylinux_2_{version}_{processor}" for version in versions] + aliases


def download(wheels: Path, needed: list[str], python: str, platforms: tuple[str, ...]) -> None:
    """Download wheels with what they depend on. Raises StackdocError with pip's message."""
    wheels.mkdir(parents=True)
    tags = [tag for platform in platforms for tag in accepted_tags(platform)]
    options = [option for tag in tags for option in ("--platform", tag)]
    arguments = ("--only-binary", ":all:", "--python-version", python, *options, "--dest", str(wheels), *needed)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet")
    done = subprocess.run((*pip, *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        message = clean(done.stderr.strip().splitlines()[-1]) if done.stderr.strip() else "pip failed"
        raise StackdocError([Problem("kit", 0, "", message, "name another --python or --platform")])
