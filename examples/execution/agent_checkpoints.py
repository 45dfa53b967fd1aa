# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "langgraph>=1", "langgraph-checkpoint-sqlite>=3", "langchain-core>=1"]
# [tool.stackdoc]
# layer = "execution"
# title = "An agent that can be resumed, and what its checkpoints hold (LangGraph)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""An agent as a graph of two nodes, a model and its tools, whose state is saved after each step.

The model is scripted: it asks for the same tool a given number of times, then answers. The state is the list of
messages, and each checkpoint holds all of it. So what a thread of K messages leaves in the store grows with the
square:

    bytes ≈ bytes of an empty checkpoint · (K + 1) + bytes of a message · K (K + 1) / 2

LangGraph can also save when the graph is left (`durability="exit"`), and then holds the list once or twice. What that
gives up is shown by a fault: the third call of the tool fails with an error, or ends the process, and another process
resumes the thread from the file. The calls of the tool are counted: four are needed, and the one that failed is made
twice.

Caveats. The time of a run with SQLite includes waiting for the disk, so it is a plain median, as all times of runs
here are: a graph runs its nodes in threads, and hands over between them. Messages of some hundred bytes are short;
results of real tools are longer, and the square grows with them. Other stores hold other shapes: the one in memory
keeps each value of a channel once per version, which comes to the same sum.
"""

# %%
import os
import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph

from stackdoc import example

ex = example()
RESULT = "The runtime hides the driver from the kernels. " * 8
log = Path(tempfile.mkdtemp(dir=Path.cwd())) / "calls"
fault = ""


# %% [markdown]
# The graph: the model asks, the tools answer, until the model has what it wants.


# %%
def asks(messages: list[AnyMessage], calls: int) -> AIMessage:
    done = sum(isinstance(message, ToolMessage) for message in messages)
    if done == calls:
        return AIMessage("Done.", id=f"answer-{done}")
    return AIMessage(
        "", id=f"ask-{done}", tool_calls=[{"name": "layer", "args": {"number": done}, "id": f"call-{done}"}]
    )


def tools(state: MessagesState) -> dict[str, list[AnyMessage]]:
    with log.open("a", encoding="ascii") as file:
        file.write("+")
    if fault and log.stat().st_size == 3:
        if fault == "error":
            raise ConnectionError("the tool is away")
        os._exit(1)
    (call,) = state["messages"][-1].tool_calls
    return {"messages": [ToolMessage(RESULT, tool_call_id=call["id"], id=f"result-{call['id']}")]}


def agent(calls: int, store: Any) -> Any:
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [asks(state["messages"], calls)]})
    graph.add_node("tools", tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", lambda state: "tools" if state["messages"][-1].tool_calls else "__end__")
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=store)


def run(compiled: Any, thread: int, durability: str = "sync") -> list[AnyMessage]:
    config = {"configurable": {"thread_id": str(thread)}, "recursion_limit": 200}
    start = {"messages": [HumanMessage("Which layer hides the driver?", id="question")]}
    saved = {"durability": durability} if compiled.checkpointer else {}
    return list(compiled.invoke(start, config, **saved)["messages"])


ex.show(agent(1, None).get_graph().draw_mermaid())


# %% [markdown]
# What the store holds by the number of calls of the tool, saved at each step and at the exit.


# %%
def connect(name: str) -> SqliteSaver:
    return SqliteSaver(sqlite3.connect(log.with_name(name), check_same_thread=False))


def sizes(saver: SqliteSaver) -> list[int]:
    """Bytes of each checkpoint, without the writes that are kept beside them."""
    return [row[0] for row in saver.conn.execute("select length(checkpoint) from checkpoints order by checkpoint_id")]


def seconds(compiled: Any, calls: int, rounds: int, durability: str = "sync") -> float:
    taken = []
    for thread in range(rounds + 1):
        began = perf_counter()
        messages = run(compiled, thread, durability)
        taken.append(perf_counter() - began)
        if len(messages) != 2 * calls + 2 or messages[-1].content != "Done.":
            raise ValueError(f"{len(messages)} messages after {calls} calls")
    return median(taken[1:])


for calls in ex.sweep("calls", [1, 4, 16, 64], quick=[1, 4, 16]):
    step, leave = connect(f"step-{calls}"), connect(f"exit-{calls}")
    messages = run(agent(calls, step), 0)
    run(agent(calls, leave), 0, "exit")
    each, count = len(step.serde.dumps_typed(messages)[1]) / len(messages), len(messages)
    expected = sizes(step)[0] * (count + 1) + each * count * (count + 1) / 2
    ex.report("stored", sum(sizes(step)), unit="B", label="saved after each step", when="step", calls=calls)
    ex.report("stored", sum(sizes(leave)), unit="B", label="saved at the exit", when="exit", calls=calls)
    ex.report("stored-expected", expected, unit="B", label="by formula, each step", calls=calls)
    rounds = 5 if calls <= 16 else 2
    for name, compiled in {
        "none": agent(calls, None),
        "memory": agent(calls, InMemorySaver()),
        "sqlite": agent(calls, connect(f"time-{calls}")),
    }.items():
        ex.report(
            "run", seconds(compiled, calls, rounds), unit="s", label=f"a run, store: {name}", store=name, calls=calls
        )

# %% [markdown]
# The third call of four fails, in a process of its own. Resumed here, how often was the tool called in all?


# %%
def in_a_fork(calls: int, store: str, durability: str) -> None:
    """Runs the agent until the fault, and leaves the file."""
    child = os.fork()
    if child == 0:
        try:
            run(agent(calls, connect(store)), 0, durability)
        except ConnectionError:
            pass
        finally:
            os._exit(0)
    os.waitpid(child, 0)


for fault in ("error", "end"):
    for durability in ("sync", "exit"):
        log.write_text("", encoding="ascii")
        place = f"{fault}-{durability}"
        in_a_fork(4, place, durability)
        fault_before, fault = fault, ""
        saver = connect(place)
        compiled, config = agent(4, saver), {"configurable": {"thread_id": "0"}}
        known = compiled.get_state(config).values
        messages = compiled.invoke(None, config)["messages"] if known else run(compiled, 0)
        fault = fault_before
        if len(messages) != 10:
            raise ValueError(f"{len(messages)} messages after the resumption")
        label = "calls for four results"
        ex.report("calls", log.stat().st_size, unit="calls", label=label, fault=fault, durability=durability)
