# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "megatron-core>=0.12"]
# [tool.stackdoc]
# layer = "model"
# title = "Megatron: one layer's matrices over two processes"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 3
# ///
"""Two linear layers with their matrices cut in two: the first by columns, the second by rows, as Megatron does it.

After the first each process has half of the inner numbers and needs none of the other's, since the function between
works on each number alone. After the second each has a part of every sum; one all-reduce adds them. So for N
processes a process holds 1/N of the weights, does 1/N of the arithmetic, and a forward pass moves

    bytes = 2 (N − 1) / N · tokens · width · 4 B  in and out of each process

The result must be that of the whole matrices. `useful` is arithmetic at this machine's rate over the time it took:
what is left after the messages.

Caveats. Two processes over gloo on one machine with two cores, one thread each, in float32, in place of GPUs over
NVLink: the all-reduce goes through memory and through Python's side of the library. No backward pass is timed.
"""

# %%
import os
import time
import warnings
from statistics import median
from typing import Any

os.environ |= {"GLOO_SOCKET_IFNAME": "lo", "MASTER_ADDR": "127.0.0.1"}
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from stackdoc import example

WIDTH, INNER, TOKENS = 512, 2048, (16, 256)


def work(rank: int, processes: int, port: int, answers: Any) -> None:
    warnings.filterwarnings("ignore")
    os.environ |= {"MASTER_PORT": str(port), "RANK": str(rank), "WORLD_SIZE": str(processes), "LOCAL_RANK": str(rank)}
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=processes)
    from megatron.core import parallel_state
    from megatron.core.tensor_parallel.layers import ColumnParallelLinear, RowParallelLinear
    from megatron.core.transformer.transformer_config import TransformerConfig

    parallel_state.initialize_model_parallel(tensor_model_parallel_size=processes, create_gloo_process_groups=True)
    shape = {"num_layers": 1, "hidden_size": WIDTH, "num_attention_heads": 8}
    settings = TransformerConfig(**shape, tensor_model_parallel_size=processes, use_cpu_initialization=True)
    common = {"config": settings, "init_method": torch.nn.init.xavier_normal_, "bias": False}
    first = ColumnParallelLinear(WIDTH, INNER, gather_output=False, **common)
    second = RowParallelLinear(INNER, WIDTH, input_is_parallel=True, skip_bias_add=False, **common)
    torch.manual_seed(0)
    whole = torch.randn(INNER, WIDTH) / WIDTH**0.5, torch.randn(WIDTH, INNER) / INNER**0.5
    with torch.no_grad():
        first.weight.copy_(whole[0].chunk(processes, 0)[rank])
        second.weight.copy_(whole[1].chunk(processes, 1)[rank])
    held = sum(weight.numel() for layer in (first, second) for weight in layer.parameters())
    for tokens in TOKENS:
        x = torch.randn(tokens, 1, WIDTH)
        with torch.inference_mode():
            out = second(torch.relu(first(x)[0]))[0]
            expected = torch.relu(x @ whole[0].T) @ whole[1].T
            error = float((out - expected).abs().max() / expected.abs().max())
            taken, reduced = [], []
            for _ in range(30):
                began = time.perf_counter()
                second(torch.relu(first(x)[0]))
                taken.append(time.perf_counter() - began)
            message = torch.randn(tokens, WIDTH)
            for _ in range(30):
                began = time.perf_counter()
                dist.all_reduce(message)
                message /= processes
                reduced.append(time.perf_counter() - began)
        if rank == 0:
            answers.put((processes, tokens, held, error, median(taken), median(reduced)))
    dist.destroy_process_group()


# %%
def main() -> None:
    ex = example()
    answers = mp.get_context("spawn").Queue()
    found = []
    for processes in (1, 2):
        mp.spawn(work, (processes, 29_700 + processes, answers), nprocs=processes)
        found += [answers.get(timeout=10) for _ in TOKENS]
    alone = {tokens: seconds for processes, tokens, _, _, seconds, _ in found if processes == 1}
    for processes, tokens, held, error, seconds, reduced in found:
        if error > 1e-5 or held * processes != 2 * WIDTH * INNER:
            raise ValueError(f"{processes} processes: an error of {error:.1g}, {held} weights in each")
        place = {"processes": processes, "tokens": tokens}
        ex.report("forward", seconds, unit="s", **place)
        ex.report("error", error, label="against the whole matrices", **place)
        if tokens == TOKENS[0]:
            ex.report("held", held, unit="weights", label="weights in a process", processes=processes)
        if processes > 1:
            ex.report("speed-up", alone[tokens] / seconds, unit="×", better="higher", **place)
            ex.report("all-reduce", reduced, unit="s", label="adding the parts, alone", **place)
            moved = 2 * (processes - 1) / processes * tokens * WIDTH * 4
            ex.report("moved", moved, unit="B", label="by the formula", **place)
        if least := ex.roofs.time(flop=4 * tokens * WIDTH * INNER / processes, dtype="float32"):
            ex.report("useful", least / seconds, unit="%", better="higher", **place)


if __name__ == "__main__":
    main()
