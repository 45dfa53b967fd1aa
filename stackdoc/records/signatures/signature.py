"""Signatures with SSH keys, made and checked by `ssh-keygen`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from stackdoc.errors import Problem, StackdocError, line

State = Literal[
    "not signed",
    "signed by a known key",
    "signed by an unknown key",
    "signature broken",
    "signature not checked",
]

# What a signature is for: one for a bundle never counts as one for the project's own list or for an edition. Allowed
# signers may be limited to either, by `namespaces="…"`.
PROJECT = "stackdoc"
BUNDLE = "stackdoc-bundle"

TOOL = "ssh-keygen"
SECONDS = 60  # for a check, which takes milliseconds
MAXIMUM_BYTES = 64 << 10  # of a signature; one by a certified RSA key of 16,384 bits has 9 kB
MOST_SIGNERS = 20  # of one key
KEY = re.compile(r" with (\S+) key (SHA256:[\w+/=]+)\s*$")
MISUSED = re.compile(r"usage:|unknown option|illegal option|Unsupported operation", re.IGNORECASE)


@dataclass(frozen=True)
class Signature:
    """The state of a signature.

    `signer` is who signed, as the allowed signers name the key; `key` its type and fingerprint; `reason` is why the
    signature does not count.
    """

    state: State = "not signed"
    signer: str = ""
    key: str = ""
    reason: str = ""

    @property
    def counts(self) -> bool:
        return self.state == "signed by a known key"

    def __str__(self) -> str:
        """Return `signed by a known key: alice@example.org, ED25519 SHA256:…`."""
        details = ", ".join(filter(None, (self.signer, self.key, self.reason)))
        return f"{self.state}: {details}" if details else self.state


UNSIGNED = Signature()


class _Unusable(Exception):
    """Raised if there is no ssh-keygen, or one that can't do what is asked."""


def sign(content: bytes, key: Path, namespace: str) -> bytes:
    """Return the signature of the content.

    `key` is the file of a private key, or of a public one whose private half the agent has. ssh-keygen asks for a
    passphrase on the terminal. Raises StackdocError.
    """
    check_key(key)
    with TemporaryDirectory(prefix="stackdoc-") as folder:
        signed = Path(folder) / "content"
        signed.write_bytes(content)
        try:
            answer = _run(folder, ("-Y", "sign", "-f", str(key.absolute()), "-n", namespace, signed.name), None)
        except _Unusable as error:
            raise StackdocError([Problem(str(key), 0, "", f"can't sign: {error}")]) from None
        if answer.returncode == 0:
            return signed.with_name("content.sig").read_bytes()
    raise StackdocError([Problem(str(key), 0, "", f"can't sign: {_reason(answer)}")])


def check_key(key: Path) -> None:
    """Raise StackdocError if there is no such file, so that a command fails before it does anything else."""
    if not key.is_file():
        hint = "name the file of a private SSH key, or of a public one that the agent can use"
        raise StackdocError([Problem(str(key), 0, "", "is not a file", hint)])


def checked(content: bytes, signature: bytes | None, allowed: bytes, namespace: str, at: datetime) -> Signature:
    """Return the state of the signature of the content.

    `allowed` is the content of a file of allowed signers, as in ssh-keygen(1). `at` is the time at which the key must
    have been valid there. Only a key that is listed for the namespace, and valid then, is known.
    """
    if signature is None:
        return UNSIGNED
    if len(signature) > MAXIMUM_BYTES:
        return Signature("signature broken", reason=f"larger than {MAXIMUM_BYTES >> 10} KiB")
    with TemporaryDirectory(prefix="stackdoc-") as folder:
        Path(folder, "signature").write_bytes(signature)
        Path(folder, "allowed_signers").write_bytes(allowed)
        try:
            return _checked(folder, content, namespace, at)
        except _Unusable as error:
            return Signature("signature not checked", reason=str(error))


def _checked(folder: str, content: bytes, namespace: str, at: datetime) -> Signature:
    listed = ("-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%S}", "-f", "allowed_signers", "-s", "signature")
    found = _run(folder, ("-Y", "find-principals", *listed))
    reason = _reason(found)
    for signer in _signers(found) if found.returncode == 0 else ():
        answer = _run(folder, ("-Y", "verify", *listed, "-I", signer, "-n", namespace), content)
        if answer.returncode == 0:
            return Signature("signed by a known key", line(signer), _key(answer))
        reason = _reason(answer)
    answer = _run(folder, ("-Y", "check-novalidate", "-n", namespace, "-s", "signature"), content)
    if answer.returncode == 0:
        return Signature("signed by an unknown key", "", _key(answer), reason)
    return Signature("signature broken", reason=_reason(answer))


def _signers(answer: subprocess.CompletedProcess[bytes]) -> Iterator[str]:
    return iter(answer.stdout.decode("utf-8", "replace").splitlines()[:MOST_SIGNERS])


def _key(answer: subprocess.CompletedProcess[bytes]) -> str:
    match = KEY.search(answer.stdout.decode("utf-8", "replace"))
    return line(" ".join(match.groups())) if match else ""


def _reason(answer: subprocess.CompletedProcess[bytes]) -> str:
    """Return what ssh-keygen reported first, on one line."""
    lines = answer.stderr.decode("utf-8", "replace").splitlines()
    return line(next((each for each in lines if each.strip()), "ssh-keygen gave no reason"))[:200].rstrip(".")


def _run(folder: str, words: tuple[str, ...], content: bytes | None = b"") -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen in the folder, whose files the words name. `content` None leaves it the terminal."""
    tool = shutil.which(TOOL)
    if tool is None:
        raise _Unusable(f"{TOOL} is not installed")
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    seconds = None if content is None else SECONDS
    try:
        answer = subprocess.run(
            [tool, *words], input=content, timeout=seconds, cwd=folder, capture_output=True, env=environment
        )
    except subprocess.TimeoutExpired:
        raise _Unusable(f"{TOOL} took more than {SECONDS} s") from None
    except OSError as error:
        raise _Unusable(f"{TOOL} can't be run: {error.strerror or error}") from None
    if answer.returncode and MISUSED.search(answer.stderr.decode("utf-8", "replace")):
        raise _Unusable(f"this {TOOL} is too old; OpenSSH 8.9 or later is needed")
    return answer
