"""Areas that deserve a key unit grid: dense or large polluters, near receptors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from gisgrid.frames import ReceptorFrame
from gisgrid.spatial.edges import Floats, Geometries, Ints
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.nearness import nearest_of
from gisgrid.spatial.suggesting.cell_graph import Bools, Plane, components

NEAR_M: Final = 500.0
"""Sources within this of each other make up an area, and a receptor within it makes it sensitive: the inner
ring of HJ 169-2018, annex D."""

CROWDED: Final = 16.0
"""The weight within `NEAR_M` of a source from which on it is the core of an area: four of class C."""
CROWDED_NEAR_RECEPTOR: Final = 8.0
"""The same where a receptor is as near: two of class C."""

REACH_M: Final = 1_000.0
"""Receptors beyond this do not count."""

_MARGIN_M: Final = 150.0
"""The outline keeps this distance from the sources: more than the error of most positions."""
_HOLLOWNESS: Final = 0.4
"""Of the concave hull: 0 follows every source, 1 is the convex hull."""


@dataclass(frozen=True)
class KeyArea:
    """A place that deserves a key unit grid.

    Attributes
    ----------
    area : Polygon or MultiPolygon
        EPSG:4490, inside what it was asked for.
    sources : ndarray of n integers
        Positions in the frame of sources.
    weight : float
        Of those sources.
    receptors : ndarray of m integers
        Positions in the frame of receptors of those within `REACH_M` of a source, the nearest first.
    nearest_m : float
        From the nearest receptor to the nearest source; NaN where there is none.
    score : float
        The weight, times one more than the sum of (1 - distance / `REACH_M`) over the receptors.
    """

    area: BaseGeometry
    area_m2: float
    sources: Ints
    weight: float
    receptors: Ints
    nearest_m: float
    score: float


def key_areas(
    sources: gpd.GeoDataFrame,
    weight: Floats,
    receptors: ReceptorFrame,
    within: shapely.Geometry,
    *,
    taken: Geometries | None = None,
    most: int = 20,
) -> list[KeyArea]:
    """Find where polluters are dense or large and receptors near.

    Sources are clustered by DBSCAN (Ester et al. 1996) with weights, `NEAR_M` apart at most; where receptors
    are near, half as much makes a cluster. The outline is a concave hull with a margin.

    Parameters
    ----------
    sources : GeoDataFrame
        n points, EPSG:4490, positions one can rely on.
    weight : ndarray of n floats
    receptors : ReceptorFrame
        m points, lines or polygons, EPSG:4490.
    within : Polygon or MultiPolygon
        EPSG:4490: sources outside do not count, outlines are cut.
    taken : ndarray of polygons, optional
        Key grids that exist: their land and the sources in it are left out.
    most : int
        Of more areas, those with the highest scores.

    Returns
    -------
    list of KeyArea
        The highest score first; their outlines do not overlap.
    """
    plane = Plane.at(within)
    used = shapely.union_all(taken) if taken is not None and len(taken) else shapely.Polygon()
    points = sources.geometry.to_numpy()
    inside = shapely.intersects(within, points) & ~shapely.intersects(used, points)
    at = np.flatnonzero(inside)
    if not len(at):
        return []
    places = plane.metres(shapely.get_coordinates(points[at]))
    source, receptor, distance = _near(places, receptors.geometry.to_numpy(), plane)
    sensitive = np.zeros(len(at), dtype=bool)
    sensitive[source[distance <= NEAR_M]] = True
    cluster = _clusters(places, weight[at], sensitive)
    found = []
    for each in range(cluster.max() + 1):
        own = np.flatnonzero(cluster == each)
        mine = np.isin(source, own)
        close, first = _nearest_each(receptor[mine], distance[mine])
        factor = 1.0 + float((1.0 - first / REACH_M).sum())
        load = float(weight[at[own]].sum())
        found.append((load * factor, own, load, close))
    found.sort(key=lambda each: -each[0])
    free = shapely.difference(within, used)
    areas: list[KeyArea] = []
    for score, own, load, close in found[:most]:
        outline = _outline(places[own], plane, free, points[at[own]])
        if outline is None:
            continue
        free = shapely.difference(free, outline)
        nearest = np.nan
        if len(close):
            spots = points[at[own]]
            there = np.full(len(own), receptors.geometry.iloc[close[0]], dtype=object)
            nearest = float(nearest_of(spots, there).distance_m.min())
        size_m2 = float(area_m2(np.array([outline], dtype=object))[0])
        areas.append(KeyArea(outline, size_m2, at[own], load, close, nearest, float(score)))
    return areas


def _near(places: Floats, receptors: Geometries, plane: Plane) -> tuple[Ints, Ints, Floats]:
    """(source, receptor, metres) of those within `REACH_M` of each other."""
    flat = shapely.transform(receptors, plane.metres)
    spots = np.asarray(shapely.points(places), dtype=object)
    receptor, source = shapely.STRtree(spots).query(flat, predicate="dwithin", distance=REACH_M)
    return source, receptor, np.asarray(shapely.distance(spots[source], flat[receptor]))


def _nearest_each(receptor: Ints, distance: Floats) -> tuple[Ints, Floats]:
    """Each receptor once with its least distance, the nearest first."""
    order = np.lexsort((receptor, distance))
    which, first = np.unique(receptor[order], return_index=True)
    least = distance[order][first]
    ranked = np.lexsort((which, least))
    return which[ranked], least[ranked]


def _clusters(places: Floats, weight: Floats, sensitive: Bools) -> Ints:
    """The number of the cluster of each source, by its weight; -1 for none."""
    first, second = cKDTree(places).query_pairs(NEAR_M, output_type="ndarray").T.astype(np.int64)
    around = weight.copy()
    np.add.at(around, first, weight[second])
    np.add.at(around, second, weight[first])
    core = around >= np.where(sensitive, CROWDED_NEAR_RECEPTOR, CROWDED)
    linked = core[first] & core[second]
    piece = components(len(places), first[linked], second[linked])
    cluster = np.full(len(places), -1, dtype=np.int64)
    cluster[core] = np.unique(piece[core], return_inverse=True)[1]
    if core.any() and not core.all():
        far, nearest = cKDTree(places[core]).query(places[~core])
        cluster[~core] = np.where(far <= NEAR_M, cluster[core][nearest], -1)
    return cluster


def _outline(places: Floats, plane: Plane, free: shapely.Geometry, points: Geometries) -> BaseGeometry | None:
    """The pieces of free land around a cluster that hold sources of it."""
    hull = shapely.concave_hull(shapely.multipoints(places), ratio=_HOLLOWNESS)
    round_m = shapely.buffer(hull, _MARGIN_M, quad_segs=4)
    land = shapely.intersection(shapely.transform(round_m, plane.lonlat), free)
    parts = shapely.get_parts(land)
    held = [
        part for part in parts if shapely.get_dimensions(part) == 2 and shapely.intersects(part, points).any()
    ]
    if not held:
        return None
    return held[0] if len(held) == 1 else shapely.MultiPolygon(held)
