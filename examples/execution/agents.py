# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "execution"
# title = "What a loop costs: tokens and risk by the number of steps"
# devices = ["cpu"]
# claims = ["execution-loops-to-the-goal"]
# budget_seconds = 30
# ///
"""Tokens that a model reads while an agent works, and how often the agent arrives.

Each step sends the whole history: the instructions and tools, then for each step before it an action and what came
back. Without reuse the model reads all of it again, so the sum grows with the square of the steps. A server that
keeps the keys and values of a prefix reads only what is new, but for a block of 16 tokens that is not full:

    tokens read = steps · instructions + steps (steps − 1) / 2 · tokens of a step      without reuse
    tokens read ≈ instructions + (steps − 1) · tokens of a result                      with reuse

If each step succeeds with the same probability, whatever went before, and nobody notices a failure, all of them
succeed with its power: probability ^ steps. If every second failure is noticed and the step repeated once, fewer
fail; that is simulated.

This is a simulation: it counts and times nothing, and any machine gives the same numbers. Caveats. The lengths are
made up: 2 000 tokens of instructions and tools, steps of 800. That a step succeeds whatever the steps before did is
the assumption to doubt first: an agent can recover, and it can build on its own error.
"""

# %%
from random import Random

from stackdoc import example

ex = example()
INSTRUCTIONS, ACTION, RESULT, BLOCK, TASKS = 2000, 100, 700, 16, 4000


# %%
def tokens_read(steps: int, reuse: bool) -> int:
    """Tokens that the model reads over all calls of one task."""
    random = Random(0)
    history, kept, read = INSTRUCTIONS, 0, 0
    for _ in range(steps):
        read += history - kept
        if reuse:
            kept = (history + ACTION) // BLOCK * BLOCK
        history += ACTION + random.randint(RESULT // 2, RESULT + RESULT // 2)
    return read


def formula(steps: int) -> float:
    return steps * INSTRUCTIONS + steps * (steps - 1) / 2 * (ACTION + RESULT)


def arrives(steps: int, success: float, noticed: float) -> float:
    """The share of tasks in which every step succeeds, some after one repetition."""
    random = Random(0)

    def step() -> bool:
        return random.random() < success or (random.random() < noticed and random.random() < success)

    return sum(all(step() for _ in range(steps)) for _ in range(TASKS)) / TASKS


# %% [markdown]
# The count has to agree with the formula to a tenth, the simulation with the power.

# %%
for steps in ex.sweep("steps", [1, 5, 10, 20, 50], quick=[1, 5, 20]):
    resent, reused = tokens_read(steps, reuse=False), tokens_read(steps, reuse=True)
    if abs(resent / formula(steps) - 1) > 0.1:
        raise ValueError(f"{steps} steps read {resent} tokens, the formula gives {formula(steps):.0f}")
    ex.report("tokens", resent, unit="tokens", better="lower", label="history read again", reuse=False, steps=steps)
    ex.report("tokens", reused, unit="tokens", better="lower", label="prefix reused", reuse=True, steps=steps)
    ex.report("saved", resent / reused, unit="×", better="higher", label="read again over reused", steps=steps)
    ex.report("over-one-call", resent / INSTRUCTIONS, unit="×", better="lower", label="over one call", steps=steps)
    for percent in (90, 95, 99):
        power = (percent / 100) ** steps
        if abs(arrives(steps, percent / 100, 0.0) - power) > 0.04:
            raise ValueError(f"{steps} steps at {percent} %: the simulation disagrees with the power")
        ex.report("arrives", power, unit="%", better="higher", label="all steps succeed", success=percent, steps=steps)
        helped = arrives(steps, percent / 100, 0.5)
        label = "every second failure repeated"
        ex.report("arrives-repeating", helped, unit="%", better="higher", label=label, success=percent, steps=steps)
