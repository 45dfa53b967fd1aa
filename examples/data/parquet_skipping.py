# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyarrow>=17", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "Parquet: columns and row groups that are not read"
# devices = ["cpu"]
# environment = "data"
# ///
"""What a Parquet file lets a reader leave out: columns that nobody asks for, and row groups that can't hold a match.

A file is cut into row groups, and in each a column is stored together, with its least and its largest value in the
footer. A filter on a column by which the rows are sorted reads one group of many; the same filter on a column in
random order reads all of them, because every group's range holds the value. What has to be decoded is

    bytes = bytes of the file · columns asked for / columns · groups that may match / groups

for columns of equal size, so small groups skip more. They also cost: each has its own dictionary and footer entry.

Caveats. One thread, files in the page cache, so this is the cost of decoding and not of a disk or an object store,
where what is not read counts for more. Values are 64-bit and hardly compress. `pyarrow` skips by statistics alone;
it has no index of pages here and no Bloom filter.
"""

# %%
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

from stackdoc import Check, Work, example

ex = example()
pa.set_cpu_count(ex.threads)
ROWS, COLUMNS, KEPT = 400_000, 10, 400
random = np.random.default_rng(0)
table = pa.table(
    {
        "sorted": np.arange(ROWS),
        "shuffled": random.permutation(ROWS),
        **{f"value_{number}": random.standard_normal(ROWS) for number in range(COLUMNS - 2)},
    }
)


# %% [markdown]
# Rows of one value's range, by the sorted column and by the shuffled one. The footer says which groups may match.


# %%
def groups_that_may_match(path: Path, column: str) -> int:
    file = pq.ParquetFile(path)
    place = file.schema_arrow.get_field_index(column)
    parts = [file.metadata.row_group(group).column(place).statistics for group in range(file.num_row_groups)]
    return sum(part.min < KEPT for part in parts)


def found(path: Path, column: str) -> pa.Table:
    files = pyarrow.dataset.dataset(path)
    return files.to_table(["value_0"], filter=pyarrow.dataset.field(column) < KEPT, use_threads=False)


def of_rows(out: pa.Table, column: str) -> Check:
    mask = table[column].to_numpy() < KEPT
    expected = table["value_0"].to_numpy()[mask]
    return Check("the rows by NumPy", float(not np.array_equal(out["value_0"].to_numpy(), expected)), 0.0)


# %%
folder = Path(tempfile.mkdtemp(prefix="parquet-"))
try:
    for group_rows in ex.sweep("group_rows", [4_000, 40_000, 400_000], quick=[4_000, 400_000]):
        path = folder / f"table-{group_rows}.parquet"
        pq.write_table(table, path, row_group_size=group_rows, use_dictionary=False)
        groups = pq.read_metadata(path).num_row_groups
        ex.report("file-bytes", path.stat().st_size, unit="B", group_rows=group_rows)
        footer = pq.read_metadata(path).serialized_size
        ex.report("footer-bytes", footer, unit="B", group_rows=group_rows)
        timed = {}
        for columns in (1, COLUMNS):
            names = table.column_names[-columns:]
            timed[columns] = ex.measure(
                "read",
                lambda path=path, names=names: pq.read_table(path, columns=names, use_threads=False),
                label=f"{columns} of {COLUMNS} columns",
                columns=columns,
                group_rows=group_rows,
                work=Work(bytes=8 * ROWS * columns),
                check=lambda out, names=names: Check("the table", float(not out.equals(table.select(names))), 0.0),
            )
        slow, fast = timed[COLUMNS], timed[1]
        ex.ratio("pruning", slow=slow, fast=fast, label="all columns over one", group_rows=group_rows)
        for column in ("sorted", "shuffled"):
            share = groups_that_may_match(path, column) / groups
            ex.report("groups-read", share, unit="%", column=column, group_rows=group_rows)
            timed[column] = ex.measure(
                "filter",
                lambda path=path, column=column: found(path, column),
                label=f"a thousandth of the rows, by the {column} column",
                column=column,
                group_rows=group_rows,
                check=lambda out, column=column: of_rows(out, column),
            )
        slow, fast = timed["shuffled"], timed["sorted"]
        ex.ratio("push-down", slow=slow, fast=fast, label="shuffled over sorted", group_rows=group_rows)
finally:
    shutil.rmtree(folder)
