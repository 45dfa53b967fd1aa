# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy>=1.26", "scipy>=1.13"]
# [tool.stackdoc]
# layer = "model"
# title = "More tokens, lower loss: language models of bytes on real text"
# devices = ["cpu", "cuda"]
# claims = ["examples-let-models-generalise"]
# profiles = ["full"]
# budget_seconds = 240
# launches = 6
# shared_scratch = true
# ///
"""Held-out loss of small language models by their size and by the text that they were trained on.

The text is real: what scipy says of its own functions, in the package that is installed anyway. A tenth of its files is
held out, whole. A transformer reads 64 bytes and predicts the next one at every place. Every model sees each of its
bytes once. Three sizes times six amounts of text give eighteen losses, to which the published form of a law is fitted:

    loss = E + A / parameters^α + B / bytes^β

Each launch trains all of them from another seed, with other text from the same files. So the interval of every loss,
and of every number of the fit, says how far another run may lie from this one.

Does a model predict what it has never seen? `unseen` is the loss at those places of the held-out text whose last eight
bytes occur nowhere in what the model was trained on. A table of what followed a context knows nothing there but
how frequent each byte is. `understood` is the share of that loss which the model removes.

Caveats. One thread, thousands of times less text and smaller models than in any use: the exponents belong to these
sizes, and say nothing of others. The learning rate falls with the width, by a rule of thumb.
Another version of scipy has other texts.
"""

# %%
import ast
import hashlib
import math
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import least_squares
from torch.nn.functional import cross_entropy, gelu, layer_norm, linear, scaled_dot_product_attention
from torch.optim.adamw import adamw

from stackdoc import example

ex = example()
CONTEXT, LAYERS, HEADS, SYMBOLS = 64, 2, 3, 256
STEPS, LARGEST_BATCH, RATE = 128, 512, {24: 1e-2, 48: 7e-3, 96: 5e-3}
HELD_OUT_WINDOWS, REMEMBERED = 256, 8
COUNTED = [3_200, 8_000, 20_000, 50_000, 125_000, 312_500]
seed = int.from_bytes(os.urandom(4))  # another one in each launch: what is published is the interval over them
generator = torch.Generator().manual_seed(seed)


# %% [markdown]
# The text: every docstring of scipy, by file. The first launch keeps it for the others.


# %%
def docstrings(path: Path) -> str:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return "\n\n".join(text for node in nodes if isinstance(node, kinds) and (text := ast.get_docstring(node)))


def texts() -> tuple[list[bytes], list[bytes]]:
    """Of the files to learn from, and of those held out, which the hash of a file's name chooses."""
    kept = Path(tempfile.gettempdir()) / "scipy-docstrings.pt"
    if not kept.exists():
        root = Path(str(find_spec("scipy").origin)).parent
        learnt, held_out = [], []
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if "tests" not in path.parts and (text := docstrings(path).encode()):
                (held_out if hashlib.sha256(name.encode()).digest()[0] < 26 else learnt).append(text)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            torch.save((learnt, held_out), file)
        Path(file.name).replace(kept)
    return torch.load(kept, weights_only=True)


def joined(parts: list[bytes]) -> torch.Tensor:
    return torch.frombuffer(bytearray(b"\n\n\n".join(parts)), dtype=torch.uint8).long()


learnt, held_out = texts()
shuffled = [learnt[number] for number in torch.randperm(len(learnt), generator=generator)]
text, test_text = joined(shuffled), joined(held_out)
starts = torch.randint(len(test_text) - CONTEXT, (HELD_OUT_WINDOWS,), generator=generator)
test = torch.stack([test_text[start : start + CONTEXT + 1] for start in starts])


# %% [markdown]
# The model, and its training: once over so many bytes of the text.


# %%
def weights(width: int) -> dict[str, torch.Tensor]:
    shapes = {"symbols": (SYMBOLS, width), "places": (CONTEXT, width)}
    for layer in range(LAYERS):
        shapes |= {f"qkv{layer}": (3 * width, width), f"out{layer}": (width, width)}
        shapes |= {f"up{layer}": (4 * width, width), f"down{layer}": (width, 4 * width)}
    made = {name: torch.randn(*shape, generator=generator) / shape[-1] ** 0.5 for name, shape in shapes.items()}
    return {name: weight.to(ex.device).requires_grad_() for name, weight in made.items()}


def scores(at: dict[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    width = at["symbols"].shape[1]
    x = at["symbols"][ids] + at["places"]
    for layer in range(LAYERS):
        parts = linear(layer_norm(x, (width,)), at[f"qkv{layer}"]).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + linear(mixed.transpose(1, 2).flatten(2), at[f"out{layer}"])
        x = x + linear(gelu(linear(layer_norm(x, (width,)), at[f"up{layer}"])), at[f"down{layer}"])
    return linear(layer_norm(x, (width,)), at["symbols"])


def trained(width: int, count: int) -> tuple[dict[str, torch.Tensor], int]:
    """Weights after one pass over the first `count` bytes; and their number."""
    at = weights(width)
    of = list(at.values())
    means, squares = ([torch.zeros_like(weight) for weight in of] for _ in range(2))
    counters = [torch.zeros((), device=ex.device) for _ in of]
    windows = text[: count // CONTEXT * CONTEXT].view(-1, CONTEXT)
    windows = windows[torch.randperm(len(windows), generator=generator)].to(ex.device)
    batches = windows.split(min(max(count // STEPS, CONTEXT), LARGEST_BATCH) // CONTEXT)
    for number, batch in enumerate(batches):
        done = number / len(batches)
        rates = {"lr": RATE[width] * min(1.0, 20 * done + 0.05, 1.05 - done), "beta1": 0.9, "beta2": 0.98, "eps": 1e-8}
        loss = cross_entropy(scores(at, batch)[:, :-1].flatten(0, 1), batch[:, 1:].flatten())
        slopes = list(torch.autograd.grad(loss, of, allow_unused=True))
        with torch.no_grad():
            options = {"fused": True, "amsgrad": False, "maximize": False, "weight_decay": 0.01}
            adamw(of, slopes, means, squares, [], counters, **options, **rates)
    return at, sum(weight.numel() for weight in of)


@torch.no_grad()
def losses(at: dict[str, torch.Tensor]) -> torch.Tensor:
    """At every place of the held-out windows, in nats."""
    ids = test.to(ex.device)
    found = cross_entropy(scores(at, ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    return found.view(len(ids), CONTEXT).cpu()


# %% [markdown]
# Eighteen models. The second half of a window counts, where a model has at least half of its context to go by.

# %%
COUNTS = list(ex.sweep("bytes", COUNTED, quick=COUNTED[:-1]))
WIDTHS = list(ex.sweep("width", [24, 48, 96], quick=[24]))
SECOND_HALF = slice(CONTEXT // 2, None)
frequencies = torch.bincount(text, minlength=SYMBOLS).double().add(1)
frequencies /= frequencies.sum()
guessed = -frequencies.log()[test[:, 1:]].float()
ex.report("loss-of-frequencies", float(guessed[:, SECOND_HALF].mean()), unit="nat/B", label="loss of byte frequencies")
measured, found = {}, {}
for width in WIDTHS:
    for count in COUNTS:
        model, parameters = trained(width, count)
        found[width, count] = losses(model)
        measured[parameters, count] = float(found[width, count][:, SECOND_HALF].mean())
        label = f"{parameters / 1000:.0f} thousand parameters"
        ex.report("loss", measured[parameters, count], unit="nat/B", label=label, bytes=count, width=width)
    ex.report("parameters", parameters, unit="parameters", label=f"width {width}", width=width)

# %% [markdown]
# Contexts that were never seen: places whose last eight bytes are nowhere in the text of that model.


# %%
def unseen_places(count: int) -> torch.Tensor:
    """Of the second half of each window, as a mask."""
    known = text[:count].numpy().astype(np.uint8).tobytes()
    seen = {known[at : at + REMEMBERED] for at in range(len(known) - REMEMBERED)}
    rows = [row.numpy().astype(np.uint8).tobytes() for row in test]
    places = range(CONTEXT // 2, CONTEXT)
    return torch.tensor([[row[at + 1 - REMEMBERED : at + 1] not in seen for at in places] for row in rows])


for count in COUNTS:
    unseen = unseen_places(count)
    ex.report("unseen-share", float(unseen.float().mean()), unit="%", label="places with a new context", bytes=count)
    least = float(guessed[:, SECOND_HALF][unseen].mean())
    for width in WIDTHS:
        loss = float(found[width, count][:, SECOND_HALF][unseen].mean())
        share = 1 - loss / least
        ex.report("unseen", loss, unit="nat/B", label="loss in new contexts", bytes=count, width=width)
        label = "share of the loss of frequencies removed, new contexts"
        ex.report("understood", share, unit="%", better="higher", label=label, bytes=count, width=width)

# %% [markdown]
# The fit, as far as there are enough points for it, and the exponent between the two ends of each curve.


# %%
def fitted() -> np.ndarray:
    """E, and the two exponents, by least squares on the logarithms of the eighteen losses."""
    sizes, counts = np.array([*measured], dtype=float).T
    logs = np.log(list(measured.values()))

    def residuals(at: np.ndarray) -> np.ndarray:
        terms = np.exp(at[0]), np.exp(at[1] - at[3] * np.log(sizes)), np.exp(at[2] - at[4] * np.log(counts))
        return np.log(sum(terms)) - logs

    begin, low, high = [-0.5, 3.0, 4.0, 0.4, 0.4], [-4.0, -5, -5, 0.0, 0.0], [1.0, 20, 20, 2.0, 2.0]
    return least_squares(residuals, begin, bounds=(low, high)).x


for width in WIDTHS:
    first, last = (float(found[width, count][:, SECOND_HALF].mean()) for count in (COUNTS[0], COUNTS[-1]))
    slope = math.log(first / last) / math.log(COUNTS[-1] / COUNTS[0])
    ex.report("slope-of-loss", slope, better="higher", label="exponent of the loss itself", width=width)
if len(measured) >= 18:
    floor, _, _, alpha, beta = fitted()
    ex.report("fit-floor", float(np.exp(floor)), unit="nat/B", label="E, fitted")
    ex.report("fit-parameters", alpha, better="higher", label="exponent of parameters, fitted")
    ex.report("fit-bytes", beta, better="higher", label="exponent of bytes, fitted")
    spread = np.log(list(measured.values()))
    ex.report("loss-range", float(np.exp(spread.max() - spread.min())), unit="×", label="highest loss over lowest")
