"""A signature is good only if a key that is listed, for its purpose and then, signed these very bytes."""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.records.signatures import signature
from stackdoc.records.signatures.signature import BUNDLE, PROJECT, UNSIGNED, Signature, checked, sign
from tests.made.keys import allowing, certified, made_key, needs_ssh_keygen, ran

pytestmark = needs_ssh_keygen
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CONTENT = b"a list\n"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_key(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_key(tmp_path_factory.mktemp("others"), "mallory")


def judged(signed: bytes | None, allowed: bytes, content: bytes = CONTENT, at: datetime = NOW) -> Signature:
    return checked(content, signed, allowed, PROJECT, at)


def test_the_states_are_explicit(key: Path, other: Path) -> None:
    signed = sign(CONTENT, key, PROJECT)
    good = judged(signed, allowing(key))
    fingerprint = ran("-l", "-f", str(key)).split()[1].decode()
    assert (good.state, good.signer, good.key) == (
        "signed by a known key",
        "alice@example.org",
        f"ED25519 {fingerprint}",
    )
    assert str(good) == f"signed by a known key: alice@example.org, ED25519 {fingerprint}"
    unknown = judged(signed, allowing(other))
    assert (unknown.state, unknown.signer, unknown.key) == ("signed by an unknown key", "", f"ED25519 {fingerprint}")
    assert judged(signed, b"").state == "signed by an unknown key"
    assert judged(None, allowing(key)) == UNSIGNED
    assert judged(signed, allowing(key), b"another list\n").state == "signature broken"
    assert [each.counts for each in (good, unknown, UNSIGNED)] == [True, False, False]


def test_anyone_can_check_it_with_ssh_keygen_alone(key: Path, tmp_path: Path) -> None:
    (tmp_path / "list.sig").write_bytes(sign(CONTENT, key, PROJECT))
    (tmp_path / "allowed").write_bytes(allowing(key))
    words = ["-Y", "verify", "-f", "allowed", "-I", "alice@example.org", "-n", "stackdoc", "-s", "list.sig"]
    assert subprocess.run(["ssh-keygen", *words], input=CONTENT, cwd=tmp_path, check=False).returncode == 0


def test_a_signature_for_another_purpose_is_broken(key: Path) -> None:
    for namespace in (BUNDLE, "git", "file"):
        assert judged(sign(CONTENT, key, namespace), allowing(key)).state == "signature broken"


def test_a_key_counts_only_for_the_purposes_for_which_it_is_listed(key: Path) -> None:
    allowed = allowing(key, options=f'namespaces="{BUNDLE}"')
    assert judged(sign(CONTENT, key, PROJECT), allowed).state == "signed by an unknown key"
    assert checked(CONTENT, sign(CONTENT, key, BUNDLE), allowed, BUNDLE, NOW).counts


def test_a_key_with_several_lines_needs_one_name_in_all_of_them(key: Path) -> None:
    """ssh-keygen looks up the name of the first line, and then for any line with it."""
    signed, limited = sign(CONTENT, key, PROJECT), allowing(key, options=f'namespaces="{BUNDLE}"')
    assert judged(signed, limited + allowing(key)).counts
    assert not judged(signed, limited + allowing(key, "second@example.org")).counts


@pytest.mark.parametrize(
    ("option", "state"),
    [
        ('valid-before="20261130120001Z"', "signed by a known key"),
        ('valid-before="20261130115959Z"', "signed by an unknown key"),
        ('valid-after="20261130120001Z"', "signed by an unknown key"),
        ('valid-after="20260101",valid-before="20270101"', "signed by a known key"),
    ],
)
def test_a_key_counts_only_while_it_is_valid(key: Path, option: str, state: str) -> None:
    result = judged(sign(CONTENT, key, PROJECT), allowing(key, options=option))
    assert result.state == state
    assert result.counts or result.reason


def test_a_certificate_counts_only_if_its_authority_is_listed(tmp_path: Path) -> None:
    authority, key = made_key(tmp_path, "authority"), made_key(tmp_path, "carol")
    signed = sign(CONTENT, certified(key, authority, "carol@example.org"), PROJECT)
    listed = allowing(authority, "*@example.org", "cert-authority")
    assert judged(signed, listed).state == "signed by a known key"
    assert judged(signed, allowing(authority, "*@example.org")).state == "signed by an unknown key"
    assert judged(signed, allowing(authority, "dave@example.org", "cert-authority")).state == "signed by an unknown key"


def test_one_of_several_lines_is_enough_and_a_damaged_one_does_not_make_another_good(key: Path, other: Path) -> None:
    signed = sign(CONTENT, key, PROJECT)
    junk = b"# a comment\n\nnobody ssh-unheard-of AAAA\n\xff\xfe\0 ssh-ed25519\n" + b"x" * 5_000 + b"\n"
    assert not judged(signed, junk + allowing(other)).counts
    assert judged(signed, b"# a comment\n\n" + allowing(other) + allowing(key)).counts
    assert not judged(signed, allowing(other, "alice@example.org") + b"alice@example.org\n").counts


def blob(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def armoured(content: bytes) -> bytes:
    return b"-----BEGIN SSH SIGNATURE-----\n" + base64.encodebytes(content) + b"-----END SSH SIGNATURE-----\n"


UNKNOWN_TYPE = armoured(
    b"SSHSIG"
    + struct.pack(">I", 1)
    + blob(blob(b"ssh-unheard-of", b"x" * 32), b"stackdoc", b"", b"sha512", blob(b"ssh-unheard-of", b"y" * 64))
)


@pytest.mark.parametrize(
    "signed",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe a signature",
        b"-----BEGIN SSH SIGNATURE-----\n",
        armoured(b"SSHSIG" + b"\xff" * 64),
        b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n",
        UNKNOWN_TYPE,
        armoured(b"SSHSIG" + b"A" * (1 << 20)),
    ],
    ids=["empty", "zeros", "bytes", "begin", "garbage", "pgp", "unknown-type", "huge"],
)
def test_what_is_no_signature_is_broken(key: Path, signed: bytes) -> None:
    result = judged(signed, allowing(key))
    assert (result.state, bool(result.reason)) == ("signature broken", True)
    assert "\n" not in str(result)
    assert str(result).isprintable()


def test_without_ssh_keygen_nothing_counts_and_the_state_says_so(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign(CONTENT, key, PROJECT)
    monkeypatch.setenv("PATH", "/nowhere")
    result = judged(signed, allowing(key))
    assert str(result) == "signature not checked: ssh-keygen is not installed"
    assert not result.counts
    with pytest.raises(StackdocError, match="can't sign: ssh-keygen is not installed"):
        sign(CONTENT, key, PROJECT)


def test_an_old_ssh_keygen_is_not_taken_for_a_broken_signature(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign(CONTENT, key, PROJECT)
    old = tmp_path / "ssh-keygen"
    old.write_text("#!/bin/sh\necho 'unknown option -- Y' >&2; echo 'usage: ssh-keygen' >&2; exit 1\n", "utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert "too old" in str(judged(signed, allowing(key)))
    old.write_text("#!/bin/sh\nexec sleep 30\n", "utf-8")
    monkeypatch.setattr(signature, "SECONDS", 0.1)
    assert judged(signed, allowing(key)).state == "signature not checked"


def test_a_name_like_an_option_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_key(tmp_path, "key")
    shutil.copy(tmp_path / "key", tmp_path / "-Yverify")
    monkeypatch.chdir(tmp_path)
    signed = sign(CONTENT, Path("-Yverify"), PROJECT)
    assert judged(signed, allowing(tmp_path / "key", "-h")).signer == "-h"
    expired = allowing(tmp_path / "key", "-Overify-time=20250101", 'valid-before="20260101"')
    assert judged(signed, expired).state == "signed by an unknown key"


def test_a_key_that_cannot_sign_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match=r"nobody: is not a file"):
        sign(CONTENT, tmp_path / "nobody", PROJECT)
    (tmp_path / "text").write_text("not a key\n", "utf-8")
    with pytest.raises(StackdocError, match=r"text: can't sign: "):
        sign(CONTENT, tmp_path / "text", PROJECT)
