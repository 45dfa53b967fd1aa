# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "transformers>=4.50", "accelerate>=1"]
# [tool.stackdoc]
# layer = "model"
# title = "Accelerate: a model of eight billion weights that takes no memory"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""A large model is built without its weights, measured, and laid out over devices that are too small for it.

On the meta device a tensor has a shape and no storage. So the sizes of Llama 3 8B are known exactly after a moment
on any machine: by the formula, from its printed shape, and by adding up what was built. Both must agree to the last
weight:

    weights = 2 V D + L (D (2 h k + 2 D) + 3 D F + 2 D) + D,  with h key-value heads of k numbers

`placed` is the number of its layers that a GPU of a given size can take, by Accelerate's own plan, with the rest in
host memory.

The second part runs a model whose weights lie on the host and are fetched for each layer as it is called. What that
costs is a copy of all weights for each pass, here on one device, where the copy goes within memory.

Caveats. Weights alone: no activations, no cache, no optimiser state. The offloaded model is small, and its hooks
run in Python; across a real link the copy is far slower.
"""

# %%
import logging
import os
import time
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
import torch
from accelerate import cpu_offload, infer_auto_device_map, init_empty_weights
from accelerate.utils import compute_module_sizes
from transformers import LlamaConfig, LlamaForCausalLM

from stackdoc import close, example

logging.disable(logging.WARNING)
ex = example()
VOCABULARY, WIDTH, LAYERS, INNER, HEADS, KV_HEADS = 128_256, 4_096, 32, 14_336, 32, 8
GIBIBYTE = 1 << 30


def own_bytes() -> int:
    """Memory of this process that no file backs."""
    status = Path("/proc/self/status")
    return 1024 * int(status.read_text(encoding="ascii").split("RssAnon:")[1].split()[0]) if status.exists() else 0


# %%
shape = LlamaConfig(
    vocab_size=VOCABULARY,
    hidden_size=WIDTH,
    intermediate_size=INNER,
    num_hidden_layers=LAYERS,
    num_attention_heads=HEADS,
    num_key_value_heads=KV_HEADS,
    tie_word_embeddings=False,
)
before, began = own_bytes(), time.perf_counter()
with init_empty_weights():
    model = LlamaForCausalLM(shape)
ex.report("build", time.perf_counter() - began, unit="s")
ex.report("taken", own_bytes() - before, unit="B", label="memory that it took")
weights = sum(weight.numel() for weight in model.parameters())
kv_width = KV_HEADS * WIDTH // HEADS
layer = WIDTH * (2 * WIDTH + 2 * kv_width) + 3 * WIDTH * INNER + 2 * WIDTH
formula = 2 * VOCABULARY * WIDTH + LAYERS * layer + WIDTH
if weights != formula:
    raise ValueError(f"{weights} weights were built, and the formula has {formula}")
ex.report("weights", weights, unit="weights")
for dtype in ("float32", "bfloat16", "int8"):
    bytes_ = compute_module_sizes(model, dtype=getattr(torch, dtype))[""]
    ex.report("bytes", bytes_, unit="B", dtype=dtype)

# %% [markdown]
# Which layers a device of a given size would take. A plan names the largest module that lies in one place whole.


# %%
def place_of(name: str, plan: dict[str, int | str]) -> int | str:
    return next(place for part, place in plan.items() if not part or name == part or name.startswith(f"{part}."))


model.tie_weights()
for gibibytes in (8, 12, 24):
    plan = infer_auto_device_map(
        model,
        max_memory={0: gibibytes * GIBIBYTE, "cpu": 64 * GIBIBYTE},
        no_split_module_classes=["LlamaDecoderLayer"],
        dtype=torch.bfloat16,
    )
    on_device = sum(place_of(f"model.layers.{number}", plan) == 0 for number in range(LAYERS))
    ex.report("placed", on_device, unit="layers", better="higher", label=f"of {LAYERS}", gibibytes=gibibytes)

# %% [markdown]
# A small model with its weights elsewhere, fetched when they are needed.

# %%
torch.manual_seed(0)
small = torch.nn.Sequential(*[torch.nn.Linear(1024, 1024) for _ in range(8)]).eval()
x = torch.randn(4, 1024)
with torch.inference_mode():
    expected = small(x)
    bytes_ = sum(weight.nbytes for weight in small.parameters())
    plain = ex.measure("forward", lambda: small(x), label="weights at hand", weights_="at-hand")
    cpu_offload(small, execution_device=torch.device("cpu"), offload_buffers=True)
    fetched = ex.measure(
        "forward",
        lambda: small(x),
        label="weights fetched for each layer",
        weights_="fetched",
        check=lambda out: close(out, expected, rtol=1e-5, against="weights at hand"),
    )
    ex.ratio("price", slow=fetched, fast=plain, label="fetched over at hand")
    ex.report("small-bytes", bytes_, unit="B")
