# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "boto3>=1.34", "moto>=5"]
# [tool.stackdoc]
# layer = "platform"
# title = "Objects instead of files: size, ranges, versions, conditions (S3, by an emulator)"
# devices = ["cpu"]
# environment = "cloud"
# budget_seconds = 120
# ///
"""What the interface of an object store promises, tried on an emulator of S3, and what its shape costs.

The server is that of moto, an emulator, on this machine, in a process of its own; the client is Amazon's own. An
object is put and fetched whole over HTTP, by its name. So each request has a fixed price, and a byte another:

    seconds ≈ seconds of a request + bytes / rate

Both come from 1 kB and 16 MB, and predict what lies between. 64 small objects against one of the same bytes show the
fixed price alone. What a program can build on is checked, not timed: a byte range gives those bytes; an object of
many parts comes back whole; three versions of a name are kept and each can be read; a write on the condition that the
name is free is refused when it is not.

Caveats. **These are not figures of S3.** The emulator is a Python program that copies every byte several times; the
service answers over a network, later, and serves many at once. What carries over is the shape: a price for each
request, so few large objects beat many small ones. Times are plain medians.
"""

# %%
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from stackdoc import example

ex = example()
KB, MB = 1000, 1_000_000


# %% [markdown]
# The emulator, in a process of its own.


# %%
def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until_it_answers(url: str, child: subprocess.Popen[bytes]) -> None:
    while True:
        try:
            urlopen(url).close()
        except URLError:
            if child.poll() is not None:
                raise
            time.sleep(0.05)
        else:
            return


port = free_port()
url = f"http://127.0.0.1:{port}"
code = "from moto.server import main; import sys; main(sys.argv[1:])"
emulator = subprocess.Popen(
    [sys.executable, "-c", code, "-H", "127.0.0.1", "-p", str(port)],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
until_it_answers(f"{url}/moto-api/", emulator)
store = boto3.client(
    "s3",
    endpoint_url=url,
    aws_access_key_id="nobody",
    aws_secret_access_key="nothing",
    region_name="us-east-1",
    config=Config(retries={"max_attempts": 1}),
)
store.create_bucket(Bucket="data")


def content(size: int) -> bytes:
    return bytes(range(256)) * (size // 256 + 1)


def put(name: str, body: bytes, **more: str) -> Any:
    return store.put_object(Bucket="data", Key=name, Body=body, **more)


def get(name: str, **more: str) -> bytes:
    return bytes(store.get_object(Bucket="data", Key=name, **more)["Body"].read())


def seconds(call: Callable[[], Any], count: int) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call()
        taken.append(perf_counter() - began)
    return median(taken)


# %% [markdown]
# One object, by its size.

# %%
try:
    taken: dict[tuple[str, int], float] = {}
    for size in ex.sweep("bytes", [KB, 16 * MB, 100 * KB, MB, 4 * MB], quick=[KB, 16 * MB, MB, 4 * MB]):
        body, name = content(size)[:size], f"object-{size}"
        count = 15 if size <= MB else 3
        taken["put", size] = seconds(lambda body=body, name=name: put(name, body), count)
        taken["get", size] = seconds(lambda name=name: get(name), count)
        if get(name) != body or get(name, Range="bytes=-16") != body[-16:]:
            raise ValueError(f"{size} bytes came back as others")
        for way in ("put", "get"):
            ex.report(way, taken[way, size], unit="s", label=f"{way} one object", bytes=size)
            if KB < size < 16 * MB:
                small, large = taken[way, KB], taken[way, 16 * MB]
                line = small + (size - KB) * (large - small) / (16 * MB - KB)
                ex.report(f"{way}-expected", line, unit="s", label=f"by formula, {way}", bytes=size)
    tail = seconds(lambda: get(f"object-{16 * MB}", Range="bytes=-1024"), 5)
    ex.report("range", tail, unit="s", label="the last kilobyte of 16 MB")

    # %% [markdown]
    # The same bytes as one object and as sixty-four.

    # %%
    part = content(4096)[:4096]
    for at in range(64):
        put(f"small/{at}", part)
    put("large", part * 64)
    many = seconds(lambda: [get(f"small/{at}") for at in range(64)], 3)
    one = seconds(lambda: get("large"), 9)
    ex.report("many", many, unit="s", label="fetch 64 objects of 4 KiB")
    ex.report("one", one, unit="s", label="fetch one of 256 KiB")
    ex.report("many-over-one", many / one, unit="×", label="64 objects over one")

    # %% [markdown]
    # Promises: parts, versions, conditions.

    # %%
    begun = store.create_multipart_upload(Bucket="data", Key="parts")["UploadId"]
    pieces = [content(6 * MB), content(1000)[:1000]]
    sent = [
        store.upload_part(Bucket="data", Key="parts", UploadId=begun, PartNumber=number, Body=piece)["ETag"]
        for number, piece in enumerate(pieces, 1)
    ]
    listed = {"Parts": [{"ETag": tag, "PartNumber": number} for number, tag in enumerate(sent, 1)]}
    store.complete_multipart_upload(Bucket="data", Key="parts", UploadId=begun, MultipartUpload=listed)
    store.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    versions = [put("checkpoint", str(step).encode())["VersionId"] for step in range(3)]
    kept = [get("checkpoint", VersionId=version) for version in versions]
    try:
        put("checkpoint", b"late", IfNoneMatch="*")
        refused = ""
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    whole = get("parts") == b"".join(pieces)
    if not whole or kept != [b"0", b"1", b"2"] or refused != "PreconditionFailed" or get("checkpoint") != b"2":
        raise ValueError(f"parts whole: {whole}, versions {kept}, a second write: {refused or 'went through'}")
    ex.report("versions", len(kept), unit="versions", better="higher", label="versions of one name that can be read")
    ex.show(f"a write on the condition that the name is free: {refused}")
finally:
    emulator.terminate()
    emulator.wait()
