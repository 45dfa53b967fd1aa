"""The SI and binary prefixes of units."""

from __future__ import annotations

from collections.abc import Mapping

# By name: the symbol and the exponent.
DECIMAL: Mapping[str, tuple[str, int]] = {
    **{"femto": ("f", -15), "pico": ("p", -12), "nano": ("n", -9), "micro": ("µ", -6), "milli": ("m", -3)},
    **{"kilo": ("k", 3), "mega": ("M", 6), "giga": ("G", 9), "tera": ("T", 12), "peta": ("P", 15), "exa": ("E", 18)},
    **{"zetta": ("Z", 21), "yotta": ("Y", 24)},
}
BINARY: Mapping[str, tuple[str, int]] = {
    **{"kibi": ("Ki", 10), "mebi": ("Mi", 20), "gibi": ("Gi", 30), "tebi": ("Ti", 40), "pebi": ("Pi", 50)},
}
