# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyarrow>=17", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "One column of eleven: CSV, Parquet and Arrow"
# devices = ["cpu"]
# claims = ["columnar-formats-read-less", "arrow-shares-without-copying"]
# budget_seconds = 60
# ///
"""The sum of one column, read from a table of eleven stored five ways.

CSV has no place where a column begins: all of the file is read and split. Parquet keeps each column together,
encoded and compressed: one column is read and decoded. An Arrow file holds the bytes as they are used in memory:
mapped, it is read by being touched, and nothing is allocated.

CSV loses for two reasons, the layout and the text that has to be parsed. So the layout is tried alone: the same table
as binary records, one row after another, and as binary columns, both mapped and summed by NumPy. Neither is parsed.
What a sum must touch are the cache lines in which its column lies: a line of 64 bytes for each record of 88, and eight
values in a line for columns.

    seconds ≥ bytes touched / bandwidth

Beside the time stand the file's size, the bytes of it that had to be read, and the memory allocated.

Caveats. One thread. The files are in the page cache after the first read, so this is the cost of the format and
not of a disk. Ten columns of normally distributed numbers hardly compress; real tables favour Parquet more.
"""

# %%
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.random import default_rng

from stackdoc import Check, Work, example

ex = example()
pa.set_cpu_count(ex.threads)
COLUMNS = 11


# %% [markdown]
# The table: an integer key and ten measurements.


# %%
def table(rows: int) -> pa.Table:
    random = default_rng(0)
    names = [f"value_{index}" for index in range(COLUMNS - 1)]
    return pa.table({"key": random.permutation(rows), **{name: random.standard_normal(rows) for name in names}})


def write(rows: int, folder: Path) -> dict[str, Path]:
    data = table(rows)
    paths = {suffix: folder / f"table.{suffix}" for suffix in ("csv", "parquet", "arrow")}
    pa.csv.write_csv(data, paths["csv"])
    pa.parquet.write_table(data, paths["parquet"])
    with pa.OSFile(str(paths["arrow"]), "wb") as file, pa.ipc.new_file(file, data.schema) as writer:
        writer.write_table(data)
    return paths


# %% [markdown]
# Three ways to the same column.

# %%
COLUMN = "value_7"


def from_csv(path: Path) -> pa.ChunkedArray:
    convert = pa.csv.ConvertOptions(include_columns=[COLUMN])
    return pa.csv.read_csv(path, pa.csv.ReadOptions(use_threads=False), convert_options=convert)[COLUMN]


def from_parquet(path: Path) -> pa.ChunkedArray:
    return pa.parquet.read_table(path, columns=[COLUMN], use_threads=False)[COLUMN]


def from_arrow(path: Path) -> pa.ChunkedArray:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()[COLUMN]


READERS = {"csv": from_csv, "parquet": from_parquet, "arrow": from_arrow}
LABELS = {"csv": "CSV", "parquet": "Parquet", "arrow": "Arrow, mapped"}


# %%
def bytes_read(format: str, path: Path, column: pa.ChunkedArray) -> int:
    """The bytes of the file without which the column cannot be had."""
    if format == "csv":
        return path.stat().st_size
    if format == "arrow":
        return column.nbytes
    metadata = pa.parquet.read_metadata(path)
    chunks = (metadata.row_group(group).column(COLUMNS - 3) for group in range(metadata.num_row_groups))
    return sum(chunk.total_compressed_size for chunk in chunks)


def allocated(format: str, path: Path) -> int:
    before = pa.total_allocated_bytes()
    column = READERS[format](path)
    after = pa.total_allocated_bytes()
    return after - before if len(column) else 0


# %% [markdown]
# Each way must give the sum of the column that was written.

# %%
for rows in ex.sweep("rows", [20_000, 200_000], quick=[20_000]):
    folder = Path(tempfile.mkdtemp(prefix="columnar-"))
    try:
        paths = write(rows, folder)
        expected = pc.sum(table(rows)[COLUMN]).as_py()
        timed = {}
        for format, path in paths.items():

            def check(total: float, expected: float = expected) -> Check:
                return Check("the column as written", abs(total - expected) / abs(expected), 1e-9)

            timed[format] = ex.measure(
                format,
                lambda format=format, path=path: pc.sum(READERS[format](path)).as_py(),
                rows=rows,
                work=Work(bytes=8 * rows),
                dtype="float64",
                label=LABELS[format],
                check=check,
            )
            read = bytes_read(format, path, READERS[format](path))
            ex.report("file-bytes", path.stat().st_size, unit="B", better="lower", format=format, rows=rows)
            ex.report("bytes-read", read, unit="B", better="lower", format=format, rows=rows)
            ex.report("allocated", allocated(format, path), unit="B", better="lower", format=format, rows=rows)
        for format in ("parquet", "arrow"):
            label = f"CSV over {LABELS[format]}"
            ex.ratio(f"csv-to-{format}", slow=timed["csv"], fast=timed[format], label=label, rows=rows)
    finally:
        shutil.rmtree(folder)

# %% [markdown]
# The layout alone: binary records and binary columns, mapped. The larger table leaves most caches.


# %%
def binary(rows: int, folder: Path) -> dict[str, np.ndarray]:
    """The column of each layout, a view of a mapped file."""
    data = table(rows)
    kinds = [(name, data[name].type.to_pandas_dtype()) for name in data.column_names]
    records = np.empty(rows, kinds)
    for name, _ in kinds:
        records[name] = data[name].to_numpy()
    records.tofile(folder / "records")
    with (folder / "columns").open("wb") as file:
        for name in data.column_names:
            file.write(data[name].to_numpy().tobytes())
    mapped = np.memmap(folder / "columns", np.float64, "r", 8 * rows * data.column_names.index(COLUMN), (rows,))
    return {"records": np.memmap(folder / "records", kinds, "r")[COLUMN], "columns": mapped}


for rows in ex.sweep("rows", [20_000, 200_000, 2_000_000], quick=[20_000, 200_000]):
    folder = Path(tempfile.mkdtemp(prefix="binary-"))
    try:
        expected = pc.sum(table(rows)[COLUMN]).as_py()
        for layout, column in binary(rows, folder).items():
            touched = rows * (64 if layout == "records" else 8)
            seconds = ex.roofs.time(bytes=touched)
            ex.predict(layout, seconds, "bytes touched / bandwidth", rows=rows)
            timed[layout] = ex.measure(
                layout,
                lambda column=column: float(column.sum()),
                rows=rows,
                work=Work(flop=rows),
                dtype="float64",
                label=f"binary {layout}, mapped",
                check=lambda total, expected=expected: abs(total - expected) <= 1e-9 * abs(expected),
            )
        label = "records over columns"
        ex.ratio("records-to-columns", slow=timed["records"], fast=timed["columns"], label=label, rows=rows)
    finally:
        shutil.rmtree(folder)
