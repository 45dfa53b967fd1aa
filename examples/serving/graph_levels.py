# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "onnx>=1.17", "onnxruntime>=1.20", "onnxscript>=0.3"]
# [tool.stackdoc]
# layer = "serving"
# title = "ONNX Runtime: what its optimisations do to one graph"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""A layer exported from PyTorch, run by ONNX Runtime with more and more optimisation, and with weights of 8 bits.

The file is the same; on loading, the runtime rewrites the graph: constants are folded, nodes are fused into larger
ones, and at the highest level layouts are changed. `nodes` counts what is left. The arithmetic is that of matrix
products at best,

    seconds ≥ operations / GEMM roof

and PyTorch's own eager run stands beside it. Dynamic quantization replaces products by ones of 8 bits and finds the
scale of the activations at each call.

Caveats. One thread, also of the runtime's pool, which spins otherwise. Batch of one, 64 tokens, one layer. The
error is against float64; of 8 bits it is that of this layer with random weights, not of a model's answers.
"""

# %%
import logging
import os
import tempfile
import time
import warnings
from pathlib import Path

import encoder_layer
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from stackdoc import Work, close, example

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")
ex = example()
os.environ["ORT_LOGGING_LEVEL"] = "3"
Level = onnxruntime.GraphOptimizationLevel
layer, x, exact = encoder_layer.made()
folder = Path(tempfile.mkdtemp(prefix="onnx-"))
whole, narrow, seen = folder / "layer.onnx", folder / "int8.onnx", folder / "optimised.onnx"

began = time.perf_counter()
torch.onnx.export(layer, (x,), whole, dynamo=True, external_data=False, verbose=False)
ex.report("export", time.perf_counter() - began, unit="s")
quantize_dynamic(whole, narrow, weight_type=QuantType.QInt8)
WAYS = {
    "none": (whole, Level.ORT_DISABLE_ALL),
    "basic": (whole, Level.ORT_ENABLE_BASIC),
    "all": (whole, Level.ORT_ENABLE_ALL),
    "int8": (narrow, Level.ORT_ENABLE_ALL),
}
TOLERANCE = {"int8": 0.05}
work = Work(flop=encoder_layer.flop())

# %%
with torch.inference_mode():
    seconds = ex.roofs.time(flop=work.flop, dtype="float32")
    ex.predict("layer", seconds, "operations / GEMM roof", runtime="pytorch")
    eager = ex.measure(
        "layer",
        lambda: layer(x),
        label="PyTorch, eager",
        runtime="pytorch",
        work=work,
        dtype="float32",
        check=lambda out: close(out, exact, rtol=1e-4, against="float64"),
    )
given = x.numpy()
timed = {}
for name, (path, level) in WAYS.items():
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level, settings.intra_op_num_threads = level, ex.threads
    settings.optimized_model_filepath, settings.log_severity_level = str(seen), 3
    began = time.perf_counter()
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    ex.report("load", time.perf_counter() - began, unit="s", optimisation=name)
    ex.report("nodes", len(onnx.load(seen).graph.node), unit="nodes", optimisation=name)
    ex.report("file-bytes", path.stat().st_size, unit="B", optimisation=name)
    asked = {session.get_inputs()[0].name: given}
    out = torch.from_numpy(session.run(None, asked)[0]).double()
    ex.report("error", float((out - exact).norm() / exact.norm()), unit="%", optimisation=name)
    timed[name] = ex.measure(
        "layer",
        lambda session=session, asked=asked: session.run(None, asked)[0],
        label=f"ONNX Runtime, {name}",
        runtime=f"onnxruntime-{name}",
        work=work,
        dtype="" if name == "int8" else "float32",
        check=lambda out, name=name: close(out, exact, rtol=TOLERANCE.get(name, 1e-4), against="float64"),
    )
ex.ratio("gain", slow=eager, fast=timed["all"], label="PyTorch over ONNX Runtime", optimisation="all")
ex.ratio("gain", slow=eager, fast=timed["int8"], label="PyTorch over ONNX Runtime", optimisation="int8")
