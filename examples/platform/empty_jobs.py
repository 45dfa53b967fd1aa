# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "platform"
# title = "A queue of jobs: what an empty one costs, what a queued one waits, what never starts (Slurm)"
# devices = ["cpu"]
# needs = ["slurmctld", "slurmd", "sbatch"]
# budget_seconds = 120
# launches = 3
# ///
"""What it costs to hand Slurm an empty job, on a cluster of one node with two processors that starts and ends here.

Controller and node are Slurm's own daemons; the node is told that it has two processors. The empty command is called,
then run as a job that is waited for (`srun`), as a step of an allocation that is held already, and handed over without
waiting (`sbatch`), which returns when it is in the queue. So of work in jobs

    useful share = length / (length + seconds of an empty job)

Then four jobs of one processor are handed over at once; two run at a time. Slurm starts batch jobs only when its
scheduler looks: once a second, and no sooner than `batch_sched_delay` after it looked last, which is 3 s by default.
So the first pair waits up to such a period, by chance, and the second starts after the first by

    larger of (length, period)

by the clocks of the jobs themselves, tried with a delay of none and with the default. Checked: all four ran, never
more than two at once, in the order they came.

A job that asks for more memory than the node has is refused. One that asks for more time than the partition allows is
not, in Slurm's default: it stays in the queue for ever. Both are tried, and the reason that the queue gives is read.

Caveats. One node, no network, an empty queue: on a cluster it is other people's jobs that a job waits for. No accounts,
no limits, no cgroups, and messages are not authenticated (`auth/none`), which a cluster does. Times are plain medians.
Without any network Slurm finds no address: the example then gives the loopback a second one, which takes root.
"""

# %%
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from stackdoc import example

ex = example()
PROCESSORS = 2
place = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))  # a socket's path may not be long
host = socket.gethostname().partition(".")[0]


# %% [markdown]
# One node, and its controller.


# %%
def with_an_address() -> None:
    """Slurm looks for addresses of the kinds that the machine has, and a loopback's first one doesn't count."""
    try:
        socket.getaddrinfo("127.0.0.1", 0, socket.AF_INET, flags=socket.AI_ADDRCONFIG)
    except socket.gaierror:
        subprocess.run(["ip", "address", "add", "127.0.0.2/8", "dev", "lo"], check=True)


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


ports = free_ports(2)


def configured(more: str = "") -> None:
    """Writes the configuration; without more, with the defaults of the scheduler."""
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    for name in ("state", "spool"):
        (place / name).mkdir(exist_ok=True)
    lines = f"""
    ClusterName=stackdoc
    SlurmctldHost={host}(127.0.0.1)
    SlurmctldPort={ports[0]}
    SlurmdPort={ports[1]}
    SlurmUser={user}
    SlurmdUser={user}
    AuthType=auth/none
    CredType=cred/none
    MpiDefault=none
    {more}
    ProctrackType=proctrack/linuxproc
    TaskPlugin=task/none
    SelectType=select/cons_tres
    SelectTypeParameters=CR_Core
    AccountingStorageType=accounting_storage/none
    SlurmdParameters=config_overrides
    StateSaveLocation={place}/state
    SlurmdSpoolDir={place}/spool
    SlurmctldPidFile={place}/controller.pid
    SlurmdPidFile={place}/node.pid
    SlurmctldLogFile={place}/controller.log
    SlurmdLogFile={place}/node.log
    NodeName={host} NodeAddr=127.0.0.1 CPUs={PROCESSORS} RealMemory=1000 State=UNKNOWN
    PartitionName=main Nodes={host} Default=YES MaxTime=5 State=UP
    """
    (place / "slurm.conf").write_text("\n".join(map(str.strip, lines.splitlines())), encoding="utf-8")
    os.environ["SLURM_CONF"] = str(place / "slurm.conf")


def said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    return done.stdout if done.returncode == 0 else done.stderr


def until(command: tuple[str, ...], answer: str) -> None:
    """Until the command says that."""
    ends = time.monotonic() + 60
    while (now := said(*command).strip()) != answer:
        if any(daemon.poll() is not None for daemon in daemons) or time.monotonic() > ends:
            raise RuntimeError(f"{' '.join(command)} says {now!r}, not {answer!r}")
        time.sleep(0.05)


def seconds(command: tuple[str, ...], count: int) -> float:
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=place)
        taken.append(time.perf_counter() - began)
    return median(taken)


# %% [markdown]
# The empty command, four ways.


# %%
def of_steps(count: int) -> float:
    """Of a step of an allocation, by the clock of a shell that holds it."""
    timed = "s=$(date +%s%N); srun --quiet true; e=$(date +%s%N); echo $((e - s));"
    lines = said("salloc", "--quiet", "--ntasks=1", "sh", "-c", timed * count).split()
    if len(lines) != count:
        raise ValueError(f"{len(lines)} steps of {count}: {lines}")
    return median(map(int, lines)) / 1e9


def script(name: str, text: str) -> str:
    (place / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    return name


daemons: list[subprocess.Popen[bytes]] = []
try:
    with_an_address()
    configured("SchedulerParameters=batch_sched_delay=0")
    began = time.perf_counter()
    for command in (["slurmctld", "-D"], ["slurmd", "-D", "-N", host]):
        daemons.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=place))
    until(("sinfo", "--noheader", "--format=%T"), "idle")
    ex.report("start", time.perf_counter() - began, unit="s", label="from the start until the node is idle")
    subprocess.run(["srun", "--quiet", "true"], check=True, cwd=place)  # the first one waits for the controller
    empty = script("empty.sh", "true")
    ways = {
        "called": seconds(("true",), 20),
        "step": of_steps(7),
        "srun": seconds(("srun", "--quiet", "--ntasks=1", "true"), 7),
        "sbatch": seconds(("sbatch", "--quiet", "--ntasks=1", "--output=none", empty), 3),
    }
    labels = {
        "called": "called",
        "step": "a step of an allocation",
        "srun": "a job, waited for",
        "sbatch": "handed over",
    }
    for way, taken in ways.items():
        ex.report("empty", taken, unit="s", label=f"an empty command: {labels[way]}", way=way)
    for length in (1, 10, 60):
        share = length / (length + ways["srun"])
        ex.report("useful", share, unit="%", better="higher", label="useful share, by formula", seconds=length)
    until(("squeue", "--noheader"), "")

    # %% [markdown]
    # Four jobs for two processors, without the scheduler's delay and with it.

    # %%
    jobs, length = 4, 0.5
    own = script("own.sh", f"date +%s%N; sleep {length}; date +%s%N")
    for delay in (0, 3):
        if delay:
            configured()
            subprocess.run(["scontrol", "reconfigure"], check=True, cwd=place)
        handed = time.time()
        for job in range(jobs):
            subprocess.run(["sbatch", "--quiet", "--ntasks=1", f"--output=job-{job}", own], check=True, cwd=place)
        until(("squeue", "--noheader"), "")
        spans = [[int(word) / 1e9 for word in (place / f"job-{job}").read_text().split()] for job in range(jobs)]
        at_once = max(sum(start <= at < end for start, end in spans) for at, _ in spans)
        starts = [start for start, _ in spans]
        # Two that start together may do so in either order.
        if at_once > PROCESSORS or any(late < early for early, late in zip(starts, starts[PROCESSORS:], strict=False)):
            raise ValueError(f"{at_once} at once, started at {starts}")
        label = f"a delay of {delay} s"
        for job, start in enumerate(starts, 1):
            ex.report("waited", start - handed, unit="s", label=f"waited, {label}", delay=delay, job=job)
        between = starts[2] - starts[0]
        ex.report(
            "between", between, unit="s", label=f"from the first pair's start to the second's, {label}", delay=delay
        )
        ex.report("between-expected", max(length, delay, 1), unit="s", label=f"by formula, {label}", delay=delay)
        whole = max(end for _, end in spans) - handed
        ex.report("whole", whole, unit="s", label=f"four jobs of half a second, {label}", delay=delay)

    # %% [markdown]
    # Two jobs that can't run.

    # %%
    refused = said("sbatch", "--mem=100000", empty)
    queued = said("sbatch", "--parsable", "--time=60", empty).strip()
    until(("squeue", "--noheader", "--format=%T %r", f"--jobs={queued}"), "PENDING PartitionTimeLimit")
    if "not available" not in refused:
        raise ValueError(f"100 GB on a node with one: {refused}")
    ex.show(f"too much memory: {refused}\ntoo much time: PENDING PartitionTimeLimit")
finally:
    for daemon in reversed(daemons):
        daemon.terminate()
        daemon.wait()
    shutil.rmtree(place, ignore_errors=True)
