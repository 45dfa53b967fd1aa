"""SSH keys of a test, and files of allowed signers that list them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SSH_KEYGEN = str(shutil.which("ssh-keygen"))
needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


def made_key(folder: Path, name: str = "alice", kind: str = "ed25519") -> Path:
    """Make a key without a passphrase, and return the file of its private half."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / name
    ran("-q", "-t", kind, "-N", "", "-C", "", "-f", str(key))
    return key


def allowing(key: Path, signer: str = "alice@example.org", options: str = "") -> bytes:
    """Return the line of a file of allowed signers that lists the key."""
    return f"{signer} {options} {key.with_suffix('.pub').read_text('utf-8')}".encode()


def certified(key: Path, authority: Path, principal: str) -> Path:
    """Return the file of a certificate for the key, which the agent-less ssh-keygen signs with in place of the key."""
    ran("-q", "-s", str(authority), "-I", "a certificate", "-n", principal, str(key.with_suffix(".pub")))
    return key.with_name(f"{key.name}-cert.pub")


def ran(*words: str, cwd: Path | None = None) -> bytes:
    return subprocess.run(["ssh-keygen", *words], check=True, capture_output=True, cwd=cwd).stdout
