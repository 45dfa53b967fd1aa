# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.6", "safetensors>=0.4"]
# [tool.stackdoc]
# layer = "security"
# title = "What a model file can do when it is loaded"
# devices = ["cpu"]
# budget_seconds = 30
# ///
"""Loads a file of weights that carries a call, in four ways, and finds out which of them make the call.

The file is a checkpoint as `torch.save` writes it, with one more entry: an object whose restoring creates an empty
directory. That is harmless here, and any other call could stand in its place. Then one bit of a weight is flipped in a
good file, and each loader is asked whether it notices. Last, the digest that would notice is timed: SHA-256, its kin,
and a checksum against accidents, beside loading itself.

Which digest is fast is a question of the processor. SHA-512 works on words of 64 bits and does fewer rounds a byte, so
in plain code it is the faster of the two. Where the processor has instructions for SHA-256 it is the other way round:
the ratio tells which code ran.

The digest goes through its data block by block, so its time should grow with the bytes. A sixteenth of the file is
digested first, and from it the whole is predicted:

    seconds = bytes / rate of a sixteenth of them

Caveats. One thread, data in memory. What a loader refuses is a property of its version: there were releases of torch
whose `weights_only` could be deceived. This file is not an attack on any of them.
"""

# %%
import hashlib
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from stackdoc import Work, example

ex = example()
torch.manual_seed(5)
MARKER = Path("a-call-was-made")
weights = {f"layer.{number}.weight": torch.randn(1 << 14) for number in range(16)}


class Call:
    """Restoring one makes a call. This one creates a directory; `os.system` would be as easy."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (str(MARKER),)


# %% [markdown]
# The same file to four loaders. A file that safetensors wrote can't hold the object at all.

# %%
torch.save(weights | {"note": Call()}, "model.pt")
torch.save(weights, "good.pt")
save_file(weights, "good.safetensors")
REFUSALS = (pickle.UnpicklingError, SafetensorError, ValueError)
LOADERS: dict[str, tuple[str, Callable[[str], dict[str, torch.Tensor]]]] = {
    "trusting": ("torch.load, weights_only off", lambda path: torch.load(path, weights_only=False)),
    "weights-only": ("torch.load, weights_only on", lambda path: torch.load(path, weights_only=True)),
    "mapped": ("torch.load, mapped, weights_only on", lambda path: torch.load(path, weights_only=True, mmap=True)),
    "safetensors": ("safetensors", load_file),
}


def load(way: str, path: str) -> dict[str, torch.Tensor] | None:
    """What the loader made of the file; None where it refused."""
    try:
        return LOADERS[way][1](path)
    except REFUSALS:
        return None


for way in ex.sweep("way", [*LOADERS]):
    loaded = load(way, "model.pt")
    made = MARKER.is_dir()
    if made:
        MARKER.rmdir()
    intact = loaded is not None and all(torch.equal(loaded[name], weights[name]) for name in weights)
    label = LOADERS[way][0]
    ex.report("call-made", float(made), better="lower", label=f"call made: {label}", way=way)
    ex.report("weights-intact", float(intact), better="higher", label=f"weights intact: {label}", way=way)

# %% [markdown]
# One bit of one weight, flipped in the middle of a good file.


# %%
def flip(path: str, copy: str) -> None:
    content = bytearray(Path(path).read_bytes())
    content[len(content) // 2] ^= 0b0100_0000
    Path(copy).write_bytes(content)


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


flip("good.pt", "flipped.pt")
flip("good.safetensors", "flipped.safetensors")
for way in ex.sweep("way", ["weights-only", "mapped", "safetensors"]):
    ending = "safetensors" if way == "safetensors" else "pt"
    loaded = load(way, f"flipped.{ending}")
    if loaded is not None and all(torch.equal(loaded[name], weights[name]) for name in weights):
        raise ValueError("the flipped bit is in no weight")
    label = f"flip noticed: {LOADERS[way][0]}"
    ex.report("flip-noticed", float(loaded is None), better="higher", label=label, way=way)
noticed = digest("good.pt") != digest("flipped.pt")
ex.report("flip-noticed", float(noticed), better="higher", label="flip noticed: SHA-256 of the file", way="digest")

# %% [markdown]
# The price of noticing.

# %%
content = Path("good.safetensors").read_bytes()
part = content[: len(content) // 16]
DIGESTS: dict[str, tuple[str, Callable[[bytes], object], object]] = {
    name: (label, lambda data, name=name: hashlib.new(name, data).digest(), hashlib.new(name, content).digest())
    for name, label in {"sha256": "SHA-256", "sha512": "SHA-512", "blake2b": "BLAKE2b"}.items()
}
DIGESTS["crc32"] = ("CRC-32, no defence", zlib.crc32, zlib.crc32(content))
timed = {}
for name in ex.sweep("digest", [*DIGESTS]):
    label, call, expected = DIGESTS[name]
    piece = ex.measure(
        "piece",
        lambda call=call: call(part),
        work=Work(bytes=len(part)),
        label=f"{label}, a sixteenth",
        digest=name,
    )
    seconds = piece.seconds * len(content) / len(part)
    ex.predict("digest", seconds=seconds, formula="bytes / rate of a sixteenth", digest=name)
    timed[name] = ex.measure(
        "digest",
        lambda call=call: call(content),
        work=Work(bytes=len(content)),
        label=label,
        check=lambda out, expected=expected: out == expected,
        digest=name,
    )
use = ex.measure(
    "load",
    lambda: sum(float(tensor.sum()) for tensor in load_file("good.safetensors").values()),
    work=Work(bytes=len(content)),
    label="load by safetensors and read all once",
)
ex.ratio("digest-over-load", slow=timed["sha256"], fast=use, label="SHA-256 over loading and reading")
ex.ratio("instructions", slow=timed["sha512"], fast=timed["sha256"], label="SHA-512 over SHA-256")
cpuinfo = Path("/proc/cpuinfo")
flags = set(cpuinfo.read_text(encoding="utf-8").split()) if cpuinfo.is_file() else set()
ex.report("has-instructions", float(bool(flags & {"sha_ni", "sha2"})), label="instructions for SHA-256 listed")
ex.report("verify-140-gb", 140e9 * timed["sha256"].seconds / len(content), unit="s", label="SHA-256 of 140 GB")
