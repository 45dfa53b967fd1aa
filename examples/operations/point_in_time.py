# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "feast>=0.60", "pandas>=2", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "operations"
# title = "Features as they were: a join by time, and what leaks without one (Feast)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# ///
"""Training data joined with the features of their own time, against a join with the newest features.

A user's feature is what was spent in three days. It describes a date and is known at the midnight after it. An event
in the morning asks how much this user will spend in the day that has begun. A join by time gives each event the
newest value that was known then. A join by date, which looks as right, gives it the value that describes the day
itself, and so contains the answer. If days are independent, nothing can be foretold, and the correlation of feature
and answer is

    0 joined by time,          1 / √3 ≈ 0.58 joined by date

The second looks like a useful model in training, and falls away where it serves.

The join of the feature store is held against one written out with pandas (`merge_asof`), which has to give the same
numbers for the same events. Events before a user's first value, and those whose value is older than the view allows
(`ttl`), come back empty from pandas. The store's join over files leaves them out: a training set silently loses rows,
and not at random. Their share is reported. Then the values are written to the store for serving, and one read of it
must give the newest.

Caveats. The store is local: a Parquet file for training, SQLite for serving, with the time of a call of the library
most of each read. The data are made up, with a leak that is strong by design. Times are plain medians.
"""

# %%
import os
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ["FEAST_USAGE"] = "False"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  # the variable has to be there first
import pandas as pd  # noqa: E402
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig  # noqa: E402
from feast.types import Float64  # noqa: E402
from feast.value_type import ValueType  # noqa: E402

from stackdoc import close, example  # noqa: E402

ex = example()
USERS, DAYS, TTL_DAYS = 300, 14, 3
MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)
place = Path(tempfile.mkdtemp(dir=Path.cwd()))

# %% [markdown]
# What users spend, the feature that follows it, and events that ask for the day. A fifth of the users leave early.

# %%
random = np.random.default_rng(0)
spent = random.gamma(2.0, 10.0, size=(USERS, DAYS))
last = np.where(random.random(USERS) < 0.2, 7, DAYS)
features = pd.DataFrame(
    [
        (user, day, MIDNIGHT + timedelta(days=day + 1), spent[user, day - 2 : day + 1].sum())
        for user in range(USERS)
        for day in range(2, last[user])
    ],
    columns=["user", "date", "at", "spent"],
)
features.to_parquet(place / "features.parquet")
events = pd.DataFrame(
    [
        (user, day, MIDNIGHT + timedelta(days=day, hours=7), spent[user, day])
        for user in range(USERS)
        for day in (1, 5, 9, 13)
    ],
    columns=["user", "date", "event_timestamp", "answer"],
)

# %% [markdown]
# The feature store.

# %%
store = FeatureStore(
    config=RepoConfig(
        project="stack",
        registry=str(place / "registry.db"),
        provider="local",
        online_store={"type": "sqlite", "path": str(place / "online.db")},
        offline_store={"type": "file"},
        entity_key_serialization_version=3,
    )
)
user = Entity(name="user", join_keys=["user"], value_type=ValueType.INT64)
view = FeatureView(
    name="spending",
    entities=[user],
    ttl=timedelta(days=TTL_DAYS),
    schema=[Field(name="spent", dtype=Float64)],
    source=FileSource(path=str(place / "features.parquet"), timestamp_field="at"),
)
store.apply([user, view])


def timed(call: Any, count: int) -> tuple[Any, float]:
    taken = []
    for _ in range(count):
        began = perf_counter()
        out = call()
        taken.append(perf_counter() - began)
    return out, median(taken)


def joined() -> pd.DataFrame:
    job = store.get_historical_features(entity_df=events, features=["spending:spent"])
    return job.to_df().sort_values(["user", "event_timestamp"], kind="stable", ignore_index=True)


found, seconds = timed(joined, 3)
ex.report("join", seconds, unit="s", label="join by time, in the store", events=len(events))


# %% [markdown]
# The same with pandas, and without regard to time.


# %%
def by_hand() -> pd.DataFrame:
    return pd.merge_asof(
        events.sort_values("event_timestamp"),
        features.drop(columns="date").sort_values("at"),
        left_on="event_timestamp",
        right_on="at",
        by="user",
        tolerance=pd.Timedelta(days=TTL_DAYS),
    ).sort_values(["user", "event_timestamp"], kind="stable", ignore_index=True)


expected, seconds = timed(by_hand, 5)
ex.report("join-by-hand", seconds, unit="s", label="join by time, with pandas", events=len(events))
there = expected.dropna(subset=["spent"]).reset_index(drop=True)
same = found[["user", "date"]].astype(int).equals(there[["user", "date"]].astype(int))
if not same or not close(found["spent"].to_numpy(float), there["spent"].to_numpy(float)).ok:
    raise ValueError("the store and pandas join differently")
ex.report("lost", 1 - len(found) / len(events), unit="%", label="events that the store leaves out")
by_date = events.merge(features[["user", "date", "spent"]], how="left", on=["user", "date"])


def correlation(joined: pd.DataFrame) -> float:
    there = joined.dropna(subset=["spent"])
    return float(np.corrcoef(there["spent"].astype(float), there["answer"])[0, 1])


for how, table in {"time": found, "date": by_date}.items():
    label = f"feature with the answer, joined by {how}"
    ex.report("correlation", correlation(table), better="higher", label=label, join=how)
ex.report("correlation-expected", 3**-0.5, better="higher", label="by formula, joined by date")
if abs(correlation(by_date) - 3**-0.5) > 0.1 or abs(correlation(found)) > 0.15:
    raise ValueError("the leak is not what the formula gives")
newest = features.sort_values("at").groupby("user")["spent"].last()

# %% [markdown]
# For serving: the newest values in SQLite, and one read.

# %%
began = perf_counter()
store.materialize(MIDNIGHT, MIDNIGHT + timedelta(days=DAYS, hours=1))
ex.report("materialise", perf_counter() - began, unit="s", label="write the newest values for serving", users=USERS)
writing = int(np.flatnonzero(last == DAYS)[0])
answer, seconds = timed(
    lambda: store.get_online_features(features=["spending:spent"], entity_rows=[{"user": writing}]).to_dict(), 50
)
if not close(answer["spent"], [float(newest[writing])]).ok:
    raise ValueError(f"serving gives {answer['spent']}, the newest value is {newest[writing]}")
ex.report("read", seconds, unit="s", label="read one user's feature")
