# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "torchao>=0.10"]
# [tool.stackdoc]
# layer = "serving"
# title = "torchao: fewer bits, and whether they are faster"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""Four linear layers in float32, with weights of 8 bits by torchao, and in torch's own dynamic 8 bits.

Fewer bits are less memory in any case: a fourth, and a scale for each row. Whether they are faster depends on there
being a kernel that multiplies them as they are. Where there is none, weights are widened before each product,
eagerly, as an operation of its own: then the bytes that were saved are read, written and read again.

    seconds ≥ bytes of weights / bandwidth  for few tokens

Caveats. One thread, eager; `torch.compile` fuses the widening into the product and is another measurement. Random
weights, 8 tokens. The error is that of the four layers' result against float32. `torch.ao` is deprecated in favour
of torchao and stands here because it has such a kernel for processors.
"""

# %%
import copy
import io
import logging
import warnings

import torch
from torchao.quantization import Int8DynamicActivationInt8WeightConfig, Int8WeightOnlyConfig, quantize_

from stackdoc import Check, Work, example

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
ex = example()
torch.manual_seed(0)
WIDTH, LAYERS, TOKENS = 1024, 4, 8
base = torch.nn.Sequential(*[torch.nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS)]).eval()
x = torch.randn(TOKENS, WIDTH)


def with_torchao(settings: object) -> torch.nn.Module:
    made = copy.deepcopy(base)
    quantize_(made, settings)
    return made


def saved_bytes(model: torch.nn.Module) -> int:
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    return buffer.tell()


WAYS = {
    "float32": lambda: base,
    "torch.ao dynamic int8": lambda: torch.ao.quantization.quantize_dynamic(base, {torch.nn.Linear}, torch.qint8),
    "torchao int8 weights": lambda: with_torchao(Int8WeightOnlyConfig()),
    "torchao int8 dynamic": lambda: with_torchao(Int8DynamicActivationInt8WeightConfig()),
}

# %%
with torch.inference_mode():
    expected, timed = base(x), {}
    for name, make in WAYS.items():
        model = make()
        size = saved_bytes(model)
        ex.report("bytes", size, unit="B", way=name)
        error = float((model(x) - expected).norm() / expected.norm())
        ex.report("error", error, unit="%", label="of the result", way=name)
        ex.predict("layers", ex.roofs.time(bytes=size), "bytes of weights / bandwidth", way=name)
        timed[name] = ex.measure(
            "layers",
            lambda model=model: model(x),
            label=name,
            way=name,
            work=Work(bytes=size),
            check=lambda out: Check("float32", float((out - expected).norm() / expected.norm()), 0.05),
        )
        if name != "float32":
            ex.ratio("gain", slow=timed["float32"], fast=timed[name], label=f"float32 over {name}", way=name)
