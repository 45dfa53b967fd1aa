"""Ask torch which devices it can use: `python -m stackdoc.measure.devices.ask` prints a reason a device, as JSON.

It runs in a separate process, since asking imports torch and starts drivers.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from stackdoc.machine.backends import ACCELERATED, BACKENDS, backend_of

LONGEST = 200  # characters of a reason
TRIED = 2.0  # the sum of two ones


def reasons(torch: Any) -> dict[str, str]:
    """Why torch can't compute on each kind of device; empty for those on which it did."""
    return {device: reason(torch, device) for device in ACCELERATED}


def reason(torch: Any, device: str) -> str:
    """Torch's own words where it was built for the device and fails.

    The smallest sum shows most faults: it needs a recent driver, a visible device, and kernels for its architecture.
    """
    if backend_of(torch, device) is None:
        labels = " or ".join(one.label for one in BACKENDS if one.device == device)
        return f"torch {torch.__version__} was not built for {labels}"
    try:
        result = float(torch.ones(2, device=device).sum().item())
    except Exception as error:  # a driver may raise anything
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return first[:LONGEST]
    return "" if result == TRIED else f"torch computes {result:g} for 1 + 1 on it"


def main() -> int:
    try:
        import torch
    except Exception as error:  # an import may raise anything too
        message = f"torch can't be imported: {type(error).__name__}: {error}"[:LONGEST]
        print(json.dumps(dict.fromkeys(ACCELERATED, message)))
        return 0
    print(json.dumps(reasons(torch)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
