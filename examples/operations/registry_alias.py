# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "mlflow>=3", "scikit-learn>=1.4", "sqlalchemy>=2", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "operations"
# title = "A model registry: register a version, find the one in use, load it (MLflow)"
# devices = ["cpu"]
# environment = "mlops"
# budget_seconds = 120
# launches = 3
# ///
"""What a registry adds between a trained model and the service that loads it.

A registry keeps versions under a name and lets an alias, such as `champion`, point at one of them. Registering is a
few rows in a database and no copy of the model: the version points at files, which is checked by counting their bytes
before and after. Loading by version asks the registry and reads the files then; by alias, it has to find the version
besides, so

    seconds by alias ≈ seconds by version + seconds to resolve the alias

How often the database is asked for one load is counted, in statements.

Registering is timed for the first versions of a name and after many more. A model that predicts its own number times
the input tells which version was loaded. The alias is moved while a model is loaded: what is in memory stays what it
was, and the next one to load gets the new version. Last, the files of a version are taken away: the registry still
lists it, and loading it fails.

Caveats. The store is a SQLite file on the same machine; a registry of a team is a server, which adds a request over
the network to each step. The model is tiny, so reading it says nothing about a large one. A call waits for the disk:
times are medians on the wall clock.
"""

# %%
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402  # the variable has to be there first
import numpy as np  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402
from sqlalchemy import Engine, event  # noqa: E402

from stackdoc import close, example  # noqa: E402

ex = example()
NAME, INPUT = "ranker", np.arange(1.0, 9.0)[:, None]
place = Path(tempfile.mkdtemp(dir=Path.cwd()))


def seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def stored_bytes() -> int:
    return sum(path.stat().st_size for path in (place / "models").rglob("*") if path.is_file())


# %% [markdown]
# The registry with its tables, and the models: number n predicts n times its input.

# %%
began = perf_counter()
mlflow.set_tracking_uri(f"sqlite:///{place}/registry.db")
client = mlflow.MlflowClient()
client.create_registered_model(NAME)
ex.report("create", perf_counter() - began, unit="s", label="make the registry, with its tables")


def saved(number: int) -> str:
    """The path of the files of a model, saved without asking what it needs: that would start another process."""
    model = LinearRegression().fit(INPUT, number * INPUT[:, 0])
    path = place / "models" / str(number)
    mlflow.sklearn.save_model(model, str(path), pip_requirements=["scikit-learn"], serialization_format="cloudpickle")
    return str(path)


def number_of(model: object) -> int:
    """Which model it is, from what it predicts."""
    found = model.predict(INPUT)  # type: ignore[attr-defined]
    number = round(float(found[0]))
    if not close(found, number * INPUT[:, 0], rtol=1e-9).ok:
        raise ValueError(f"the model predicts {found}, which no version does")
    return number


# %% [markdown]
# Registering, with few versions there and with many. The versions of the middle share their files with others.

# %%
FEW = 8
paths = [saved(number) for number in range(1, FEW + 1)]
before, taken = stored_bytes(), []
for path in paths:
    taken.append(seconds(lambda path=path: client.create_model_version(NAME, path)))
ex.report("register", median(taken), unit="s", label="register a version", there=FEW)
for many in ex.sweep("versions", [50, 200], quick=[50]):
    there = len(taken)
    taken += [seconds(lambda: client.create_model_version(NAME, paths[-1])) for _ in range(many - there)]
    ex.report("register", median(taken[-FEW:]), unit="s", label="register a version", there=many)
ex.report("model", before / FEW, unit="B", label="the files of a model")
ex.report("copied", stored_bytes() - before, unit="B", label="bytes of models more, after all versions")

# %% [markdown]
# How many statements one load sends to the database, counted where they are sent.


# %%
def statements(uri: str) -> int:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        mlflow.sklearn.load_model(uri)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)


# %% [markdown]
# The alias: set, resolved, and what a service loads by it.

# %%
CHAMPION = f"models:/{NAME}@champion"


def in_use() -> str:
    return str(client.get_model_version_by_alias(NAME, "champion").version)


times = 9 if ex.quick else 30
moves = [
    seconds(lambda turn=turn: client.set_registered_model_alias(NAME, "champion", turn % 2 + 2))
    for turn in range(times)
]
ex.report("move", median(moves), unit="s", label="set the alias to another version")
client.set_registered_model_alias(NAME, "champion", "3")
if in_use() != "3" or number_of(mlflow.sklearn.load_model(CHAMPION)) != 3:
    raise ValueError("the alias does not lead to the third version")
ex.report("resolve", resolve := median(seconds(in_use) for _ in range(times)), unit="s", label="resolve the alias")
loads = {"files": paths[2], "version": f"models:/{NAME}/3", "alias": CHAMPION}
load: dict[str, float] = {}
for way, uri in loads.items():
    load[way] = median(seconds(lambda uri=uri: mlflow.sklearn.load_model(uri)) for _ in range(times))
    ex.report("load", load[way], unit="s", label=f"load the model, by {way}", way=way)
    ex.report("statements", statements(uri), label=f"statements to the database, by {way}", way=way)
ex.report("load-expected", load["version"] + resolve, unit="s", label="by alias, by formula")
predict = mlflow.sklearn.load_model(CHAMPION)
ex.report(
    "predict", median(seconds(lambda: predict.predict(INPUT)) for _ in range(times)), unit="s", label="one use of it"
)

# %% [markdown]
# The alias moves while a model is in memory; and a version whose files are gone.

# %%
client.set_registered_model_alias(NAME, "champion", "5")
kept, fresh = number_of(predict), number_of(mlflow.sklearn.load_model(CHAMPION))
if (kept, fresh) != (3, 5):
    raise ValueError(f"in memory is model {kept}, newly loaded is {fresh}")
ex.report("in-memory", kept, label="the version in memory after the move")
ex.report("loaded-anew", fresh, label="the version that is loaded after it")
shutil.rmtree(paths[4])
if in_use() != "5":
    raise ValueError("the registry lost a version")
try:
    mlflow.sklearn.load_model(CHAMPION)
except (MlflowException, OSError):
    ex.report("lost", 1, label="versions listed whose files are gone, and loading failed")
else:
    raise ValueError("a model without files was loaded")
ex.report("database", (place / "registry.db").stat().st_size, unit="B", label="the registry's database")
