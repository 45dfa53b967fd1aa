# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "transformers>=4.50", "peft>=0.14", "tokenizers>=0.20", "safetensors>=0.4"]
# [tool.stackdoc]
# layer = "alignment"
# title = "PEFT: adapters by rank, what they hold and what a step takes"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""Low-rank adapters by PEFT on a small decoder, against tuning all of it: weights trained, bytes kept, seconds a step.

An adapter of rank r beside a matrix of a × b numbers has r (a + b). Adam keeps two numbers for each weight that is
trained. The file that is saved holds the adapters alone. All three are known before; the library's own count must
be the formula's. What doesn't fall with the rank is the time of a step: the frozen weights are still passed
through, forwards and backwards.

`merged` adapters are added into the weights and cost nothing more; the result must stay the same. Unmerged ones add
two small products to each matrix, which shows most for one token.

Caveats. One thread, a decoder of a million weights, so Python for every module weighs more than in a large model.
The learning rate of adapters is larger, as usual; losses after a few dozen steps say that both learn, not which is
better.
"""

# %%
import copy
import os
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
import letters
import torch
from peft import LoraConfig, get_peft_model

from stackdoc import close, example

ex = example()
torch.manual_seed(0)
WIDTH, LAYERS, INNER, TOKENS, BATCH, STEPS = 160, 4, 432, 64, 8, 24
TARGETS = {"q_proj": WIDTH, "v_proj": WIDTH, "up_proj": INNER, "down_proj": INNER}  # with their other side
base = letters.model(WIDTH, LAYERS, INNER)
base.config.use_cache = False
text = torch.tensor(list(b"the stack has layers; each layer hides the one below it. " * 60))


def batch() -> torch.Tensor:
    starts = torch.randint(0, len(text) - TOKENS, (BATCH,))
    return torch.stack([text[start : start + TOKENS] for start in starts])


def trained(model: torch.nn.Module, rate: float) -> tuple[int, int, float, float]:
    """Weights trained, bytes of the optimiser, seconds of a step, the last loss."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, rate, fused=True)
    taken, losses = [], []
    for _ in range(STEPS):
        ids = batch()
        began = time.perf_counter()
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        taken.append(time.perf_counter() - began)
        losses.append(float(loss.detach()))
    state = [value for of in optimizer.state.values() for value in of.values() if torch.is_tensor(value)]
    if not losses[-1] < losses[0]:
        raise ValueError(f"the loss did not fall: {losses[0]:.2f} to {losses[-1]:.2f}")
    return sum(map(torch.numel, weights)), sum(one.nbytes for one in state), median(taken[4:]), losses[-1]


def report(weights: int, bytes_: int, seconds: float, loss: float, way: str) -> None:
    ex.report("trained", weights, unit="weights", way=way)
    ex.report("optimizer-bytes", bytes_, unit="B", way=way)
    ex.report("step", seconds, unit="s", way=way)
    ex.report("loss", loss, way=way)


# %%
whole = trained(copy.deepcopy(base), 3e-3)
report(*whole, way="all weights")
for rank in ex.sweep("rank", [2, 8, 32], quick=[2, 8]):
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=list(TARGETS), task_type="CAUSAL_LM")
    model = get_peft_model(copy.deepcopy(base), settings)
    found = trained(model, 1e-2)
    formula = LAYERS * sum(rank * (WIDTH + other) for other in TARGETS.values())
    if found[0] != formula:
        raise ValueError(f"rank {rank}: {found[0]} weights are trained, and the formula has {formula}")
    report(*found, way=f"rank {rank}")
    ex.report("share", found[0] / whole[0], unit="%", label="of the weights trained", rank=rank)
    ex.report("step-over-full", found[2] / whole[2], unit="×", rank=rank)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        ex.report("file-bytes", (Path(folder) / "adapter_model.safetensors").stat().st_size, unit="B", rank=rank)

# %% [markdown]
# One token through the adapters, and through the weights that they were added into.

# %%
one = batch()[:1, :1]
with torch.inference_mode():
    model.eval()
    expected = model(input_ids=one).logits.clone()
    plain = ex.measure("forward", lambda: model(input_ids=one).logits, label="adapters beside", adapters="beside")
    merged = model.merge_and_unload()
    joined = ex.measure(
        "forward",
        lambda: merged(input_ids=one).logits,
        label="adapters merged",
        adapters="merged",
        check=lambda out: close(out, expected, rtol=1e-4, against="adapters beside"),
    )
    ex.ratio("price", slow=plain, fast=joined, label="beside over merged")
