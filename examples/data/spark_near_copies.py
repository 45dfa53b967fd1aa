# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "pyspark>=4", "pyarrow>=17", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "Spark in local mode: copies, near copies, and its fixed cost"
# devices = ["cpu"]
# environment = "data"
# needs = ["java"]
# budget_seconds = 150
# launches = 2
# ///
"""Texts are cleaned of copies and of near copies by Spark, and the common question of this layer is put to it.

A near copy is found by the fingerprints of its three-word sequences: for each of several hash functions the least
value over all sequences of a text is kept. Two texts share such a value with the probability of their Jaccard
similarity J, so with b bands of r values each they meet in at least one band with

    P = 1 − (1 − Jʳ)ᵇ

That is predicted for the pairs that were planted, from their J, and held against the share that was found.

Spark plans before it runs: the filter and the columns go down into the reader of Parquet, and `row-groups` of the
plan say so. The session, in a Java process of its own, takes seconds to start; every question has a floor however
few its rows.

Caveats. One machine, two threads, four partitions after a shuffle instead of the default 200, which would cost more
than the work. No network and no disk are seen, and Spark is made for where they are. Times of the wall clock,
medians of three calls after one that warms up: the virtual machine compiles as it runs, and the first calls are
slower.
"""

# %%
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYARROW_IGNORE_TIMEZONE": "1"}
import orders
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from stackdoc import close, example

ex = example()
WORDS, LENGTH, BANDS, VALUES, CHANGED = 400, 40, 8, 2, 2
folder = Path(tempfile.mkdtemp(prefix="spark-"))

began = time.perf_counter()
settings = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.memory": "1g",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.local.dir": str(folder),
    "spark.sql.warehouse.dir": str(folder),
}
builder = SparkSession.builder.master("local[2]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
ex.report("start", time.perf_counter() - began, unit="s", label="a session")

# %% [markdown]
# Texts of random words; of some there is a copy, of others one with two words changed.

# %%
draw = random.Random(0)
words = [f"w{number}" for number in range(WORDS)]


def changed(text: str) -> str:
    parts = text.split()
    for place in draw.sample(range(LENGTH), CHANGED):
        parts[place] = draw.choice(words)
    return " ".join(parts)


def sequences(text: str) -> set[tuple[str, ...]]:
    parts = text.split()
    return set(zip(parts, parts[1:], parts[2:], strict=False))


def similarity(one: str, other: str) -> float:
    a, b = sequences(one), sequences(other)
    return len(a & b) / len(a | b)


# %%
def bands(texts: DataFrame) -> DataFrame:
    """A row for each text and band: the least hashes over its three-word sequences."""
    split = texts.withColumn("w", F.split("text", " "))
    three = split.withColumn(
        "s", F.expr("transform(sequence(0, size(w) - 3), i -> concat_ws(' ', slice(w, i + 1, 3)))")
    )
    least = [F.expr(f"array_min(transform(s, x -> xxhash64(x, {number})))") for number in range(BANDS * VALUES)]
    keys = [F.concat_ws("-", F.lit(band), *least[VALUES * band : VALUES * (band + 1)]) for band in range(BANDS)]
    return three.select("id", F.explode(F.array(*keys)).alias("band"))


def pairs(texts: DataFrame) -> set[tuple[int, int]]:
    found = bands(texts)
    other = found.withColumnRenamed("id", "other")
    joined = found.join(other, "band").where("id < other").select("id", "other").distinct()
    return {(row["id"], row["other"]) for row in joined.collect()}


try:
    for count in ex.sweep("texts", [2_000, 10_000], quick=[2_000]):
        texts = [" ".join(draw.choices(words, k=LENGTH)) for _ in range(count)]
        copies, near = texts[: count // 10], [changed(text) for text in texts[: count // 10]]
        planted = {(index, 2 * count + index) for index in range(count // 10)}
        rows = [*enumerate(texts), *((count + index, text) for index, text in enumerate(copies))]
        rows += [(2 * count + index, text) for index, text in enumerate(near)]
        table = spark.createDataFrame(rows, ["id", "text"]).repartition(4).cache()
        table.count()

        left = table.dropDuplicates(["text"]).count()
        if left != len({text for _, text in rows}):
            raise ValueError(f"{left} texts are left, which are not the distinct ones")
        exact = orders.seconds_of(lambda table=table: table.dropDuplicates(["text"]).count(), 3)
        ex.report("distinct", exact, unit="s", label="without copies", texts=count)

        single = table.where(~F.col("id").between(count, 2 * count - 1)).cache()
        found = pairs(single)
        ex.report("near", orders.seconds_of(lambda single=single: pairs(single), 3), unit="s", texts=count)
        expected = [1 - (1 - similarity(texts[i], near[i]) ** VALUES) ** BANDS for i in range(len(near))]
        ex.report("recall", len(found & planted) / len(planted), unit="%", better="higher", texts=count)
        ex.report("recall-by-formula", sum(expected) / len(expected), unit="%", better="higher", texts=count)
        ex.report("false-pairs", len(found - planted), unit="pairs", texts=count)

    # %% [markdown]
    # The common question, and one that has nothing to do.

    # %%
    nothing = orders.seconds_of(lambda: spark.range(1).count(), 5)
    ex.report("floor", nothing, unit="s", label="a question with one row")
    for rows in ex.sweep("rows", [200_000, 2_000_000], quick=[200_000]):
        paths, right = orders.write(rows, folder), orders.revenue(rows)

        def question(paths: list[str] = paths) -> DataFrame:
            kept = spark.read.parquet(*paths).where(F.col("quantity") >= orders.LEAST)
            return kept.groupBy("country").agg(F.sum(F.col("quantity") * F.col("price")).alias("revenue"))

        def answer(question: DataFrame) -> list[float]:
            return [row["revenue"] for row in sorted(question.collect(), key=lambda row: row["country"])]

        got = answer(question())
        if not close(got, right, rtol=1e-9).ok:
            raise ValueError("another answer than NumPy's")
        seconds = orders.seconds_of(lambda question=question, answer=answer: answer(question()), 3)
        ex.report("question", seconds, unit="s", label="Spark", engine="spark", rows=rows)
        ex.report("revenue", sum(got), better="higher", engine="spark", rows=rows)
        plan = question()._jdf.queryExecution().executedPlan().toString()
        if "PushedFilters: [IsNotNull(quantity), GreaterThanOrEqual(quantity,2)]" not in plan:
            raise ValueError("the filter has not gone down into the reader")
        ex.show(plan)
finally:
    spark.stop()
    shutil.rmtree(folder, ignore_errors=True)
