# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "evidently>=0.7", "pandas>=2", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "operations"
# title = "Alarms of a drift report where nothing drifts, and where something does (Evidently)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 180
# ///
"""How often a drift report with its defaults calls a column drifted, when no column is, and when two of eight are
shifted.

Evidently chooses its test by the size of the reference. Up to a thousand rows, a number's column is tested by the
distance of two distributions (Kolmogorov and Smirnov) at a level of 0.05; above, by how far the mass of one has to be
moved to give the other (Wasserstein), in standard deviations, and the alarm is at 0.1. A test at a level has a known
rate of false alarms: with c independent columns at least one is called drifted in

    1 − (1 − 0.05)^c

of the reports, about a third for eight. A threshold on a distance has no level: false alarms vanish with many rows,
and so does what is smaller than the threshold. A shift by s standard deviations is a distance of s, so a shift below
0.1 is not seen, however certain it is.

Drawn here: reports on independent normal columns, with a reference and a window of the same size, in which nothing
changes, or two columns shift. Counted: columns called drifted, reports with any such column. The time of a report
comes with it.

Caveats. A report says “dataset drift” only when half of the columns drift; that verdict is quieter than what is
counted here. Real columns are neither normal nor independent. One level for all columns is a default that can be
changed, as can the test.
"""

# %%
import os
import warnings
from statistics import median
from time import perf_counter

os.environ["DO_NOT_TRACK"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  # the variable has to be there first
import pandas as pd  # noqa: E402
from evidently import Report  # noqa: E402
from evidently.metrics import ValueDrift  # noqa: E402

from stackdoc import example  # noqa: E402

ex = example()
COLUMNS, SHIFTED, LEVEL = 8, 2, 0.05
NAMES = [f"feature-{number}" for number in range(COLUMNS)]
random = np.random.default_rng(0)


# %%
def table(rows: int, shift: float) -> pd.DataFrame:
    values = random.standard_normal((rows, COLUMNS))
    values[:, :SHIFTED] += shift
    return pd.DataFrame(values, columns=NAMES)


def drifted(reference: pd.DataFrame, window: pd.DataFrame) -> tuple[list[bool], str]:
    """For each column, whether the report calls it drifted; the name of the test that it chose."""
    report = Report([ValueDrift(column=name) for name in NAMES]).run(window, reference).dict()
    found = [
        (metric["value"], metric["config"]["method"], metric["config"]["threshold"]) for metric in report["metrics"]
    ]
    if len({method for _, method, _ in found}) != 1:
        raise ValueError("the columns are tested in different ways")
    method, threshold = found[0][1:]
    return [value < threshold if "p_value" in method else value >= threshold for value, *_ in found], method


# %% [markdown]
# Nothing changes: columns and reports that are called drifted, by the number of rows.

# %%
REPORTS = 12 if ex.quick else 40
METHODS = {500: "K-S p_value", 2000: "Wasserstein distance (normed)"}
taken: dict[int, list[float]] = {rows: [] for rows in METHODS}


def alarms(rows: int, shift: float, reports: int) -> np.ndarray:
    """One row a report, one column a feature."""
    found = []
    for _ in range(reports):
        began = perf_counter()
        flags, method = drifted(table(rows, 0.0), table(rows, shift))
        taken[rows].append(perf_counter() - began)
        if method != METHODS[rows]:
            raise ValueError(f"{rows} rows are tested by {method}")
        found.append(flags)
    return np.array(found)


for rows in ex.sweep("rows", [*METHODS]):
    seen = alarms(rows, 0.0, REPORTS)
    ex.report("false-columns", float(seen.mean()), unit="%", label="columns called drifted, none is", rows=rows)
    ex.report("false-reports", float(seen.any(axis=1).mean()), unit="%", label="reports with such a column", rows=rows)
expected = 1 - (1 - LEVEL) ** COLUMNS
ex.report("false-reports-expected", expected, unit="%", label="by formula, up to a thousand rows")

# %% [markdown]
# Two of eight columns shift: how many of the two are found.

# %%
for rows in ex.sweep("rows", [*METHODS]):
    for shift in ex.sweep("shift", [0.05, 0.1, 0.2, 0.4], quick=[0.05, 0.1, 0.2]):
        seen = alarms(rows, shift, REPORTS // 3)[:, :SHIFTED]
        label = "shifted columns that are found"
        ex.report("found", float(seen.mean()), unit="%", better="higher", label=label, rows=rows, shift=shift)
    ex.report("report", median(taken[rows]), unit="s", label="one report on eight columns", rows=rows)
