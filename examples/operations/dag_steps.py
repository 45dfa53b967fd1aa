"""Graphs of tasks for Airflow, in a file of their own, since it reads them from a directory: chains and hand-overs.

A chain is one small function after another, each with the number that the one before it returned. In a hand-over one
task makes a list and the next one adds it up; it gets the list itself, or the path of a file that holds it.
"""

import json
import os
from pathlib import Path

from airflow.sdk import DAG, task

CHAINS, LENGTHS = (1, 3, 6, 12), (10, 100_000)
PRIME = 1_000_003


def step(number: int) -> int:
    for _ in range(2_000):
        number = (number * number + 7) % PRIME
    return number


def make(length: int) -> list[int]:
    return [number * number % PRIME for number in range(length)]


def write(length: int) -> str:
    path = Path(os.environ["AIRFLOW_HOME"]) / f"numbers-{length}.json"
    path.write_text(json.dumps(make(length)), encoding="ascii")
    return str(path)


def add(numbers: list[int]) -> int:
    return sum(numbers)


def read(path: str) -> int:
    return sum(json.loads(Path(path).read_text(encoding="ascii")))


chains: dict[int, DAG] = {}
for count in CHAINS:
    with DAG(dag_id=f"chain-{count}", schedule=None, catchup=False) as chains[count]:
        link = 1
        for place in range(count):
            link = task(task_id=f"step-{place}")(step)(link)

hand_overs: dict[tuple[str, int], DAG] = {}
for way, (first, second) in {"list": (make, add), "path": (write, read)}.items():
    for length in LENGTHS:
        with DAG(dag_id=f"{way}-{length}", schedule=None, catchup=False) as hand_overs[way, length]:
            task(task_id="take")(second)(task(task_id="give")(first)(length))
