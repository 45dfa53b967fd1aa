# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "langchain-core>=1"]
# [tool.stackdoc]
# layer = "execution"
# title = "What a chain adds to a call of the model (LangChain)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""The time that LangChain itself takes for one call, with a model that answers at once.

A chain is a prompt template, a model and a parser, put in a row; each part is a `Runnable` with callbacks around its
call. The model here is scripted, so what is left is the framework. The same three steps as plain Python (format a
text, call a function, take its text) are the reference, and must give the same answer. Then functions that do nothing
are put in front, one to sixteen of them. If every part of a chain costs the same, the time is a line:

    seconds = seconds of no function + functions · seconds of one

Its slope is taken from the first function alone, and predicts the longer chains.

Caveats. No tracing is on: a tracer is called at the start and the end of every part, and sends what it saw. Nothing
is streamed; in streaming each part passes on pieces, and each piece costs. A real model takes as long as it takes:
`application/chat_interface` says what a call of a small one takes, beside which this is little.
"""

# %%
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda

from stackdoc import example

ex = example()
ANSWER = "Runtime."
QUESTION = {"question": "Which layer hides the driver?"}
TEMPLATE = "Answer with one word. {question}"


# %% [markdown]
# The three steps without the framework.


# %%
def model(prompt: str) -> dict[str, str]:
    return {"role": "assistant", "content": ANSWER if QUESTION["question"] in prompt else ""}


def plain(inputs: dict[str, str]) -> str:
    return model(TEMPLATE.format(**inputs))["content"]


def right(out: str) -> bool:
    return out == plain(QUESTION) == ANSWER


# %% [markdown]
# The same as a chain; each part alone; and the chain with functions that do nothing in front of it.

# %%
prompt = ChatPromptTemplate.from_template(TEMPLATE)
scripted = FakeListChatModel(responses=[ANSWER])
chain = prompt | scripted | StrOutputParser()
ex.show(
    chain.get_graph().draw_ascii() if hasattr(chain, "draw_ascii") else " | ".join(map(str, chain.get_graph().nodes))
)


def longer(functions: int) -> Runnable[dict[str, str], str]:
    whole: Runnable[dict[str, str], str] = chain
    for _ in range(functions):
        whole = RunnableLambda(lambda inputs: inputs) | whole
    return whole


without = ex.measure("plain", lambda: plain(QUESTION), label="plain Python", check=right)
formatted = prompt.invoke(QUESTION)
ex.measure("prompt", lambda: prompt.invoke(QUESTION), label="the template alone", check=lambda out: out == formatted)
message = scripted.invoke(formatted)
ex.measure(
    "model", lambda: scripted.invoke(formatted), label="the model alone", check=lambda out: out.content == ANSWER
)
ex.measure("parser", lambda: StrOutputParser().invoke(message), label="the parser alone", check=right)
taken: dict[int, float] = {}
for functions in ex.sweep("functions", [0, 1, 2, 4, 8, 16], quick=[0, 1, 4, 16]):
    whole = longer(functions)
    if functions > 1:
        line = taken[0] + functions * (taken[1] - taken[0])
        ex.predict("chain", line, formula="a line through 0 and 1", functions=functions)
    point = ex.measure(
        "chain", lambda whole=whole: whole.invoke(QUESTION), label="the chain", check=right, functions=functions
    )
    taken[functions] = point.seconds
ex.ratio("added", slow="chain;functions=0", fast=without, label="the chain over plain Python")
ex.report("one-function", (taken[16] - taken[0]) / 16, unit="s", better="lower", label="for each function")
