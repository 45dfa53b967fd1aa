# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "kserve>=0.15", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "serving"
# title = "A model behind the open inference protocol: numbers as text, numbers as bytes (KServe)"
# devices = ["cpu"]
# environment = "cloud"
# budget_seconds = 120
# ///
"""One model behind KServe's own server in Python, asked by the open inference protocol (V2), by the size of its
input.

The protocol is shared by KServe, Triton and others: a request names tensors with shape and type, and gives their
numbers either as JSON text or, with an extension, as the bytes that they are. The model doubles its input, so what is
timed is the way: HTTP, numbers to text and back, checks of the shape. For text

    seconds ≈ fixed + numbers · seconds to write and read one as text, twice

comes from 1 and 10 000 numbers. The reference is the same function, called. Checked: the answers are exact in both
forms; the request's id comes back; a wrong name of the model and a wrong shape are refused with the status that the
protocol gives, and the server answers after that.

Caveats. There is no cluster: what Kubernetes adds (routes, scaling, canaries) is not here. The server is a process of
its own on this machine. Python's own client sends the requests, one after another. Times are plain medians, of
waiting for another process.
"""

# %%
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from stackdoc import example

ex = example()
SERVER = """
import logging
import sys

from kserve import InferOutput, InferResponse, Model, ModelServer


class Doubling(Model):
    def load(self):
        self.ready = True
        return True

    async def predict(self, payload, headers=None, response_headers=None):
        values = payload.inputs[0].as_numpy()
        if values.ndim != 2:
            from kserve.errors import InvalidInput
            raise InvalidInput("two dimensions are expected")
        binary = payload.use_binary_outputs
        output = InferOutput("y", list(values.shape), "FP32")
        output.set_data_from_numpy(2 * values, binary_data=binary)
        return InferResponse(payload.id, self.name, [output], use_binary_outputs=binary)


model = Doubling("doubling")
model.load()
ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1, access_log_format=None).start([model])
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


port = free_port()
url = f"http://127.0.0.1:{port}/v2"
file = Path(tempfile.mkdtemp(dir=Path.cwd())) / "doubling_server.py"
file.write_text(SERVER, encoding="utf-8")
began = perf_counter()
server = subprocess.Popen([sys.executable, str(file), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# %% [markdown]
# The server, until it is ready.


# %%
def until_ready() -> None:
    while True:
        try:
            urlopen(f"{url}/health/ready").close()
        except (URLError, ConnectionError):
            if server.poll() is not None:
                raise
            time.sleep(0.05)
        else:
            return


def sent(body: bytes, headers: dict[str, str], model: str = "doubling") -> tuple[bytes, int]:
    """The answer, and the length of its JSON head where bytes follow it."""
    with urlopen(Request(f"{url}/models/{model}/infer", body, headers)) as answer:
        whole = bytes(answer.read())
        return whole, int(answer.headers.get("Inference-Header-Content-Length") or len(whole))


def as_text(values: np.ndarray, id: str = "1", model: str = "doubling") -> np.ndarray:
    tensor = {"name": "x", "shape": list(values.shape), "datatype": "FP32", "data": values.ravel().tolist()}
    body = json.dumps({"id": id, "inputs": [tensor]}).encode()
    whole, _ = sent(body, {"Content-Type": "application/json"}, model)
    answer = json.loads(whole)
    if answer["id"] != id:
        raise ValueError(f"the answer to {id!r} is to {answer['id']!r}")
    output = answer["outputs"][0]
    return np.array(output["data"], dtype=np.float32).reshape(output["shape"])


def as_bytes(values: np.ndarray) -> np.ndarray:
    tensor = {
        "name": "x",
        "shape": list(values.shape),
        "datatype": "FP32",
        "parameters": {"binary_data_size": values.nbytes},
    }
    head = json.dumps({"id": "1", "inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    whole, length = sent(head + values.tobytes(), headers)
    output = json.loads(whole[:length])["outputs"][0]
    return np.frombuffer(whole[length:], dtype=np.float32).reshape(output["shape"])


def seconds(call: Callable[[], Any], count: int) -> float:
    taken = []
    for _ in range(count):
        began = perf_counter()
        call()
        taken.append(perf_counter() - began)
    return median(taken)


def status(call: Callable[[], Any]) -> int:
    try:
        call()
    except HTTPError as error:
        return error.code
    return 200


# %% [markdown]
# By the number of numbers: called, as text, as bytes.

# %%
try:
    until_ready()
    ex.report("start", perf_counter() - began, unit="s", label="start the server, until it is ready")
    text: dict[int, float] = {}
    for count in ex.sweep("numbers", [1, 100, 10_000, 100_000], quick=[1, 10_000, 100_000]):
        values = np.random.default_rng(0).standard_normal((1, count)).astype(np.float32)
        if not np.array_equal(as_text(values), 2 * values) or not np.array_equal(as_bytes(values), 2 * values):
            raise ValueError(f"{count} numbers came back as others")
        rounds = 60 if count < 1000 else 20 if count < 100_000 else 5
        text[count] = seconds(lambda values=values: as_text(values), rounds)
        binary = seconds(lambda values=values: as_bytes(values), rounds)
        ex.report("answer", text[count], unit="s", label="a request, numbers as text", form="text", numbers=count)
        ex.report("answer", binary, unit="s", label="a request, numbers as bytes", form="bytes", numbers=count)
        ex.report("gain", text[count] / binary, unit="×", better="higher", label="text over bytes", numbers=count)
        if count == 100_000:
            line = text[1] + (count - 1) * (text[10_000] - text[1]) / 9999
            ex.report("text-expected", line, unit="s", label="by formula, numbers as text", numbers=count)
    one = np.ones((1, 1), dtype=np.float32)
    ex.measure("call", lambda: 2 * one, label="the function, called", check=lambda out: out[0, 0] == 2)

    # %% [markdown]
    # What is refused.

    # %%
    refused = {
        "another name": status(lambda: as_text(one, model="tripling")),
        "three dimensions": status(lambda: as_text(one[None])),
        "no JSON": status(lambda: sent(b"no", {"Content-Type": "application/json"})),
    }
    if refused["another name"] != 404 or not 400 <= refused["three dimensions"] < 500 or as_text(one)[0, 0] != 2:
        raise ValueError(f"refusals: {refused}")
    ex.show("\n".join(f"{name}: HTTP status {code}" for name, code in refused.items()))
finally:
    server.terminate()
    server.wait()
