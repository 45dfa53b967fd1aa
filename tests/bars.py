"""The bars that figures must pass to count as true, and what a run of `make truth` says of each."""

from __future__ import annotations

BARS = {
    1: "agrees with timeit and torch.utils.benchmark, in turns: 2 % from 1 ms up, 3 % below",
    2: "a known duration within 1 % + 1 µs; a neighbour on the same core is told as shared",
    3: "identical code called different in at most 10 %; 1.25 times the work found in at least 90 %; "
    "at most 5 % of verdicts wrong",
    4: "95 % intervals cover the long-run median in 90 to 99 %",
    5: "order, neighbours and parallel checks change no figure",
    6: "every number of the built pages is its record's",
    7: "within 3 % of triton's do_bench; a missing synchronise, zeros and impossible rates are refused",
}
