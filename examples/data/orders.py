"""The table that data frames and engines are asked about: orders of a country, a quantity and a price, from a seed.

The question is the same for all: of the orders of at least two pieces, the revenue by country.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COUNTRIES, FILES, LEAST = 40, 4, 2
COLUMNS = ("country", "quantity", "price")


def table(rows: int) -> pa.Table:
    """Seven columns, of which the question needs three."""
    random = np.random.default_rng(0)
    return pa.table(
        {
            "id": np.arange(rows),
            "customer": random.integers(0, rows // 10 + 1, rows),
            "country": random.integers(0, COUNTRIES, rows),
            "quantity": random.integers(1, 6, rows),
            "price": random.lognormal(3, 1, rows),
            "discount": random.random(rows),
            "note": random.choice(["gift", "express", "return", "-"], rows),
        }
    )


def write(rows: int, folder: Path) -> list[str]:
    """Writes the table in four files of Parquet and returns their paths."""
    whole, step, paths = table(rows), rows // FILES, []
    for number in range(FILES):
        paths.append(str(folder / f"orders-{number}.parquet"))
        pq.write_table(whole.slice(number * step, step), paths[-1])
    return paths


def revenue(rows: int) -> list[float]:
    """The answer, by country, with NumPy alone."""
    whole = table(rows).slice(0, rows // FILES * FILES)
    country, quantity, price = (whole[name].to_numpy() for name in COLUMNS)
    kept = quantity >= LEAST
    return np.bincount(country[kept], (quantity * price)[kept], COUNTRIES).tolist()


def seconds_of(call: Callable[[], object], times: int = 5) -> float:
    """The median of some calls on the wall clock, after one that warms up: work in other processes has no other."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return median(taken)
