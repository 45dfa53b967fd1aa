"""Two processes on this machine, joined by gloo over the loopback device, one thread each."""

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

PATIENCE = timedelta(seconds=20)


def run_two(part: Callable[[int], Any]) -> list[Any]:
    """What `part(rank)` returned in each process. Both are forked, so the caller should have computed nothing yet.

    Raises RuntimeError when one of them ended without a result; its traceback is on standard error.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fork = get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(2)]
    children = [fork.Process(target=_take_part, args=(rank, port, part, pipes[rank][1])) for rank in range(2)]
    for child in children:
        child.start()
    for _, end in pipes:
        end.close()
    try:
        return [pipe.recv() for pipe, _ in pipes]
    except EOFError:
        raise RuntimeError("one of the two processes ended without a result") from None
    finally:
        for child in children:
            child.join(PATIENCE.total_seconds())


def _take_part(rank: int, port: int, part: Callable[[int], Any], pipe: Connection) -> None:
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if os.uname().sysname == "Darwin" else "lo"
    store = dist.TCPStore("127.0.0.1", port, 2, rank == 0, timeout=PATIENCE)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=2, timeout=PATIENCE)
    pipe.send(part(rank))
    pipe.close()
