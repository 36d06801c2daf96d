"""Gaps, overlaps, protrusions and mis-nesting between each level of grids and the next coarser one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd

from gisgrid.frames import FindingFrame, FindingKind


@dataclass(frozen=True)
class Coverage:
    """How the grids of one level cover those of the nearest coarser level.

    Attributes
    ----------
    parent_level : int or None
        None where there is no coarser level: then gaps are enclosed holes.
    child_level : int
    findings : FindingFrame
        All that survive the noise filters, largest first.
    noise : mapping of FindingKind to int
        How many did not.
    undivided : tuple of int
        Parents without any child.
    edge_mismatches : GeoDataFrame
        Lines along which neighbours lack each other's vertices: `parent`
        (Int64) and `length_m`. They are no gaps.
    allowed_area_m2 : float
        Gap area that the allowed-gaps layer excuses.
    """

    parent_level: int | None
    child_level: int
    findings: FindingFrame
    noise: Mapping[FindingKind, int]
    undivided: tuple[int, ...]
    edge_mismatches: gpd.GeoDataFrame
    allowed_area_m2: float

    @property
    def edge_matched(self) -> bool:
        """Whether neighbours share every vertex of their common edges."""
        return self.edge_mismatches.empty
