"""Processes on this machine, joined by gloo over the loopback device, one thread each."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import torch
import torch.distributed as dist

PATIENCE = timedelta(seconds=60)


def run_together(ranks: int, part: Callable[[int], Any]) -> list[Any]:
    """What `part(rank)` returned in each process. All are forked, so the caller should have computed nothing yet.

    Raises RuntimeError when one of them ended without a result; its traceback is on standard error.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fork = get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(ranks)]
    children = [
        fork.Process(target=_take_part, args=(rank, ranks, port, part, pipes[rank][1])) for rank in range(ranks)
    ]
    for child in children:
        child.start()
    for _, end in pipes:
        end.close()
    try:
        return [pipe.recv() for pipe, _ in pipes]
    except EOFError:
        raise RuntimeError(f"one of the {ranks} processes ended without a result") from None
    finally:
        for child in children:
            child.join(PATIENCE.total_seconds())


def _take_part(rank: int, ranks: int, port: int, part: Callable[[int], Any], pipe: Connection) -> None:
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if os.uname().sysname == "Darwin" else "lo"
    store = dist.TCPStore("127.0.0.1", port, ranks, rank == 0, timeout=PATIENCE)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=ranks, timeout=PATIENCE)
    pipe.send(part(rank))
    pipe.close()
