"""A review refuses what an import would refuse, and names what a reviewer must look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from stackdoc.model.record import Point, Record
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.bundle import pack
from stackdoc.records.identity import with_id
from tests.made import contribution
from tests.made.commands import call
from tests.made.contribution import Scene
from tests.made.git_repository import committed, git
from tests.made.keys import allowing, made_key, needs_ssh_keygen
from tests.made.once import Once

Edit = Callable[[Scene], None]


@pytest.fixture
def scene(once: Once, tmp_path: Path) -> Scene:
    return contribution.scene(once, tmp_path)


def reviewed(scene: Scene, *records: Record, by: str = "B. Other", options: tuple[str, ...] = ()) -> Result:
    """The project's review of a bundle."""
    file = scene.ours.parent / "offer.zip"
    file.write_bytes(pack(records, by))
    return call(scene.ours, "review", str(file), *options)


def changed(record: Record, **changes: Any) -> Record:
    return with_id(replace(record, **changes))


def scaled(point: Point, factor: float) -> Point:
    launches = (
        replace(launch, wall_ns=times(launch.wall_ns, factor), cpu_ns=times(launch.cpu_ns, factor))
        for launch in point.launches
    )
    return replace(point, launches=tuple(launches))


def times(values: tuple[int, ...], factor: float) -> tuple[int, ...]:
    return tuple(round(value * factor) + 1 for value in values)


def test_a_bundle_is_reviewed_without_storing_anything(scene: Scene) -> None:
    before = git(scene.ours, "status", "--porcelain", "--ignored"), git(scene.ours, "worktree", "list")
    ended = reviewed(scene, scene.again, scene.own)
    assert ended.exit_code == 0, ended.output
    assert (git(scene.ours, "status", "--porcelain", "--ignored"), git(scene.ours, "worktree", "list")) == before
    lines = ended.output.splitlines()
    assert lines[0] == "offer.zip: 1 new record, 1 already here"
    assert f"  {scene.again.id} kernels/good on cpu, {scene.again.machine.id}, quick" in ended.output
    assert f"its files are those of commit {scene.again.commit[:12]}" in ended.output
    assert f"record {scene.own.id}: " in ended.output
    assert "by B. Other" in ended.output
    assert "×" in ended.output
    for page in (f"/r/{scene.again.id}/", f"/r/{scene.own.id}/", "/examples/kernels/good/"):
        assert f"  {page}" in lines
    assert lines[-2:] == ["none of the project's own figures changes", "an import would accept it"]


def test_what_an_import_refuses_is_refused(scene: Scene) -> None:
    future = changed(scene.again, measured_at="2099-01-01T00:00:00Z")
    ended = reviewed(scene, future)
    assert ended.exit_code == 1
    assert "measured_at: is 2099-01-01T00:00:00Z, which is in the future" in ended.output
    other_files = changed(scene.again, closure=((scene.again.closure[0][0], "0" * 64),))
    assert "is not what was measured" in reviewed(scene, other_files).output
    (broken := scene.ours.parent / "broken.zip").write_bytes(b"PK")
    damaged = call(scene.ours, "review", str(broken))
    assert (damaged.exit_code, "is not a complete bundle" in damaged.output) == (1, True)
    unknown = call(scene.ours, "review", "no-such-branch")
    assert (unknown.exit_code, "is neither a file nor a branch" in unknown.stderr) == (1, True)
    assert call(scene.ours, "review", "--", "--output=x").exit_code == 1


def an_hour_after(date: str) -> str:
    return f"{datetime.fromisoformat(date) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda own: {"points": own.points}, "odd: contains a launch of record {own}"),
        (lambda own: {"points": tuple(scaled(point, 3) for point in own.points)}, "slower than in record {own}"),
        (lambda own: {"points": tuple(scaled(point, 1e6) for point in own.points)}, "odd: its blocks take "),
        (lambda _: {"measured_at": "2021-01-01T00:00:00Z"}, "before its commit"),
        (lambda own: {"measured_at": an_hour_after(own.measured_at)}, "before the record's date"),
    ],
)
def test_what_looks_odd_is_named(scene: Scene, change: Callable[[Record], Mapping[str, Any]], sentence: str) -> None:
    ended = reviewed(scene, changed(scene.again, **change(scene.own)))
    assert sentence.format(own=scene.own.id) in ended.output


def test_disturbed_launches_are_counted(scene: Scene) -> None:
    (point,) = scene.again.points
    launches = tuple(replace(launch, switches=(1,) * len(launch.wall_ns)) for launch in point.launches)
    ended = reviewed(scene, changed(scene.again, points=(replace(point, launches=launches),)))
    assert "odd: sum;n=300: 100 % of the launches were disturbed" in ended.output


def test_a_comment_contains_no_markup_of_others(scene: Scene) -> None:
    name = "@team `<img src=x>` [a](b)"
    ended = reviewed(scene, scene.again, by=name, options=("--markdown",))
    assert ended.exit_code == 0, ended.output
    outside = "".join(ended.output.split("`")[::2])
    assert "@team" in ended.output
    assert "@team" not in outside
    assert "<img" not in outside
    assert "**An import would accept it**" in ended.output


def test_a_branch_that_only_adds_records_is_accepted(scene: Scene) -> None:
    branch = offered(scene)
    ended = call(scene.ours, "review", branch)
    assert ended.exit_code == 0, ended.output
    assert f"{branch}: 1 new record\n" in ended.output
    assert "an import would accept it" in ended.output


def offered(scene: Scene, edit: Edit | None = None, *options: str) -> str:
    """The name of a branch that `stackdoc submit` has made in the clone, fetched by the project, with an edit."""
    assert call(scene.theirs, "submit", "--no-measure", "--yes", "--by", "B. Other", *options).exit_code == 0
    (branch,) = git(scene.theirs, "branch", "--list", "--format=%(refname:short)", "contribute/*").split()
    if edit:
        git(scene.theirs, "switch", "--quiet", "--force", branch)
        edit(replace(scene, ours=scene.theirs))
        committed(scene.theirs, "Edit")
    git(scene.ours, "fetch", "--quiet", str(scene.theirs), f"{branch}:{branch}")
    return branch


def add(path: str, text: str) -> Edit:
    def edit(scene: Scene) -> None:
        with (scene.ours / path).open("a") as stream:
            stream.write(text.format(own=scene.own.id, sha256=scene.again.sha256))

    return edit


def remove(scene: Scene) -> None:
    (scene.ours / store.record_path(Layout(scene.ours), scene.own)).unlink()


def unlist(scene: Scene) -> None:
    (scene.ours / "docs/data/contributed.yml").write_text("[]\n")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (add("docs/data/vouched.txt", "{sha256}\n"), "vouched.txt: is changed: who contributes a record can't vouch"),
        (add("docs/data/contributed.yml", '- {{record: "{own}", by: C}}\n'), "changes who contributed a record"),
        (add("examples/kernels/good.py", "import os\n"), "examples/kernels/good.py: is changed too; look at it"),
        (add("outside.txt", "x"), "outside.txt: is changed too"),
        (remove, "is changed or removed; records never are"),
        (unlist, "contributed.yml: {again}: does not list the record"),
    ],
)
def test_a_branch_that_changes_anything_else_is_refused(scene: Scene, edit: Edit, message: str) -> None:
    ended = call(scene.ours, "review", offered(scene, edit))
    assert ended.exit_code == 1
    assert message.format(again=scene.again.id) in ended.output


def signed(scene: Scene, edit: Edit | None = None, options: str = "") -> Result:
    """The review of a signed branch by somebody whose key the project knows, with `options` of the allowed signer."""
    key = made_key(scene.ours.parent / "keys", "bob")
    (scene.ours / "docs/data/allowed_signers").write_bytes(allowing(key, "bob", options))
    committed(scene.ours, "Allow Bob")
    return call(scene.ours, "review", offered(scene, edit, "--sign", str(key)))


def manifest_of(scene: Scene) -> Path:
    (path,) = (scene.ours / "docs/data/signatures").glob("*.json")
    return path


@needs_ssh_keygen
def test_a_signed_branch_is_accepted_and_names_who_signed(scene: Scene) -> None:
    ended = signed(scene)
    assert ended.exit_code == 0, ended.output
    assert "    bundle signed by a known key: bob, ED25519 SHA256:" in ended.output
    assert "an import would accept it" in ended.output


def edit_manifest(scene: Scene) -> None:
    path = manifest_of(scene)
    path.write_bytes(path.read_bytes().replace(b"B. Other", b"A. Other"))


def rename_contributor(scene: Scene) -> None:
    path = scene.ours / "docs/data/contributed.yml"
    path.write_text(path.read_text("utf-8").replace("B. Other", "A. Other"), "utf-8")


def remove_record(scene: Scene) -> None:
    (scene.ours / scene.file).unlink()
    unlist(scene)


def add_a_key(scene: Scene) -> None:
    (scene.ours / "docs/data/allowed_signers").write_text("mallory ssh-ed25519 AAAA\n", "utf-8")


def add_another_file(scene: Scene) -> None:
    manifest_of(scene).with_name("notes.txt").write_text("x", "utf-8")


@needs_ssh_keygen
@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (edit_manifest, "is not the signed manifest of an imported bundle"),
        (rename_contributor, "was contributed by B. Other, by the bundle that was signed"),
        (remove_record, "is signed, but not a record of this branch"),
        (add_a_key, "docs/data/allowed_signers: is changed too"),
        (add_another_file, "docs/data/signatures/notes.txt: is changed too"),
    ],
)
def test_what_does_not_agree_with_the_signature_is_refused(scene: Scene, edit: Edit, message: str) -> None:
    ended = signed(scene, edit)
    assert ended.exit_code == 1
    assert message in ended.output


def backdate(scene: Scene) -> None:
    path = manifest_of(scene)
    at = path.name.partition("-")[0]
    for file in (path, path.with_name(f"{path.name}.sig")):
        file.rename(file.with_name(file.name.replace(at, "20240601T000000Z")))


@needs_ssh_keygen
def test_a_key_that_is_no_longer_valid_does_not_count_for_an_earlier_date_of_its_owners_choice(scene: Scene) -> None:
    ended = signed(scene, backdate, 'valid-before="20250101"')
    assert ended.exit_code == 1
    assert "signed by a known key: bob" in ended.output
    assert "at the time of its name, but signed by an unknown key" in ended.output


def test_roofs_that_the_project_lacks_can_not_be_supplied(scene: Scene) -> None:
    layout = Layout(scene.ours)
    own = changed(scene.own, roofs=scene.again.id, measured_at="2026-11-02T00:00:00Z")
    store.write(layout, own)
    (scene.ours / layout.vouched).write_text(f"{scene.own.sha256}\n{own.sha256}\n")
    committed(scene.ours, "A record with roofs that are not here")
    ended = reviewed(scene, scene.again)
    assert ended.exit_code == 1
    assert f"record {own.id} would refer to the roofs of {scene.again.id}" in ended.output
