# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "execution"
# title = "A tool call over a protocol, beside the time of a token"
# devices = ["cpu"]
# claims = ["interface-calls-tools"]
# budget_seconds = 60
# ///
"""A call of a tool in another process, by JSON-RPC over its standard streams, as the Model Context Protocol does it.

The tool does almost nothing, so what is timed is the protocol: write a request, pass a pipe, parse, look up, answer,
pass a pipe, parse. It is compared with the same function in the process, its arguments through JSON, and with the
time in which a model of 25 million weights makes one token. That time has a lower bound, the bytes of the weights
over the bandwidth, and is measured as passes of vectors through matrices of that many numbers:

    seconds per token ≥ bytes of weights / bandwidth

Caveats. The round trip waits for another process, so it can't be held to the rule that a clean block is one spent
computing; its median over many calls is a plain value. The child runs plain Python without a library of the
protocol, which would add its validation. A tool over a network adds a round trip of that. One model token is a small
unit: a model writes dozens of them to express one call.
"""

# %%
import json
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch

from stackdoc import Work, close, example

ex = example()
LAYERS = {"runtime": 5, "kernels": 6, "framework": 7, "serving": 9}
SERVER = f"""
import json, sys
LAYERS = {LAYERS!r}
for line in sys.stdin:
    request = json.loads(line)
    text = str(LAYERS[request["params"]["arguments"]["name"]]) + " " * request["params"]["arguments"]["pad"]
    answer = {{"jsonrpc": "2.0", "id": request["id"], "result": {{"content": [{{"type": "text", "text": text}}]}}}}
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""


# %%
class Tool:
    """A child process that answers one request a line."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", "-c", SERVER]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.number = 0

    def call(self, name: str, pad: int) -> str:
        """What the tool says of a layer, with `pad` blanks behind it."""
        self.number += 1
        arguments = {"name": name, "pad": pad}
        request = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call"}
        line = json.dumps({**request, "params": {"name": "height_of", "arguments": arguments}})
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer["id"] != self.number:
            raise ValueError(f"answer {answer['id']} to request {self.number}")
        return str(answer["result"]["content"][0]["text"])

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def seconds(call: Callable[[], object], count: int = 200) -> float:
    """The median of so many calls, after a tenth of them."""
    taken = []
    for _ in range(count + count // 10):
        started = perf_counter()
        call()
        taken.append(perf_counter() - started)
    return median(taken[count // 10 :])


# %% [markdown]
# One token: a vector through 24 matrices of 1 024 by 1 024.

# %%
WIDTH, DEPTH = 1024, 24
matrices = torch.randn(DEPTH, WIDTH, WIDTH, device=ex.device) / WIDTH**0.5
first = torch.randn(WIDTH)


def token() -> torch.Tensor:
    x = first
    for matrix in matrices:
        x = matrix @ x
    return x


work = Work(flop=2 * matrices.numel(), bytes=4 * matrices.numel())
ex.predict("token", ex.roofs.time(flop=work.flop, bytes=work.bytes), formula="bytes of weights / bandwidth")
reference = first.double()
for matrix in matrices.double():
    reference = matrix @ reference
one = ex.measure("token", token, work=work, dtype="float32", check=lambda out: close(out, reference, rtol=1e-4))

# %%
started = perf_counter()
tool = Tool()
if tool.call("kernels", 0) != "6":
    raise ValueError("the tool answers wrongly")
ex.report("start", perf_counter() - started, unit="s", better="lower", label="start the tool, first answer")
here = seconds(lambda: LAYERS[json.loads(json.dumps({"name": "kernels"}))["name"]])
ex.report("in-process", here, unit="s", better="lower", label="the same function here, by JSON")
for size in ex.sweep("bytes", [1, 1000, 10_000, 100_000], quick=[1, 10_000]):
    trip = seconds(lambda size=size: tool.call("kernels", size - 1), 200 if size <= 10_000 else 50)
    ex.report("call", trip, unit="s", better="lower", label="round trip over standard streams", bytes=size)
    ex.report("call-over-token", trip / one.seconds, unit="×", better="lower", label="call over token", bytes=size)
tool.close()
