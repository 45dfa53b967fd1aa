# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "Sorting numbers"
# devices = ["cpu"]
# launches = 6
# ///
"""How long the library takes to sort numbers that lie in random order."""

import random

from stackdoc import example

# %%
ex = example()
for n in ex.sweep("n", [100, 1000]):
    numbers = [random.Random(1).random() for _ in range(n)]
    ex.measure("sorted", lambda numbers=numbers: sorted(numbers), n=n, label="sorted()")
