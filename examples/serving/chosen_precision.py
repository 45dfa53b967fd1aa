# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "openvino>=2025"]
# [tool.stackdoc]
# layer = "serving"
# title = "OpenVINO: the precision that it chooses itself"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""A float32 layer converted by OpenVINO and compiled for this processor, once as it comes and once told to stay
float32.

Where the processor has 16-bit arithmetic the plug-in uses bfloat16 unless told otherwise, and says so only when
asked. That is faster, and its numbers have 8 significant bits where float32 has 24, so that rounding once is 2¹⁶
times as coarse. `error-grown` says what is left of that after a whole layer. `narrowed` is 1 where it did so; on a
processor without such arithmetic both ways are the same.

    seconds ≥ operations / GEMM roof of the precision

Caveats. One thread and one stream, as for a single request; the hint for throughput opens several. One layer of
random weights: what an error of this size does to a model's answers is not said.
"""

# %%
import time
import warnings

import encoder_layer
import openvino
import torch
from openvino.properties import hint

from stackdoc import Work, close, example

warnings.filterwarnings("ignore")
ex = example()
layer, x, exact = encoder_layer.made()
began = time.perf_counter()
converted = openvino.convert_model(layer, example_input=x)
ex.report("convert", time.perf_counter() - began, unit="s")
core = openvino.Core()
COMMON = {"INFERENCE_NUM_THREADS": ex.threads, "NUM_STREAMS": 1, hint.performance_mode(): hint.PerformanceMode.LATENCY}
WAYS = {"as-it-comes": {}, "told-float32": {hint.inference_precision(): openvino.Type.f32}}
NAMES = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}
given, work = x.numpy(), Work(flop=encoder_layer.flop())

# %%
timed, errors = {}, {}
with torch.inference_mode():
    eager = ex.measure("layer", lambda: layer(x), label="PyTorch, eager", setting="pytorch", work=work, dtype="float32")
for name, settings in WAYS.items():
    began = time.perf_counter()
    compiled = core.compile_model(converted, "CPU", {**COMMON, **settings})
    ex.report("compile", time.perf_counter() - began, unit="s", setting=name)
    precision = NAMES[compiled.get_property(hint.inference_precision()).get_type_name()]
    ex.report("narrowed", float(precision != "float32"), label="1: it computes in fewer bits", setting=name)
    request = compiled.create_infer_request()

    def run(request: openvino.InferRequest = request) -> torch.Tensor:
        return torch.from_numpy(request.infer([given], share_outputs=True)[0])

    errors[name] = float((run().double() - exact).norm() / exact.norm())
    ex.report("error", errors[name], unit="%", label="against float64", setting=name)
    ex.predict("layer", ex.roofs.time(flop=work.flop, dtype=precision), "operations / GEMM roof", setting=name)
    timed[name] = ex.measure(
        "layer",
        run,
        label=f"OpenVINO, {name.replace('-', ' ')}",
        setting=name,
        work=work,
        dtype=precision,
        check=lambda out, limit=1e-4 if precision == "float32" else 0.05: close(
            out, exact, rtol=limit, against="float64"
        ),
    )
ex.ratio("gain", slow=timed["told-float32"], fast=timed["as-it-comes"], label="told float32 over as it comes")
ex.report(
    "error-grown", errors["as-it-comes"] / errors["told-float32"], unit="×", label="error, as it comes over float32"
)
