# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "azure-storage-blob>=12.20"]
# [tool.stackdoc]
# layer = "platform"
# title = "Two writers, one blob: conditions and leases (Azure Blob Storage, by an emulator)"
# devices = ["cpu"]
# environment = "cloud"
# needs = ["azurite-blob"]
# budget_seconds = 120
# ///
"""How two programs write the same checkpoint without losing a write, on an emulator of Azure Blob Storage.

The server is Azurite, Microsoft's emulator, on this machine; the client is Microsoft's own. Two workers add one to a
number in a blob, many times, in turns that overlap: both read, then both write. Written without a condition, the
second of two writes wins, and of 2 n additions n are left. With the condition that the blob still has the tag that
was read, the second write is refused; its worker reads again, and no addition is lost. The price is the repeated
requests:

    requests without a condition = 4 n          with one = 4 n + 2 · writes refused

A lease shuts others out altogether while it lasts. Then a few sizes: each request has a fixed price, and each byte
another.

Caveats. **These are not figures of the service.** It answers over a network and keeps copies before it says that a
write is done; the emulator keeps a file. Its rules are the interface's rules, as far as Azurite implements them. The
turns are forced to overlap, which is the worst case. Times are plain medians.
"""

# %%
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ServiceRequestError
from azure.storage.blob import BlobServiceClient

from stackdoc import example

ex = example()
KB, MB = 1000, 1_000_000
ACCOUNT = "devstoreaccount1"  # name and key are Azurite's own, published for this use
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


# %% [markdown]
# The emulator, until it answers.


# %%
def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


port = free_port()
place = Path(tempfile.mkdtemp(dir=Path.cwd()))
program = shutil.which("azurite-blob") or "azurite-blob"
options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(place)]
emulator = subprocess.Popen(
    [program, *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
service = BlobServiceClient(
    f"http://127.0.0.1:{port}/{ACCOUNT}", credential={"account_name": ACCOUNT, "account_key": KEY}, retry_total=0
)


def container() -> Any:
    while True:
        try:
            return service.create_container("data")
        except ServiceRequestError:
            if emulator.poll() is not None:
                raise
            time.sleep(0.05)


def seconds(call: Callable[[], Any], count: int) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call()
        taken.append(perf_counter() - began)
    return median(taken)


# %% [markdown]
# Two workers that overlap: what is left of their additions, and how many requests they made.


# %%
def additions(each: int, conditional: bool) -> tuple[int, int, int]:
    """What the blob holds in the end, requests made, writes refused."""
    blob = service.get_blob_client("data", f"counter-{conditional}")
    blob.upload_blob(b"0", overwrite=True)
    requests = refused = 0
    for _ in range(each):
        seen = []
        for _worker in range(2):
            got = blob.download_blob()
            seen.append((int(got.readall()), got.properties.etag))
            requests += 1
        for number, tag in seen:
            while True:
                requests += 1
                rule = {"etag": tag, "match_condition": MatchConditions.IfNotModified} if conditional else {}
                try:
                    blob.upload_blob(str(number + 1).encode(), overwrite=True, **rule)
                    break
                except ResourceModifiedError:
                    refused += 1
                    got = blob.download_blob()
                    number, tag = int(got.readall()), got.properties.etag  # the newer one
                    requests += 1
    return int(blob.download_blob().readall()), requests, refused


try:
    began = perf_counter()
    container()
    ex.report("start", perf_counter() - began, unit="s", label="from the first try until the emulator answers")
    each = 10
    for conditional in (False, True):
        left, requests, refused = additions(each, conditional)
        expected = 2 * each if conditional else each
        if left != expected or requests != 4 * each + 2 * refused:
            raise ValueError(f"{left} of {2 * each} additions are left after {requests} requests, {refused} refused")
        label = "with a condition" if conditional else "without a condition"
        ex.report(
            "left",
            left / (2 * each),
            unit="%",
            better="higher",
            label=f"additions left, {label}",
            conditional=conditional,
        )
        ex.report("requests", requests, unit="requests", label=f"requests, {label}", conditional=conditional)

    # %% [markdown]
    # A lease shuts others out.

    # %%
    blob = service.get_blob_client("data", "counter-True")
    lease = blob.acquire_lease(lease_duration=15)
    try:
        blob.upload_blob(b"other", overwrite=True)
        said = ""
    except HttpResponseError as error:
        said = str(getattr(error.error_code, "value", error.error_code))
    blob.upload_blob(b"mine", overwrite=True, lease=lease)
    lease.release()
    if "LeaseIdMissing" not in said or blob.download_blob().readall() != b"mine":
        raise ValueError(f"a write beside a lease: {said or 'went through'}")
    ex.show(f"a write beside a lease: {said}")

    # %% [markdown]
    # Sizes.

    # %%
    for size in ex.sweep("bytes", [KB, 100 * KB, MB, 4 * MB], quick=[KB, MB, 4 * MB]):
        body = bytes(range(256)) * (size // 256 + 1)
        blob = service.get_blob_client("data", f"blob-{size}")
        up = seconds(lambda blob=blob, body=body: blob.upload_blob(body, overwrite=True), 5)
        down = seconds(lambda blob=blob: blob.download_blob().readall(), 5)
        if blob.download_blob().readall() != body:
            raise ValueError(f"{size} bytes came back as others")
        ex.report("up", up, unit="s", label="write one blob", bytes=size)
        ex.report("down", down, unit="s", label="read one blob", bytes=size)
finally:
    emulator.terminate()
    emulator.wait()
