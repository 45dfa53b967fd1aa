"""A contribution is prepared beside the user's own work, with all that it publishes shown before."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Record
from stackdoc.project import SUMMARIES, Layout
from stackdoc.records import ledger, store
from stackdoc.records.bundle import unpack
from stackdoc.records.disclosure import disclosed
from stackdoc.records.identity import with_id
from stackdoc.records.lists import read_contributions
from stackdoc.records.signatures.signature import BUNDLE, checked
from tests.made import contribution
from tests.made.contribution import Scene
from tests.made.git_repository import committed, git
from tests.made.keys import SSH_KEYGEN, allowing, made_key, needs_ssh_keygen
from tests.made.once import Once

GH = """\
#!{python}
import json, sys
from pathlib import Path
from typing import Any
arguments = sys.argv[1:]
with Path({log!r}).open("a") as log:
    log.write(json.dumps(arguments) + "\\n")
project = {{"nameWithOwner": "them/project", "viewerPermission": {permission!r}, "url": {address!r},
           "defaultBranchRef": {{"name": "main"}}, "parent": None}}
if {cloned_fork!r} and "them/project" not in arguments:
    project |= {{"nameWithOwner": "someone/project", "viewerPermission": "ADMIN", "url": {fork!r},
                "parent": {{"name": "project", "owner": {{"login": "them"}}}}}}
answers = {{
    "auth status": "", "repo fork": "", "api user": "someone",
    "repo view": {fork!r} if "--jq" in arguments else json.dumps(project),
    "pr create": "Creating a pull request\\nhttps://example.org/pull/7",
}}
print(answers[" ".join(arguments[:2])])
"""


@pytest.fixture
def scene(once: Once, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """With git as the only program within reach, and without its settings."""
    made, programs = contribution.scene(once, tmp_path), tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return made


def submit(scene: Scene, *arguments: str, answer: str = "") -> Result:
    given = ["--root", str(scene.theirs), "submit", "--no-measure", *arguments]
    return CliRunner().invoke(main, given, input=answer)


def state(root: Path) -> tuple[str, ...]:
    """What must not change: the branch, the index, the files, the remotes."""
    questions = (("rev-parse", "HEAD"), ("symbolic-ref", "HEAD"), ("ls-files", "--stage"), ("status", "--porcelain"))
    return tuple(git(root, *question) for question in (*questions, ("remote", "-v"), ("worktree", "list")))


def test_the_branch_has_one_commit_and_the_user_keeps_everything(scene: Scene) -> None:
    (scene.theirs / "examples/kernels/good.py").write_text("# being edited\n")
    (scene.theirs / "staged.txt").write_text("staged\n")
    git(scene.theirs, "add", "staged.txt")
    before = state(scene.theirs)
    ended = submit(scene, "--by", "B. Other", "--yes")
    assert ended.exit_code == 0, ended.output
    assert state(scene.theirs) == before
    name = f"contribute/{scene.again.machine.id}-{scene.again.measured_at[:10]}"
    assert f"branch: {name}, one commit on" in ended.output
    changed = git(scene.theirs, "diff", "--name-only", "origin/main", name).split()
    assert changed == ["docs/data/contributed.yml", scene.file]
    assert git(scene.theirs, "show", f"{name}:{scene.file}").encode() == store.file_content(scene.again)
    assert git(scene.theirs, "log", "-1", "--format=%an <%ae>", name).strip() == "B. Other <>"
    assert "no pull request: gh is not installed" in ended.output
    again = submit(scene, "--by", "B. Other", "--yes")
    assert f"branch: {name}-2, one commit" in again.output


def test_the_patch_and_the_bundle_bring_the_same_to_the_project(scene: Scene, tmp_path: Path) -> None:
    assert submit(scene, "--by", "B. Other", "--contact", "b@example.org", "--yes").exit_code == 0
    (patch,) = (scene.theirs / ".stackdoc/contributions").glob("*.patch")
    (bundle,) = (scene.theirs / ".stackdoc/contributions").glob("*.zip")
    shutil.copytree(scene.ours, tmp_path / "imported")
    git(scene.ours, "am", "--quiet", str(patch))
    taken = CliRunner().invoke(main, ["--root", str(tmp_path / "imported"), "bundle", "import", str(bundle)])
    assert taken.exit_code == 0, taken.output
    for root in (scene.ours, tmp_path / "imported"):
        assert store.read_all(Layout(root), [])[scene.again.id] == scene.again
        (entry,) = read_contributions(Layout(root), []).values()
        assert (entry.record, entry.by, entry.contact) == (scene.again.id, "B. Other", "b@example.org")


def test_every_field_is_shown_and_no_means_no(scene: Scene) -> None:
    ended = submit(scene, "--by", "B. Other", "--contact", "b@example.org", answer="n\n")
    assert ended.exit_code == 1
    for name, values in disclosed([scene.again]):
        assert f"  {name}: {values}\n" in ended.output
    for part in ("contributor: B. Other", "contact: b@example.org", "author of the commit: B. Other <b@example.org>"):
        assert part in ended.output
    assert f"repeats: {scene.own.sha256}" in ended.output
    assert git(scene.theirs, "branch", "--list", "contribute/*") == ""
    assert not (scene.theirs / ".stackdoc/contributions").exists()
    assert submit(scene, "--by", "B. Other", answer="").exit_code == 1


@pytest.mark.parametrize(
    ("permission", "head", "cloned_fork"),
    [("WRITE", "", False), ("READ", "someone:", False), ("READ", "someone:", True)],
)
def test_a_pull_request_is_opened_where_gh_is_logged_in(
    scene: Scene, tmp_path: Path, permission: str, head: str, cloned_fork: bool
) -> None:
    fork = tmp_path / "fork.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(scene.ours), str(fork))
    git(tmp_path, "clone", "--quiet", "--bare", str(scene.ours), str(tmp_path / "project.git"))
    log = tmp_path / "log"
    values = {"python": sys.executable, "log": str(log), "permission": permission, "cloned_fork": cloned_fork}
    gh = tmp_path / "programs/gh"
    gh.write_text(GH.format(address=str(tmp_path / "project.git"), fork=str(fork), **values))
    gh.chmod(0o755)
    ended = submit(scene, "--by", "@everyone `x`", "--yes")
    assert ended.output.splitlines()[-1] == "pull request: https://example.org/pull/7", ended.output
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    created = dict(zip(calls[-1][2::2], calls[-1][3::2], strict=True))
    branch = f"contribute/{scene.again.machine.id}-{scene.again.measured_at[:10]}"
    assert (created["--repo"], created["--base"], created["--head"]) == ("them/project", "main", f"{head}{branch}")
    assert "Measured by `@everyone 'x'`." in created["--body"]
    pushed = fork if head else tmp_path / "project.git"
    assert git(pushed, "rev-parse", branch) == git(scene.theirs, "rev-parse", branch)


@needs_ssh_keygen
def test_a_signed_submission_is_signed_in_the_bundle_and_on_the_branch(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "programs/ssh-keygen").symlink_to(SSH_KEYGEN)
    key = made_key(tmp_path / "keys", "bob")
    ended = submit(scene, "--by", "B. Other", "--yes", "--sign", str(key))
    assert ended.exit_code == 0, ended.output
    assert f"  signature: by {key}; it contains the public key, or the certificate\n" in ended.output
    assert ".zip, signed\n" in ended.output
    (bundle,) = (scene.theirs / ".stackdoc/contributions").glob("*.zip")
    (branch,) = git(scene.theirs, "branch", "--list", "--format=%(refname:short)", "contribute/*").split()
    *_, statement = unpack(bundle)
    assert statement is not None
    added = [
        path for path in git(scene.theirs, "diff", "--name-only", "origin/main", branch).split() if ".json" in path
    ]
    manifest, signature, record = added
    assert record == scene.file
    assert git(scene.theirs, "show", f"{branch}:{manifest}").encode() == statement.manifest
    assert git(scene.theirs, "show", f"{branch}:{signature}").encode() == statement.signature
    assert checked(*statement, allowing(key, "bob"), BUNDLE, datetime.now(UTC)).signer == "bob"


def test_a_key_that_can_not_sign_is_named_before_anything_is_measured(scene: Scene) -> None:
    ended = CliRunner().invoke(main, ["--root", str(scene.theirs), "submit", "--by", "B", "--sign", "/no/key"])
    assert ended.exit_code == 1
    assert "/no/key: is not a file; name the file of a private SSH key" in ended.stderr


def test_the_project_is_read_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def noted(layout: Layout, path: Path, *rest: Any) -> Record:
        read.append(path)
        return validated(layout, path, *rest)

    validated = store._validated
    monkeypatch.setattr(store, "_validated", noted)
    (scene.theirs / SUMMARIES).unlink()
    given = ["--root", str(scene.theirs), "submit", "--profile", "quick", "--minutes", "0.0001", "--by", "B. Other"]
    assert f"new       {scene.again.id}" in CliRunner().invoke(main, given).output
    assert len(read) == len(set(read)) == 3


def test_a_gh_that_is_not_logged_in_leaves_a_patch(scene: Scene, tmp_path: Path) -> None:
    gh = tmp_path / "programs/gh"
    gh.write_text("#!/bin/sh\necho 'You are not logged into any GitHub hosts.' >&2\nexit 1\n")
    gh.chmod(0o755)
    ended = submit(scene, "--by", "B. Other", "--yes")
    assert ended.exit_code == 0, ended.output
    assert "no pull request: `gh auth status` failed: You are not logged into any GitHub hosts." in ended.output
    assert "patch: .stackdoc/contributions/" in ended.output


def test_what_keeps_a_submission_from_being_made_is_named(scene: Scene) -> None:
    nameless = submit(scene, "--yes")
    assert nameless.exit_code == 1
    assert "no name of a contributor is known; say who measured, by --by NAME" in nameless.stderr
    assert "one line each" in submit(scene, "--yes", "--by", "a\nb").stderr
    git(scene.theirs, "config", "user.name", "C. Third")
    assert "contributor: C. Third" in submit(scene, answer="n\n").output
    assert "nothing to submit" in submit(scene, "--by", "B", "other/*", "--yes").stderr
    assert submit(replace(scene, theirs=scene.ours), "--by", "B", "--yes").exit_code == 1


def test_without_git_there_is_a_bundle(scene: Scene) -> None:
    shutil.rmtree(scene.theirs / ".git")
    ended = submit(scene, "--by", "B. Other", "--yes")
    assert ended.exit_code == 0, ended.output
    assert "this is not a clone by git, so there is no branch" in ended.output
    assert len(list((scene.theirs / ".stackdoc/contributions").iterdir())) == 1


def test_records_that_prove_nothing_or_do_not_count_are_left_out_with_the_reason(scene: Scene) -> None:
    layout = Layout(scene.theirs)
    changes: dict[str, dict[str, Any]] = {
        "uncommitted changes": {"dirty": True},
        "another version of the example": {"digest": "0" * 64},
        "is older than another record": {"measured_at": "2026-01-01T00:00:00Z"},
        "new       ": {"measured_at": "2026-01-02T00:00:00Z", "commit": scene.own.commit},
    }
    made = {why: with_id(replace(scene.again, repeats=None, **change)) for why, change in changes.items()}
    for record in made.values():
        store.write(layout, record)
    ledger.enter(layout, made.values())
    output = submit(scene, "--by", "B. Other", answer="n\n").output
    for why, record in made.items():
        (line,) = [line for line in output.splitlines() if line.startswith(("new", "left out")) and record.id in line]
        assert why in line
    assert f"new       {scene.again.id}" in output
    committed(scene.theirs, "Add the records to the branch at hand")
    assert f"new       {scene.again.id}" in submit(scene, "--by", "B", answer="n\n").output  # the project lacks it
