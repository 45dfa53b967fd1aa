# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "site"
# title = "The power of a hall: devices that step together against devices that do not"
# devices = ["cpu"]
# profiles = ["full"]
# data = ["docs/data/laws/site.yml"]
# budget_seconds = 60
# launches = 9
# ///
"""A simulated hall of devices that compute and wait in turns: how far does its power swing, and how much lies idle?

A device draws one power while it computes and another while it waits: 700 W and 200 W, in a cycle of which four fifths
are computing. In training all devices wait for the same exchange, so they step together. In serving each has its own
requests, so they do not. The hall's power is added up over 20,000 moments.

`swing` is its standard deviation over its mean, for devices that step `together` or `apart`, and `law` the same by the
laws `swing-together` and `swing-apart`. `peak` is the highest of the moments over the sum of all devices at their
limit: what a plan by the limit leaves unused. `capped` is the share of moments in which a hall with so many devices
would exceed a supply that is planned for the mean plus 5 %.

Caveats. Two powers and nothing between; real devices have many, and inertia. Devices that step apart are independent,
which requests of one day are not: they come together at noon. Each launch draws its own offsets, so the interval over
launches is that of the simulation.
"""

# %%
import numpy as np

from stackdoc import example

ex = example()
BUSY, WAITING, SHARE = 700.0, 200.0, 0.8  # watts, watts, share of the cycle
MOMENTS, CYCLE = 20_000, 1.0
random = np.random.default_rng()

# %% [markdown]
# The hall's power at random moments: a device computes in the first four fifths of its cycle.


# %%
def power(devices: int, together: bool) -> np.ndarray:
    """Watts of the hall, one value a moment. Devices that step apart are at independent places of their cycles."""
    if together:
        place = random.random(MOMENTS)
        return devices * np.where(place < SHARE, BUSY, WAITING)
    busy = random.binomial(devices, SHARE, MOMENTS)
    return busy * BUSY + (devices - busy) * WAITING


# %% [markdown]
# By the number of devices.

# %%
mean = SHARE * BUSY + (1 - SHARE) * WAITING
for devices in ex.sweep("devices", [1, 8, 64, 512, 4096, 16384]):
    for way, together in (("together", True), ("apart", False)):
        watts = power(devices, together)
        law = ex.law(f"swing-{way}", devices=devices, busy=BUSY, waiting=WAITING, share=SHARE)
        label = f"{devices} devices, {way}"
        ex.report("swing", float(watts.std() / watts.mean()), unit="%", label=label, devices=devices, way=way)
        ex.report("law", law / (devices * mean), unit="%", label=f"{label}, by the law", devices=devices, way=way)
        ex.report("peak", float(watts.max() / (devices * BUSY)), unit="%", label=label, devices=devices, way=way)
        above = float((watts > 1.05 * devices * mean).mean())
        ex.report("capped", above, unit="%", label=label, devices=devices, way=way)
