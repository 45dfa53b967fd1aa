# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "boto3>=1.34", "moto>=5", "cryptography>=42"]
# [tool.stackdoc]
# layer = "security"
# title = "A key that never leaves its vault, and files that do (KMS, by an emulator)"
# devices = ["cpu"]
# environment = "cloud"
# budget_seconds = 120
# ///
"""Envelope encryption of a file of weights: what the vault is asked, and what the machine does itself.

A vault keeps a key and hands it to nobody. It encrypts a few kilobytes for who may ask, which is too little for a
file. So a file gets a key of its own, which the vault makes and gives out twice: in clear, to be used and forgotten,
and encrypted, to be kept beside the file. To read the file, the vault decrypts that key. So

    requests to the vault for n files of any size = n to write, n to read
    seconds ≈ seconds of a request + bytes / rate of the cipher

The cipher (AES-256 in GCM) runs on this machine; its rate comes from the largest file and predicts the others.
Checked: the limit of the vault is where it says; a changed byte of the file, the file's key and the name the file is
bound to are each refused.

Caveats. moto is an emulator: its key is no secret, and its request runs in this process, without a network and
without a device that guards the key. So the price of a request is not the service's. It also goes on decrypting with
a key that was disabled, which the service refuses. The cipher is real, with the processor's own instructions.
"""

# %%
import os
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

os.environ.update(AWS_ACCESS_KEY_ID="root", AWS_SECRET_ACCESS_KEY="root", AWS_DEFAULT_REGION="us-east-1")

import boto3  # the variables have to be there first
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from moto import mock_aws

from stackdoc import Work, example

ex = example()
KB, MB = 1000, 1_000_000
NAME = b"weights/model-7"
NONCE = bytes(12)  # a key is used for one file alone, so its nonce need not differ
mock = mock_aws()
mock.start()
vault = boto3.client("kms")
key = vault.create_key()["KeyMetadata"]["KeyId"]


def seconds(call: Callable[[], Any], count: int = 30) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call()
        taken.append(perf_counter() - began)
    return median(taken)


def refused(call: Callable[[], Any]) -> str:
    """By what the call is refused; empty when it goes through."""
    try:
        call()
    except InvalidTag:
        return "InvalidTag"
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


# %% [markdown]
# The vault: a key for a file, and the limit of what it encrypts itself.

# %%
made = vault.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"file": NAME.decode()})
clear, kept = made["Plaintext"], made["CiphertextBlob"]


def opened(blob: bytes = kept, name: bytes = NAME) -> bytes:
    return bytes(vault.decrypt(CiphertextBlob=blob, EncryptionContext={"file": name.decode()})["Plaintext"])


if opened() != clear or len(clear) != 32:
    raise ValueError("the vault gives another key back")
ex.report("request", seconds(opened), unit="s", label="the vault decrypts a key", what="decrypt")
making = seconds(lambda: vault.generate_data_key(KeyId=key, KeySpec="AES_256"))
ex.report("request", making, unit="s", label="the vault makes a key", what="make")
limits = {size: refused(lambda size=size: vault.encrypt(KeyId=key, Plaintext=bytes(size))) for size in (4096, 4097)}
if limits[4096] or not limits[4097]:
    raise ValueError(f"the vault's limit is elsewhere: {limits}")
ex.report("limit", 4096, unit="B", better="higher", label="the most that the vault encrypts itself")

# %% [markdown]
# The cipher here, by the size of the file.

# %%
cipher, random = AESGCM(clear), os.urandom(16 * MB)
largest = 0.0
for size in ex.sweep("bytes", [16 * MB, 10 * KB, 100 * KB, MB], quick=[16 * MB, 10 * KB, MB]):
    plain = random[:size]
    hidden = cipher.encrypt(NONCE, plain, NAME)
    if largest:
        ex.predict("decrypt", size * largest / (16 * MB), formula="bytes / rate of 16 MB", bytes=size)
    ex.measure("encrypt", lambda plain=plain: cipher.encrypt(NONCE, plain, NAME), work=Work(bytes=2 * size), bytes=size)
    point = ex.measure(
        "decrypt",
        lambda hidden=hidden: cipher.decrypt(NONCE, hidden, NAME),
        work=Work(bytes=2 * size),
        check=lambda out, plain=plain: out == plain,
        bytes=size,
    )
    largest = largest or point.seconds

# %% [markdown]
# What must not open.

# %%
hidden = cipher.encrypt(NONCE, random[:MB], NAME)
changed = hidden[:1000] + bytes([hidden[1000] ^ 1]) + hidden[1001:]
attacks = {
    "a changed byte": lambda: cipher.decrypt(NONCE, changed, NAME),
    "the file under another name": lambda: cipher.decrypt(NONCE, hidden, b"weights/model-8"),
    "its key under another name": lambda: opened(name=b"weights/model-8"),
    "a changed key": lambda: opened(kept[:-1] + bytes([kept[-1] ^ 1])),
}
said = {name: refused(call) for name, call in attacks.items()}
mock.stop()
if not all(said.values()):
    raise ValueError(f"something opened: {said}")
ex.show("\n".join(f"{name}: {what}" for name, what in said.items()))
ex.report("refused", len(said), unit="of 4", better="higher", label="attempts refused")
