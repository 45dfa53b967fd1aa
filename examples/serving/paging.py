# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "serving"
# title = "Reserving or paging the key-value cache: a simulation"
# devices = ["cpu"]
# claims = ["paging-raises-throughput"]
# budget_seconds = 30
# ///
"""How much of the cache memory holds tokens, and how many steps a queue of requests takes, by how memory is given out.

`reserved` gives each sequence room for the longest answer when it is admitted. `paged` gives it a block of
16 tokens whenever it needs one; when none is free, the youngest sequence gives its blocks back and waits. A step
makes one token for every admitted sequence, so more admitted sequences mean fewer steps.

This is a simulation: it counts and times nothing, and any machine gives the same numbers. It stands for the part of
the claim that is about memory. Caveats. A step counts the same however many sequences are in it, which is true below
the knee of `serving/batching` and false above it. Work that a returned sequence repeats is not counted. Lengths are
log-normal; real traffic has its own distribution, and all requests are in the queue from the start.
"""

# %%
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random

from stackdoc import example

ex = example()
LONGEST, CAPACITY, BLOCK = 2048, 16 * 2048, 16


@dataclass
class Sequence:
    """`held` tokens are in the cache now; the sequence ends when it holds `final` of them."""

    prompt: int
    final: int
    held: int = 0


def requests(count: int) -> deque[Sequence]:
    random = Random(0)
    queue: deque[Sequence] = deque()
    for _ in range(count):
        prompt = min(LONGEST // 2, ceil(random.lognormvariate(4.5, 0.8)))
        answer = min(LONGEST // 2, ceil(random.lognormvariate(5.0, 0.8)))
        queue.append(Sequence(prompt, prompt + answer))
    return queue


# %% [markdown]
# The tokens for which memory is taken, in either way, by a sequence that holds so many.


# %%
def reserved(held: int) -> int:
    return LONGEST if held else 0


def paged(held: int) -> int:
    return ceil(held / BLOCK) * BLOCK


def serve(queue: deque[Sequence], taken: Callable[[int], int]) -> tuple[int, float, float]:
    """Steps until all are served, the mean number of running sequences, and the mean share of taken memory in use."""
    tokens = sum(sequence.final - sequence.prompt for sequence in queue)
    running: list[Sequence] = []
    steps = sequences = held_tokens = taken_tokens = 0
    while queue or running:
        used = sum(taken(sequence.held) for sequence in running)
        while queue and used + taken(queue[0].prompt + 1) <= CAPACITY:
            sequence = queue.popleft()
            sequence.held = max(sequence.held, sequence.prompt)
            running.append(sequence)
            used += taken(sequence.held)
        while sum(taken(sequence.held + 1) for sequence in running) > CAPACITY:
            queue.appendleft(running.pop())
        for sequence in running:
            sequence.held += 1
        steps += 1
        sequences += len(running)
        held_tokens += sum(sequence.held for sequence in running)
        taken_tokens += sum(taken(sequence.held) for sequence in running)
        running = [sequence for sequence in running if sequence.held < sequence.final]
    if sequences != tokens:
        raise ValueError(f"{sequences} tokens were made and {tokens} asked for")
    return steps, sequences / steps, held_tokens / taken_tokens


# %%
for count in ex.sweep("requests", [300, 3000], quick=[300]):
    steps = {}
    for name, taken in {"reserved": reserved, "paged": paged}.items():
        steps[name], sequences, share = serve(requests(count), taken)
        ex.report("steps", steps[name], unit="steps", better="lower", memory=name, requests=count)
        ex.report("running", sequences, unit="sequences", better="higher", memory=name, requests=count)
        ex.report("memory-in-use", share, unit="%", better="higher", memory=name, requests=count)
    ex.report("fewer-steps", steps["reserved"] / steps["paged"], unit="×", better="higher", requests=count)
