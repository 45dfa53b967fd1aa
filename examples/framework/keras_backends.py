# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "keras>=3", "jax", "tensorflow-cpu", "torch>=2.5", "numpy"]
# [tool.stackdoc]
# layer = "framework"
# title = "Keras: one model on three frameworks"
# environment = "frameworks"
# budget_seconds = 120
# launches = 6
# ///
"""One model in Keras, trained on JAX, on PyTorch and on TensorFlow, from the same weights on the same batches.

A back end is chosen when Keras is imported, for the whole process, so each has a process of its own. The weights are
drawn once with NumPy and set, the batches come in a fixed order, and the optimiser has no state. So the predictions
must agree with a computation by hand, and the losses of the three runs with one another. `disagreement` is how far they
are apart; a seed alone does not do that, since each framework draws other numbers from it.

What differs is the price: `start` is the import, `first-step` the first step with whatever the back end compiles for
it, and `step` a step afterwards. By default Keras compiles with JAX and TensorFlow, and with PyTorch it does not. So
with PyTorch the first step is cheap and every later one is not, and the number of steps after which compiling has
paid follows from the two: `break-even`. Imports are not in it.

Caveats. One thread. A small model, so that a step is dispatch more than arithmetic, which is where back ends differ.
A step is a call of `train_on_batch`; a loop of one's own, or `fit` with several steps in one call, costs less.
"""

# %%
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from stackdoc import example

BACKENDS = ("jax", "torch", "tensorflow")
BATCH, IN, HIDDEN, OUT, STEPS, RATE = 64, 32, 64, 2, 60, 0.1


def drawn() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Samples, labels, and the weights to start from."""
    generator = np.random.default_rng(1)
    x = generator.standard_normal((STEPS, BATCH, IN)).astype(np.float32)
    labels = (x[:, :, :4].sum(axis=2) > 0).astype(np.int32)
    shapes = ((IN, HIDDEN), (HIDDEN,), (HIDDEN, OUT), (OUT,))
    return x, labels, [(0.2 * generator.standard_normal(shape)).astype(np.float32) for shape in shapes]


# %% [markdown]
# **A child**: the model on one back end. It prints what it took and what came out.


# %%
def train() -> dict[str, object]:
    began = time.perf_counter()
    import keras

    start = time.perf_counter() - began
    limit_threads(keras.backend.backend())
    x, labels, weights = drawn()
    model = keras.Sequential([keras.layers.Dense(HIDDEN, "relu"), keras.layers.Dense(OUT)])
    model.build((None, IN))
    model.set_weights(weights)
    predicted = np.asarray(model.predict_on_batch(x[0])).tolist()
    model.compile(keras.optimizers.SGD(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses, taken = [], []
    for samples, wanted in zip(x, labels, strict=True):
        began = time.perf_counter()
        losses.append(float(model.train_on_batch(samples, wanted)))
        taken.append(time.perf_counter() - began)
    after = sorted(taken[10:])
    last = float(-log_shares(np.asarray(model.predict_on_batch(x[0])), labels[0]).mean())
    return {
        "start": start,
        "first-step": taken[0],
        "step": after[len(after) // 2],
        "predicted": predicted,
        "losses": losses[:1],
        "last": last,
    }


def limit_threads(backend: str) -> None:
    if backend == "torch":
        import torch

        torch.set_num_threads(1)
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)


def log_shares(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The logarithm of what softmax gives each label."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted[np.arange(len(labels)), labels] - np.log(np.exp(shifted).sum(axis=1))


if sys.argv[1:] == ["child"]:
    print(json.dumps(train()))
    sys.exit()

# %% [markdown]
# **By hand**: the same training with NumPy in double precision.


# %%
def by_hand() -> tuple[np.ndarray, float, float]:
    """The first predictions, the first loss, and the loss of the first batch after training."""
    x, labels, weights = drawn()
    first, first_bias, second, second_bias = (weight.astype(np.float64) for weight in weights)

    def scores(samples: np.ndarray) -> np.ndarray:
        return np.maximum(samples @ first + first_bias, 0) @ second + second_bias

    predicted = scores(x[0])
    began = float(-log_shares(predicted, labels[0]).mean())
    for samples, wanted in zip(x.astype(np.float64), labels, strict=True):
        hidden = np.maximum(samples @ first + first_bias, 0)
        out = hidden @ second + second_bias
        shares = np.exp(out - out.max(axis=1, keepdims=True))
        error = (shares / shares.sum(axis=1, keepdims=True) - np.eye(OUT)[wanted]) / BATCH
        back = (error @ second.T) * (hidden > 0)
        second -= RATE * hidden.T @ error
        second_bias -= RATE * error.sum(axis=0)
        first -= RATE * samples.T @ back
        first_bias -= RATE * back.sum(axis=0)
    return predicted, began, float(-log_shares(scores(x[0]), labels[0]).mean())


ex = example()
predicted, first_loss, last_loss = by_hand()
seen = {}
for backend in ex.sweep("backend", list(BACKENDS)):
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NPROC": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    }
    command = [sys.executable, str(Path(__file__)), "child"]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seen[backend] = json.loads(done.stdout.splitlines()[-1])
    apart = float(np.abs(np.asarray(seen[backend]["predicted"]) - predicted).max() / np.abs(predicted).max())
    trained = abs(seen[backend]["last"] - last_loss) / last_loss
    if apart > 1e-5 or abs(seen[backend]["losses"][0] - first_loss) > 1e-5 * first_loss or trained > 1e-3:
        raise ArithmeticError(f"{backend}: predictions {apart:.1e}, the loss after training {trained:.1e} from by hand")
    ex.report("disagreement", trained, label=f"loss after training, {backend} against by hand", backend=backend)
    for name in ("start", "first-step", "step"):
        ex.report(name, seen[backend][name], unit="s", label=f"{name}, {backend}", backend=backend)

# %% [markdown]
# **When compiling has paid**: the first step that is dearer, over what each later step saves. Nothing is said of a back
# end that saves nothing.

# %%
for backend in ("jax", "tensorflow"):
    dearer = seen[backend]["first-step"] - seen["torch"]["first-step"]
    saved = seen["torch"]["step"] - seen[backend]["step"]
    if saved > 0:
        steps = max(dearer, 0.0) / saved
        ex.report("break-even", steps, unit="steps", label=f"{backend} against torch", backend=backend)
