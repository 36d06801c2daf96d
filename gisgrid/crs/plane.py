"""Whether a CRS is the lon/lat plane itself, or bends straight lines of it."""

from __future__ import annotations

from functools import lru_cache

from gisgrid.crs.names import base_of, crs_of

SHIFTED = ("gcj02", "bd09")
"""Datums whose offset changes over a few hundred metres: straight lines do not stay straight."""


def base_name(name: str) -> str:
    """A CRS name without its "+swapped" and "+prefixed"."""
    return base_of(name)


@lru_cache(maxsize=256)
def is_lonlat(name: str) -> bool:
    """Whether lines that are straight in this CRS are straight in lon/lat, to well under a millimetre.

    Parameters
    ----------
    name : str
        As `gisgrid.crs.normalise` returns it.
    """
    base = base_name(name)
    return base not in SHIFTED and crs_of(base).is_geographic
