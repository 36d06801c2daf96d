"""Coordinates that were only rounded on their way, put back where the draft has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.edges import directed_edges
from gisgrid.spatial.editing.snapping import SNAP_DEG, snap_points

Areal: TypeAlias = shapely.Polygon | shapely.MultiPolygon

_FEWEST_DECIMALS, _MOST_DECIMALS = 6, 9
_ROUNDING: Final = 0.75
"""Of one unit of the last decimal: half its diagonal, and a little."""


def decimals_of(shapes: NDArray[Any]) -> int | None:
    """To how few decimals all coordinates are rounded; None if they are not."""
    coordinates = shapely.get_coordinates(shapes)
    for decimals in range(_FEWEST_DECIMALS, _MOST_DECIMALS):
        if np.abs(np.round(coordinates, decimals) - coordinates).max() < 1e-12:
            return decimals
    return None


@dataclass(frozen=True)
class Noise:
    """The vertices of the draft, where those of a client go that are the same but for a rounding."""

    tree: cKDTree
    vertices: NDArray[np.float64]
    decimals: int | None

    @classmethod
    def of(cls, shapes: Sequence[BaseGeometry], decimals: int | None) -> Noise:
        """Of polygons of the draft; `decimals`: to how many the client rounds, if it does."""
        vertices = np.unique(shapely.get_coordinates(np.array(shapes, dtype=object)), axis=0)
        return cls(cKDTree(vertices), vertices, decimals)

    def without(self, shape: Areal) -> Areal:
        """A polygon of the client with its vertices where the draft has them."""
        places = shapely.get_coordinates(shape)
        which, meant = self.meant(places)
        places[which] = meant
        return _put(shape, places)

    def meant(self, places: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Which places are vertices of the draft, and these."""
        reach = SNAP_DEG if self.decimals is None else _ROUNDING * 10.0**-self.decimals
        away, at = self.tree.query(places, distance_upper_bound=max(reach, SNAP_DEG))
        found = np.isfinite(away)
        meant = self.vertices[at[found]]
        is_same = away[found] <= SNAP_DEG
        if self.decimals is not None:
            rounded = np.round(meant, self.decimals)
            is_same |= np.abs(rounded - places[found]).max(axis=1) < 1e-12
        return np.flatnonzero(found)[is_same], meant[is_same]


def unrounded(shape: Areal, grids: Sequence[BaseGeometry]) -> Areal:
    """A polygon as it was drawn among grids, before its client rounded it (QGIS does, to six decimals).

    Vertices go to those of the grids of which they are the rounding; those that were put on a border, and
    now lie off it by no more than the rounding, go back onto it. Nothing else moves.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        EPSG:4490.
    grids : sequence of Polygon or MultiPolygon
        EPSG:4490; those near it.
    """
    if not grids:
        return shape
    decimals = decimals_of(np.array([shape], dtype=object))
    noise = Noise.of(grids, decimals)
    places = shapely.get_coordinates(shape)
    which, meant = noise.meant(places)
    places[which] = meant
    if decimals is not None:
        rest = np.setdiff1d(np.arange(len(places)), which)
        edges = directed_edges(np.array(grids, dtype=object))
        places[rest] = snap_points(places[rest], edges, _ROUNDING * 10.0**-decimals)
    return _put(shape, places)


def _put(shape: Areal, places: NDArray[np.float64]) -> Areal:
    put = cast(Areal, shapely.set_coordinates(shapely.from_wkb(shape.wkb), places))
    return put if shapely.is_valid(put) else shape
