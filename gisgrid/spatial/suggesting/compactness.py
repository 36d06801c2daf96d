"""How compact polygons are."""

from __future__ import annotations

import numpy as np

from gisgrid.spatial.edges import Floats, Geometries, directed_edges
from gisgrid.spatial.measure import GEOD, area_m2


def perimeter_m(polygons: Geometries) -> Floats:
    """The length of the outlines of n polygons (EPSG:4490), holes included, as geodesics in metres."""
    edges = directed_edges(polygons)
    length = np.asarray(GEOD.inv(*edges.start.T, *edges.end.T)[2])
    return np.asarray(np.bincount(edges.owner, weights=length, minlength=len(polygons)), dtype=np.float64)


def polsby_popper(polygons: Geometries) -> Floats:
    """Area over that of a circle with the same perimeter (Polsby and Popper 1991), of n polygons.

    Parameters
    ----------
    polygons : ndarray of n Polygons or MultiPolygons
        EPSG:4490, not empty. Area and perimeter are measured on the ellipsoid.

    Returns
    -------
    ndarray of n floats
        Above 0, and 1 for a circle; 0.785 for a square, and less for a ragged coast.
    """
    return np.asarray(4 * np.pi * area_m2(polygons) / perimeter_m(polygons) ** 2)
