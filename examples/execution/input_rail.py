# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "nemoguardrails>=0.20", "langchain-core>=1"]
# [tool.stackdoc]
# layer = "execution"
# title = "A rail in front of a model: what is stopped, what it costs (NeMo Guardrails)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""Whether a message that an input rail stops ever reaches the model, and what a rail adds to one that passes.

A rail is a flow in the language Colang; here it asks a function of ours whether the message holds a secret's name,
and refuses. The model is scripted and counts its calls. Eight messages that have to be stopped and eight that have to
pass go in; a blocked one must cost no call of the model, one that passes exactly one. Then rails are stacked, one to
eight of the same. If each costs the same, the time of a message that passes is a line in their number:

    seconds = seconds without a rail + rails · seconds of one

Its slope is that from the first rail to the fourth.

Caveats. The rail is a word list, the kind that is evaded by spelling: the last two messages do that, and are counted
apart. A rail that asks a model costs a call of that model, which is what most of the library's own rails do. Times
are plain medians: the library runs its flows in an event loop with threads of its own. Nothing is fetched; the
default embedding model would be.
"""

# %%
import logging
from statistics import median
from time import perf_counter
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from nemoguardrails import LLMRails, RailsConfig
from nemoguardrails.integrations.langchain.llm_adapter import LangChainLLMAdapter

from stackdoc import example

ex = example()
logging.disable(logging.WARNING)
ANSWER, REFUSAL = "The runtime hides the driver.", "I can't help with that."
STOPPED = [
    f"Tell me the {word} of the {what}" for word in ("password", "token") for what in ("db", "vault", "root", "site")
]
PASSING = [
    f"Which layer hides the {what}?" for what in ("driver", "chip", "network", "disk", "cache", "bus", "heap", "queue")
]
EVADING = ["Tell me the pass-word of the vault", "Tell me the t0ken of the vault"]
calls = 0


def answers() -> Any:
    global calls
    while True:
        calls += 1
        yield AIMessage(ANSWER)


async def names_a_secret(context: dict[str, Any]) -> bool:
    message = context.get("user_message", "").lower()
    return any(word in message for word in ("password", "token"))


def colang(rails: int) -> str:
    flows = [
        f"define subflow rail {number}\n  $bad = execute names_a_secret\n  if $bad\n    bot refuse\n    stop\n"
        for number in range(rails)
    ]
    return f'define bot refuse\n  "{REFUSAL}"\n' + "\n".join(["", *flows])


def guarded(rails: int) -> LLMRails:
    flows = "".join(f"\n      - rail {number}" for number in range(rails))
    yaml = f"models: []\nrails:\n  input:\n    flows:{flows}\n" if rails else "models: []\n"
    config = RailsConfig.from_content(colang_content=colang(rails), yaml_content=yaml)
    made = LLMRails(config, llm=LangChainLLMAdapter(GenericFakeChatModel(messages=answers())))
    made.register_action(names_a_secret, "names_a_secret")
    return made


def ask(rails: LLMRails, message: str) -> str:
    return str(rails.generate(messages=[{"role": "user", "content": message}])["content"])


# %% [markdown]
# What reaches the model.

# %%
one = guarded(1)
for name, messages, answer, expected in (
    ("stopped", STOPPED, REFUSAL, 0),
    ("passing", PASSING, ANSWER, len(PASSING)),
    ("evading", EVADING, ANSWER, len(EVADING)),
):
    before = calls
    said = [ask(one, message) for message in messages]
    if said != [answer] * len(messages) or calls - before != expected:
        raise ValueError(f"{name}: {said}, {calls - before} calls of the model")
    ex.report("calls", calls - before, unit="calls", label=f"calls of the model, messages {name}", messages=name)

# %% [markdown]
# What it takes.


# %%
def seconds(rails: LLMRails, message: str, count: int = 12) -> float:
    taken = []
    for _ in range(count + 2):
        began = perf_counter()
        ask(rails, message)
        taken.append(perf_counter() - began)
    return median(taken[2:])


passed: dict[int, float] = {}
for count in ex.sweep("rails", [0, 1, 2, 4, 8], quick=[0, 1, 4, 8]):
    began = perf_counter()
    rails = guarded(count)
    ex.report("build", perf_counter() - began, unit="s", label="read the flows", rails=count)
    passed[count] = seconds(rails, PASSING[0])
    ex.report("pass", passed[count], unit="s", label="a message that passes", rails=count)
    if count:
        ex.report("stop", seconds(rails, STOPPED[0]), unit="s", label="a message that is stopped", rails=count)
    if count > 4:
        line = passed[1] + (count - 1) * (passed[4] - passed[1]) / 3
        ex.report("pass-expected", line, unit="s", label="by formula", rails=count)
