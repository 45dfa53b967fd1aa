# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "model"
# title = "What a training step holds in memory"
# devices = ["cpu", "cuda"]
# claims = ["training-outgrows-the-weights"]
# budget_seconds = 60
# ///
"""Bytes of weights, gradients, optimiser state and activations, counted on a small transformer in training.

The first three are a fixed number of bytes a parameter: 16 with Adam, in single precision (4 + 4 + 8) as well as in
mixed precision with single-precision copies (2 + 2 + 12). They are counted on the tensors of the model, its gradients
and its optimiser after a step. Activations are what the forward pass keeps for the backward pass. They are counted
where the framework saves them, each storage once and no weight among them. They grow with the tokens in flight, so
two batches give a line:

    saved = copies of weights + tokens · bytes per token

Its slope is predicted from the architecture, 16 widths of numbers a layer. Its constant should be zero.

Recomputing keeps only the input of each block and runs the forward pass of the block again in the backward pass. It
should take 4/3 of the time, by count of operations.

`peak` asks the system instead of the tensors: the most memory that the process held, above what it held before there
was a model, during a forward pass alone and during a training step with Adam, for a larger model and the same batch.
What fits in the first and not in the second is a model that can be used and not trained.

Caveats. One thread. The network has no embedding and a squared loss, so there are no logits, which in a model with a
large vocabulary are activations too. Attention is fused: no matrix of scores is saved. What the allocator adds, and
what lives only within one operation, is not counted.
"""

# %%
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention
from torch.optim.adamw import adamw

from stackdoc import Work, close, example

ex = example()
LAYERS, WIDTH, HEADS, LENGTH = 4, 128, 4, 64


# %%
class Block(torch.nn.Module):
    """A decoder's block with pre-normalisation."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.qkv = torch.nn.Linear(width, 3 * width, bias=False)
        self.out = torch.nn.Linear(width, width, bias=False)
        self.up = torch.nn.Linear(width, 4 * width, bias=False)
        self.down = torch.nn.Linear(4 * width, width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        parts = self.qkv(layer_norm(x, x.shape[-1:])).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.down(gelu(self.up(layer_norm(x, x.shape[-1:]))))


class Recomputed(torch.autograd.Function):
    """A block that keeps its input, and runs once more when its gradient is asked for."""

    @staticmethod
    def forward(context, block: Block, x: torch.Tensor) -> torch.Tensor:
        context.block = block
        context.save_for_backward(x)
        with torch.no_grad():
            return block(x)

    @staticmethod
    def backward(context, slope: torch.Tensor) -> tuple[None, torch.Tensor]:
        x = context.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            out = context.block(x)
        torch.autograd.backward(out, slope)
        return None, x.grad


blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS)).to(ex.device)
weights = list(blocks.parameters())
parameters = sum(weight.numel() for weight in weights)


def loss_of(x: torch.Tensor, recompute: bool = False) -> torch.Tensor:
    for block in blocks:
        x = Recomputed.apply(block, x) if recompute else block(x)
    return x.float().square().mean()


def step(x: torch.Tensor, recompute: bool = False) -> torch.Tensor:
    blocks.zero_grad(set_to_none=True)
    loss = loss_of(x, recompute)
    loss.backward()
    return loss.detach()


def inputs(batch: int) -> torch.Tensor:
    """What an embedding would give: it asks for a gradient too."""
    return torch.randn(batch, LENGTH, WIDTH, device=ex.device, requires_grad=True)


# %% [markdown]
# The state: what there is once a step of Adam was taken.

# %%
step(inputs(1))
gradients = [weight.grad for weight in weights]
means, squares = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
steps = [torch.zeros((), device=ex.device) for _ in weights]
with torch.no_grad():
    rates = {"lr": 1e-4, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}
    adamw(weights, gradients, means, squares, [], steps, fused=True, amsgrad=False, maximize=False, **rates)
state = 0.0
for part, tensors in {"weights": weights, "gradients": gradients, "optimizer": means + squares}.items():
    per_parameter = sum(tensor.nbytes for tensor in tensors) / parameters
    state += per_parameter
    ex.report("state", per_parameter, unit="B/parameter", better="lower", label=f"state: {part}", part=part)
ex.report("state-in-all", state, unit="B/parameter", better="lower", label="weights, gradients and optimiser state")

# %% [markdown]
# The activations: every storage that the forward pass saves, once, without the weights themselves.


# %%
def saved_bytes(batch: int, mixed: bool = False, recompute: bool = False) -> int:
    own = {weight.untyped_storage().data_ptr() for weight in weights}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage
        return tensor

    x = inputs(batch)
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast(ex.device, torch.bfloat16, enabled=mixed),
    ):
        loss = loss_of(x, recompute)
    del loss
    return sum(storage.nbytes() for storage in seen.values())


KINDS = {"single": {}, "mixed": {"mixed": True}, "recomputed": {"recompute": True}}
for kind, options in KINDS.items():
    one, two = saved_bytes(1, **options), saved_bytes(2, **options)
    slope, constant = (two - one) / LENGTH, 2 * one - two
    ex.report("activations", slope, unit="B", label=f"activations a token: {kind}", kind=kind)
    ex.report("copies", constant / parameters, unit="B/parameter", label=f"copies of weights: {kind}", kind=kind)
    ex.report("even", state * parameters / slope, unit="tokens", label=f"tokens that outweigh: {kind}", kind=kind)
ex.report("activations-predicted", 4 * 16 * WIDTH * LAYERS, unit="B", label="activations a token, 16 widths a layer")

# %% [markdown]
# Recomputing gives back the memory for the time of a forward pass. Both ways must give the same gradient.


# %%
def seconds_of(call: Callable[[], object], calls: int = 15) -> float:
    """The median of some calls."""
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        if ex.device == "cuda":
            torch.cuda.synchronize()
        samples.append(time.perf_counter() - started)
    return median(samples)


for batch in ex.sweep("batch", [1, 2, 4], quick=[1]):
    x = inputs(batch)
    step(x)
    gradient = blocks[0].qkv.weight.grad.clone()
    forward = 2 * parameters * batch * LENGTH

    def check(_: torch.Tensor, gradient: torch.Tensor = gradient) -> object:
        return close(blocks[0].qkv.weight.grad, gradient, rtol=1e-4)

    timed = {}
    for name, passes, recompute in (("kept", 3, False), ("recomputed", 4, True)):
        if recompute:  # once more forward, with what the backward pass will need
            seconds = timed["kept"].seconds + seconds_of(lambda x=x: loss_of(x))
            ex.predict(name, batch=batch, seconds=seconds, formula="activations kept, + a forward pass timed alone")
        timed[name] = ex.measure(
            name,
            lambda x=x, recompute=recompute: step(x, recompute),
            batch=batch,
            work=Work(flop=passes * forward),
            dtype="float32",
            label=f"activations {name}",
            check=check,
        )
    ex.ratio("price", slow=timed["recomputed"], fast=timed["kept"], label="recomputed over kept", batch=batch)

# %% [markdown]
# The peak of the whole process: a forward pass, and a training step with its first step of Adam, of one model.

# %%
LARGE_LAYERS, LARGE_WIDTH = 6, 384
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def reset_peak() -> int:
    """Bytes held now, after the system was told to forget the peak so far."""
    if ex.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    CLEAR.write_text("5", encoding="ascii")
    return resident("VmRSS")


def peak() -> int:
    return torch.cuda.max_memory_allocated() if ex.device == "cuda" else resident("VmHWM")


def resident(line: str) -> int:
    return 1024 * int(STATUS.read_text(encoding="ascii").split(f"{line}:")[1].split()[0])


def large_step(large: torch.nn.ModuleList, x: torch.Tensor) -> None:
    """Forward, backward, and an update whose moments are made for it."""
    out = x
    for block in large:
        out = block(out)
    out.square().mean().backward()
    of = list(large.parameters())
    first, second = ([torch.zeros_like(weight) for weight in of] for _ in range(2))
    with torch.no_grad():
        counters = [torch.zeros((), device=ex.device) for _ in of]
        slopes = [weight.grad for weight in of]
        adamw(of, slopes, first, second, [], counters, fused=True, amsgrad=False, maximize=False, **rates)
    large.zero_grad(set_to_none=True)


if ex.device == "cuda" or (STATUS.exists() and CLEAR.exists()):
    before = reset_peak()
    large = torch.nn.ModuleList(Block(LARGE_WIDTH) for _ in range(LARGE_LAYERS)).to(ex.device)
    large_bytes = sum(weight.nbytes for weight in large.parameters())
    ex.report("weights-of-large", large_bytes, unit="B", label="weights of the larger model")
    for batch in ex.sweep("batch_of_large", [1, 8]):
        x = torch.randn(batch, LENGTH, LARGE_WIDTH, device=ex.device)
        reset_peak()
        with torch.inference_mode():
            out = x
            for block in large:
                out = block(out)
        used = peak() - before
        reset_peak()
        large_step(large, x.requires_grad_())
        trained = peak() - before
        ex.report("peak", used, unit="B", better="lower", label="forward pass alone", batch=batch, of="use")
        ex.report("peak", trained, unit="B", better="lower", label="training step", batch=batch, of="training")
        if used > 0:  # an allocator that counts nothing has no peak
            ex.report("outgrows", trained / used, unit="×", better="lower", label="training over use", batch=batch)
