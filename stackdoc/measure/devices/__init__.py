"""Clocks, memory and energy of processors and accelerators."""
