"""Signed bundles and a signed list: what import and check refuse, and what pages and exports state."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.bundle import MANIFEST, SIGNATURE, pack
from stackdoc.records.identity import with_id
from stackdoc.records.signatures.signature import BUNDLE, PROJECT, State, sign
from stackdoc.records.signatures.signed import Statement, kept
from stackdoc.render import exports
from stackdoc.render.pages import record as record_page
from tests.made.keys import allowing, made_key, needs_ssh_keygen
from tests.made.project import make_project
from tests.made.records import made_record

pytestmark = needs_ssh_keygen
OURS = made_record(example="pot/boiling", measured_at="2026-01-01T00:00:00Z")
THEIRS = made_record(example="pot/boiling", measured_at="2026-06-01T00:00:00Z")
KNOWN, UNKNOWN = "signed by a known key", "signed by an unknown key"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that vouches for one record."""
    root = tmp_path / "project"
    root.mkdir()
    make_project(root)
    store.write(Layout(root), OURS)
    assert ran(root, "records", "--vouch").exit_code == 0
    return root


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    return made_key(tmp_path / "keys", "alice")


@pytest.fixture
def mallory(tmp_path: Path) -> Path:
    return made_key(tmp_path / "keys", "mallory")


def ran(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *words])


def allow(root: Path, *lines: bytes) -> None:
    (root / "docs/data/allowed_signers").write_bytes(b"".join(lines))


def vouched(root: Path, key: Path) -> Result:
    return ran(root, "records", "--vouch", "--sign", str(key))


def bundle(folder: Path, key: Path | None, record: Record = THEIRS, name: str = "b.zip") -> Path:
    file = folder / name
    file.write_bytes(pack([record], "A. Person", key=key))
    return file


def with_entries(file: Path, **changed: bytes | None) -> Path:
    """Rewrite a bundle; `manifest`, `signature` and other names are its entries, None removes one."""
    names = {"manifest": MANIFEST, "signature": SIGNATURE}
    with zipfile.ZipFile(file) as archive:
        entries: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    entries |= {names.get(name, name): content for name, content in changed.items()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            if content is not None:
                archive.writestr(name, content)
    return file


def store_statement(root: Path, statement: Statement) -> None:
    for path, content in kept(Layout(root), statement, datetime(2026, 11, 30, tzinfo=UTC)).items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(content)


def states(root: Path) -> dict[str, State]:
    site = load_site(root)
    return {id: site.signature(record).state for id, record in site.records.items()}


def files(root: Path) -> set[Path]:
    return {path for path in (root / "docs").rglob("*") if path.is_file()}


def test_a_signed_list_is_stated_in_check_on_pages_and_in_exports(root: Path, alice: Path) -> None:
    assert states(root) == {OURS.id: "not signed"}
    allow(root, allowing(alice))
    assert vouched(root, alice).output == "docs/data/vouched.txt: 0 added, signed in docs/data/vouched.txt.sig\n"
    checked = ran(root, "check")
    assert (
        checked.exit_code,
        "docs/data/vouched.txt: signed by a known key: alice@example.org, ED25519 SHA256:" in checked.output,
    ) == (0, True)
    site = load_site(root)
    (page, *_) = record_page.pages(site, OURS)
    assert "Signature of the list" in page.text
    assert "signed by a known key: alice@example.org, ED25519" in page.text
    (exported,) = exports.records(site)["records"]
    assert (exported["signature"]["state"], exported["signature"]["signer"]) == (KNOWN, "alice@example.org")
    assert json.loads(record_page.index(site).text)[0]["signature"] == KNOWN
    assert ",signed by a known key: alice@example.org" in ran(root, "export", "--format", "csv").output.replace('"', "")


def test_a_list_that_was_changed_after_it_was_signed_is_refused(root: Path, alice: Path) -> None:
    allow(root, allowing(alice))
    vouched(root, alice)
    store.write(Layout(root), THEIRS)
    list_ = root / "docs/data/vouched.txt"
    list_.write_text(f"{list_.read_text('utf-8')}{THEIRS.sha256}\n", "utf-8")
    refused = ran(root, "check")
    assert (refused.exit_code, "docs/data/vouched.txt: signature broken: " in refused.stderr) == (1, True)
    with pytest.raises(StackdocError, match="signature broken"):
        load_site(root)


def test_a_signed_list_grows_only_with_a_key(root: Path, alice: Path) -> None:
    vouched(root, alice)
    before = files(root)
    store.write(Layout(root), THEIRS)
    refused = ran(root, "records", "--vouch")
    assert (
        refused.exit_code,
        "is signed, and a new entry would break its signature; add --sign KEY" in refused.stderr,
    ) == (1, True)
    assert states(root)[OURS.id] == UNKNOWN
    (root / "not-a-key").write_text("-", "utf-8")
    assert vouched(root, root / "not-a-key").exit_code == 1
    assert states(root)[OURS.id] == UNKNOWN, "neither the list nor its signature changed"
    assert vouched(root, alice).exit_code == 0
    assert ran(root, "records", "--vouch").exit_code == 0, "nothing new is no change"
    assert states(root) == {OURS.id: UNKNOWN, THEIRS.id: UNKNOWN}
    assert len(files(root)) == len(before) + 1
    assert ran(root, "records", "--sign", str(alice)).exit_code == 2


def test_where_signers_are_listed_the_list_must_be_signed_by_one_whose_key_is_valid_now(
    root: Path, alice: Path, mallory: Path
) -> None:
    assert ran(root, "check").exit_code == 0
    allow(root, allowing(alice))
    assert "not signed, but docs/data/allowed_signers lists who may sign it" in ran(root, "check").stderr
    vouched(root, mallory)
    assert "signed by an unknown key: " in ran(root, "check").stderr
    vouched(root, alice)
    assert ran(root, "check").exit_code == 0
    allow(root, allowing(alice, options='valid-before="20200101"'))
    assert ran(root, "check").exit_code == 1
    allow(root, allowing(alice, options=f'namespaces="{BUNDLE}"'))
    assert ran(root, "check").exit_code == 1, "a key for bundles does not vouch"


@pytest.mark.parametrize(("listed", "state"), [(True, KNOWN), (False, UNKNOWN)])
def test_a_signed_bundle_is_stated_at_import_and_on_its_records_page(
    root: Path, tmp_path: Path, alice: Path, mallory: Path, listed: bool, state: State
) -> None:
    allow(root, allowing(alice), allowing(mallory, "m@example.org", 'valid-before="20200101"'))
    vouched(root, alice)
    imported = ran(root, "bundle", "import", str(bundle(tmp_path, alice if listed else mallory)))
    assert (imported.exit_code, imported.output.startswith(f"bundle {state}: ")) == (0, True)
    assert states(root)[THEIRS.id] == state
    site = load_site(root)
    assert site.contributor(THEIRS) == "A. Person", "a signature does not vouch"
    (page, *_) = record_page.pages(site, THEIRS)
    assert "Signature of the bundle" in page.text
    assert state in page.text
    assert ran(root, "check").exit_code == 0
    stored = files(root)
    assert ran(root, "bundle", "import", str(tmp_path / "b.zip")).exit_code == 0
    assert files(root) == stored, "the same manifest is stored once"


def test_an_unsigned_bundle_is_stated(root: Path, tmp_path: Path) -> None:
    imported = ran(root, "bundle", "import", str(bundle(tmp_path, None)))
    assert imported.output.startswith("bundle not signed\n")
    assert states(root)[THEIRS.id] == "not signed"


def test_a_key_that_expired_after_the_import_still_signed_it(root: Path, tmp_path: Path, alice: Path) -> None:
    allow(root, allowing(alice))
    ran(root, "bundle", "import", str(bundle(tmp_path, alice)))
    allow(root, allowing(alice, options='valid-before="20991231"'))
    assert states(root)[THEIRS.id] == KNOWN
    (stored,) = (root / "docs/data/signatures").glob("*.json")
    allow(root, allowing(alice, options=f'valid-before="{stored.name[:8]}"'))
    assert states(root)[THEIRS.id] == UNKNOWN, "the day of the import begins after it"


def test_a_broken_signature_is_refused_and_nothing_is_stored(
    root: Path, tmp_path: Path, alice: Path, mallory: Path
) -> None:
    allow(root, allowing(alice))
    before = files(root)
    other = bundle(tmp_path, alice, with_id(replace(THEIRS, measured_at="2026-06-02T00:00:00Z")), "other.zip")
    with zipfile.ZipFile(other) as archive:
        foreign = archive.read(SIGNATURE)
    with zipfile.ZipFile(bundle(tmp_path, alice)) as archive:
        manifest = archive.read(MANIFEST)
    attacks: list[dict[str, bytes | None]] = [
        {"signature": foreign},
        {"signature": sign(manifest, alice, PROJECT)},
        {"signature": b""},
        {"signature": b"x" * (1 << 20)},
        {"manifest": manifest.replace(b"A. Person", b"B. Person")},
        {"allowed_signers": allowing(mallory)},
        {"docs/data/allowed_signers": allowing(mallory)},
        {"records/-Ystuff.json": b"{}"},
    ]
    for attack in attacks:
        refused = ran(root, "bundle", "import", str(with_entries(bundle(tmp_path, alice), **attack)))
        assert refused.exit_code == 1, attack.keys()
        named = "signature broken" if attack.keys() <= {"signature", "manifest"} else "is not an entry of a bundle"
        assert named in refused.stderr, attack.keys()
        assert files(root) == before


def test_a_bundle_named_like_an_option_is_a_file(
    root: Path, tmp_path: Path, alice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(root, allowing(alice))
    bundle(tmp_path, alice, name="-Yverify")
    monkeypatch.chdir(tmp_path)
    assert ran(root, "bundle", "import", "--", "-Yverify").output.startswith(f"bundle {KNOWN}")


def test_a_stored_manifest_that_was_changed_is_refused(root: Path, tmp_path: Path, alice: Path) -> None:
    allow(root, allowing(alice))
    vouched(root, alice)
    ran(root, "bundle", "import", str(bundle(tmp_path, alice)))
    (stored,) = (root / "docs/data/signatures").glob("*.json")
    content = stored.read_bytes()
    for changed in (content + b"\n", b"[]", b"{", b'{"records": [1]}'):
        stored.write_bytes(changed)
        assert "is not the signed manifest of an imported bundle" in ran(root, "check").stderr
    stored.write_bytes(content)
    assert ran(root, "check").exit_code == 0
    store_statement(root, Statement(content, sign(content, alice, PROJECT)))
    assert "signature broken" in ran(root, "check").stderr
    stored.with_name(f"{stored.name}.sig").unlink()
    assert ran(root, "check").exit_code == 1
    stored.rename(stored.with_name("99999999T999999Z-0123456789abcdef.json"))
    assert ran(root, "check").exit_code == 1


def test_a_signature_covers_only_the_very_records_that_were_signed(root: Path, alice: Path) -> None:
    allow(root, allowing(alice))
    manifest = json.dumps({"schema": "stackdoc.bundle/1", "records": {OURS.id: "0" * 64}}).encode()
    store_statement(root, Statement(manifest, sign(manifest, alice, BUNDLE)))
    assert states(root) == {OURS.id: "not signed"}


def test_without_ssh_keygen_a_bundle_is_imported_as_one_whose_signature_is_not_checked(
    root: Path, tmp_path: Path, alice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = bundle(tmp_path, alice)
    allow(root, allowing(alice))
    vouched(root, alice)
    monkeypatch.setenv("PATH", "/nowhere")
    imported = ran(root, "bundle", "import", str(file))
    assert imported.output.startswith("bundle signature not checked: ssh-keygen is not installed\n")
    assert not (root / "docs/data/signatures").exists()
    assert states(root) == {OURS.id: "signature not checked", THEIRS.id: "not signed"}
    monkeypatch.undo()
    ran(root, "bundle", "import", str(file))
    assert states(root) == {OURS.id: KNOWN, THEIRS.id: KNOWN}


def test_a_bundle_is_signed_on_the_command_line(root: Path, tmp_path: Path, alice: Path) -> None:
    ledger.enter(Layout(root), [OURS])
    file = tmp_path / "signed.zip"
    packed = ran(root, "bundle", "export", str(file), "--by", "A. Person", "--sign", str(alice))
    assert packed.exit_code == 0, packed.output
    with zipfile.ZipFile(file) as archive:
        assert SIGNATURE in archive.namelist()
    assert ran(root, "bundle", "export", str(tmp_path / "x"), "--by", "A", "--sign", "nobody").exit_code == 1
    assert not (tmp_path / "x").exists()
