# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyarrow>=17", "pandas>=2", "polars>=1", "duckdb>=1", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "One question to four data frames in one process"
# devices = ["cpu"]
# environment = "data"
# ///
"""Revenue by country from four Parquet files: filter, a product of two columns, a sum by group; files in, answer out.

Arrow and pandas are told which columns to read. Polars and DuckDB are given the whole files and a question, and
find that out themselves: both plan before they read. pandas reads all columns once more, as many programs do, to
say what that costs.

Each answer must be the one by NumPy. One thread each, set in the way that each library has for it: a pool that is
left alone takes every core and can't be compared.

Caveats. A table of some hundred thousand rows, in the page cache. The work is small, so fixed costs weigh: planning
a query, starting a scan. Strings and joins, where these libraries differ most, are not asked for.
"""

# %%
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # read when it is imported
import duckdb
import orders
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stackdoc import close, example

ex = example()
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
duckdb.execute("SET threads = 1")
COLUMNS, LEAST = list(orders.COLUMNS), orders.LEAST


# %%
def arrow(paths: list[str]) -> list[float]:
    whole = pa.concat_tables(pq.read_table(path, columns=COLUMNS, use_threads=False) for path in paths)
    kept = whole.filter(pc.greater_equal(whole["quantity"], LEAST))
    kept = kept.append_column("revenue", pc.multiply(pc.cast(kept["quantity"], "float64"), kept["price"]))
    grouped = kept.group_by("country", use_threads=False).aggregate([("revenue", "sum")])
    return grouped.sort_by("country")["revenue_sum"].to_pylist()


def pandas(paths: list[str], columns: list[str] | None = COLUMNS) -> list[float]:
    whole = pd.concat(pd.read_parquet(path, columns=columns, use_threads=False) for path in paths)
    kept = whole[whole["quantity"] >= LEAST]
    return (kept["quantity"] * kept["price"]).groupby(kept["country"]).sum().tolist()


def polars(paths: list[str]) -> list[float]:
    question = pl.scan_parquet(paths).filter(pl.col("quantity") >= LEAST).group_by("country")
    answer = question.agg((pl.col("quantity") * pl.col("price")).sum().alias("revenue"))
    return answer.sort("country").collect()["revenue"].to_list()


def duck(paths: list[str]) -> list[float]:
    query = f"""SELECT sum(quantity * price) FROM read_parquet($paths) WHERE quantity >= {LEAST}
                GROUP BY country ORDER BY country"""
    return [row[0] for row in duckdb.execute(query, {"paths": paths}).fetchall()]


ENGINES: dict[str, Callable[[list[str]], list[float]]] = {
    "arrow": arrow,
    "pandas": pandas,
    "pandas-all-columns": lambda paths: pandas(paths, None),
    "polars": polars,
    "duckdb": duck,
}

# %%
for rows in ex.sweep("rows", [200_000, 2_000_000], quick=[200_000]):
    folder = Path(tempfile.mkdtemp(prefix="frames-"))
    try:
        paths, expected = orders.write(rows, folder), orders.revenue(rows)
        for name, engine in ENGINES.items():
            ex.measure(
                "question",
                lambda engine=engine, paths=paths: engine(paths),
                label=name,
                engine=name,
                rows=rows,
                check=lambda out, expected=expected: close(out, expected, rtol=1e-9, against="NumPy"),
            )
            ex.report("revenue", sum(engine(paths)), better="higher", engine=name, rows=rows)
    finally:
        shutil.rmtree(folder)
