# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "deepspeed>=0.16"]
# [tool.stackdoc]
# layer = "model"
# title = "DeepSpeed ZeRO: what each of two processes holds"
# devices = ["cpu"]
# environment = "llm"
# needs = ["c++"]
# budget_seconds = 240
# launches = 2
# shared_scratch = true
# ///
"""One model trained by two processes under the stages of ZeRO: bytes of optimiser state in each, and seconds a step.

Data parallelism keeps all of it in every process. Stage 1 shares out the optimiser's state, stage 2 the gradients
too, stage 3 the weights. In bfloat16 with Adam a weight takes 2 bytes, its gradient 2, and the optimiser 12: a copy
in float32 and two moments. With N processes a process should hold, of state alone,

    bytes = 8 · weights / N  of moments,  4 · weights / N  of the copy

Here the two moments and the copy are added up from the very tensors. `loss` must be the same in all stages: what is
shared out is storage, not the mathematics.

Caveats. Two processes on one machine over gloo, one thread each, so the seconds say what the machinery costs and
nothing of a network of GPUs. The model is small. At the first start DeepSpeed compiles a module in C++ (`compiled`
says how long the first engine took with an empty cache); later launches of this run find it.
"""

# %%
import os
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import Any

os.environ |= {"DS_ACCELERATOR": "cpu", "DS_BUILD_OPS": "0", "DEEPSPEED_LOG_LEVEL": "error"}
os.environ |= {
    "GLOO_SOCKET_IFNAME": "lo",
    "MASTER_ADDR": "127.0.0.1",
    "TORCH_EXTENSIONS_DIR": f"{tempfile.gettempdir()}/extensions",
}
import torch
import torch.multiprocessing as mp

from stackdoc import close, example

WIDTH, LAYERS, PROCESSES, STEPS = 512, 8, 2, 6
WEIGHTS = LAYERS * (WIDTH * WIDTH + WIDTH)


def work(rank: int, stages: list[int], port: int, answers: Any) -> None:
    """One process: trains the same model under each stage and says what it holds."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(PROCESSES), "MASTER_PORT": str(port)}
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # as long as the process
    torch.set_num_threads(1)
    import deepspeed

    began = time.perf_counter()
    deepspeed.init_distributed("gloo", verbose=False)
    for stage in stages:
        torch.manual_seed(0)
        model = torch.nn.Sequential(*[torch.nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS)])
        settings = {
            "train_micro_batch_size_per_gpu": 8,
            "bf16": {"enabled": True},
            "zero_optimization": {"stage": stage},
            "zero_allow_untested_optimizer": True,
            "zero_force_ds_cpu_optimizer": False,
        }
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
        engine, wrapped, *_ = deepspeed.initialize(model=model, optimizer=optimizer, config=settings)
        if stage == stages[0] and rank == 0:
            answers.put(("compiled", stage, time.perf_counter() - began))
        torch.manual_seed(1)  # the same samples in both, so that the loss is that of one process
        losses, started = [], 0.0
        for step in range(STEPS):
            if step == 2:
                started = time.perf_counter()
            x = torch.randn(8, WIDTH).bfloat16()
            loss = (engine(x) - x).float().square().mean()
            engine.backward(loss)
            engine.step()
            losses.append(float(loss))
        if rank == 0:
            answers.put(("step", stage, (time.perf_counter() - started) / (STEPS - 2)))
            answers.put(("loss", stage, losses[-1]))
            base = getattr(wrapped, "optimizer", wrapped)
            tensors = [value for of in base.state.values() for value in of.values() if torch.is_tensor(value)]
            answers.put(("moments", stage, sum(one.nbytes for one in tensors if one.dim())))
            copies = [weight for group in base.param_groups for weight in group["params"]]
            answers.put(("copy", stage, sum(one.nbytes for one in copies if one.dtype == torch.float32)))
    torch.distributed.destroy_process_group()


# %%
def main() -> None:
    ex = example()
    empty = not Path(os.environ["TORCH_EXTENSIONS_DIR"]).exists()
    context = mp.get_context("spawn")
    answers = context.Queue()
    stages = [0, 1, 2]
    started = mp.spawn(work, (stages, 29_600, answers), nprocs=PROCESSES, join=False)
    found: dict[tuple[str, int], float] = {}
    while not started.join(timeout=0.2):
        pass
    try:
        while True:
            name, stage, value = answers.get(timeout=1)
            found[name, stage] = value
    except Empty:
        pass
    label = "the first engine, compiler included" if empty else "the first engine, nothing to compile"
    ex.report("compiled", found["compiled", 0], unit="s", label=label)
    for stage in stages:
        if not close(found["loss", stage], found["loss", 0], rtol=0.05).ok:
            raise ValueError(f"stage {stage}: a loss of {found['loss', stage]}, and {found['loss', 0]} without sharing")
        ex.report("loss", found["loss", stage], stage=stage)
        ex.report("step", found["step", stage], unit="s", stage=stage)
        shares = PROCESSES if stage else 1
        for name, bytes_ in (("moments", 8), ("copy", 4)):
            ex.report(name, found[name, stage], unit="B", stage=stage)
            ex.report(f"{name}-by-formula", bytes_ * WEIGHTS / shares, unit="B", stage=stage)
    if not close(found["moments", 1], 8 * WEIGHTS / PROCESSES, rtol=0.02).ok:
        raise ValueError(f"stage 1 holds {found['moments', 1]} bytes of moments, not half of {8 * WEIGHTS}")


if __name__ == "__main__":
    main()
