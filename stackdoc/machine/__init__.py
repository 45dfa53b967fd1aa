"""What the hardware is, as a class of machine, and what software runs on it.

Nothing here tells one individual from its twin.
"""

from __future__ import annotations

from stackdoc.machine.allotment import this_allotment
from stackdoc.machine.hardware import this_machine
from stackdoc.machine.software import this_software
from stackdoc.model.machine import Accelerator, Machine, Software

__all__ = ["Accelerator", "Machine", "Software", "this_allotment", "this_machine", "this_software"]
