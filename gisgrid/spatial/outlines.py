"""Distances from points to whole polygons of many vertices."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.spatial.measure import SEMI_MAJOR_M, Floats, Geometries, chord_to_arc_m, ecef
from gisgrid.spatial.nearness import Ints, blocks, nearest_of, spheres

_RUN_SEGMENTS: Final = 32


class Outlines:
    """The outlines of m polygons in short runs, for distances from points to whole polygons.

    Of a county's thousand vertices only the few runs that can be nearest are measured.
    """

    def __init__(self, polygons: Geometries) -> None:
        self._polygons = polygons
        self._run, owner = _runs(polygons)
        self._centre, self._radius = spheres(shapely.bounds(self._run))
        self._first = np.searchsorted(owner, np.arange(len(polygons)))
        self._count = np.bincount(owner, minlength=len(polygons))

    def bound_m(self, points: Geometries, polygon: Ints) -> Floats:
        """What the distance from each of n points to the polygon of that number does not exceed; quick."""
        bound_m = np.empty(len(points))
        for rows in blocks(self._count[polygon], np.arange(len(points))):
            pair, _, apart_m, radius_m = self._spheres_of(points[rows], polygon[rows])
            bound_m[rows] = np.minimum.reduceat(
                apart_m + radius_m, np.searchsorted(pair, np.arange(len(rows)))
            )
        return np.asarray(chord_to_arc_m(bound_m) * (1 + _disorder(bound_m)) + 1e-3)

    def distance_m(self, points: Geometries, polygon: Ints, contest: Ints | None = None) -> Floats:
        """Geodesic distance from each of n points to the polygon of that number; 0 inside.

        Parameters
        ----------
        points : ndarray of n Points
        polygon : ndarray of n integers
        contest : ndarray of n integers, optional
            Pairs with the same number, next to each other, are one point with several
            polygons, of which only the nearest is wanted: for the others the answer may be inf.
        """
        contest = np.arange(len(points)) if contest is None else contest
        shapely.prepare(self._polygons)
        inside = shapely.intersects(self._polygons[polygon], points)
        distance_m = np.where(inside, 0.0, np.inf)
        settled = np.zeros(contest.max(initial=-1) + 1, dtype=bool)
        settled[contest[inside]] = True
        asked = np.flatnonzero(~settled[contest])
        for rows in blocks(self._count[polygon[asked]], contest[asked]):
            some = asked[rows]
            distance_m[some] = self._to_outlines_m(points[some], polygon[some], contest[some])
        return distance_m

    def _to_outlines_m(self, points: Geometries, polygon: Ints, contest: Ints) -> Floats:
        pair, run, apart_m, radius_m = self._spheres_of(points, polygon)
        number = np.unique(contest, return_inverse=True)[1]
        near = _can_be_nearest(number[pair], apart_m - radius_m, apart_m + radius_m)
        pair, run = pair[near], run[near]
        vertex_m, half_m = self._nearest_vertices(points, pair, run)
        near = _can_be_nearest(number[pair], vertex_m - half_m, vertex_m)
        pair, run = pair[near], run[near]
        distance_m = np.full(len(points), np.inf)
        np.minimum.at(distance_m, pair, nearest_of(points[pair], self._run[run]).distance_m)
        return distance_m

    def _nearest_vertices(self, points: Geometries, pair: Ints, run: Ints) -> tuple[Floats, Floats]:
        """The chord to the nearest vertex of each run, and how far from a vertex the run can stray."""
        used, which = np.unique(run, return_inverse=True)
        at, owner = shapely.get_coordinates(self._run[used], return_index=True)
        count = np.bincount(owner, minlength=len(used))[which]
        first = np.searchsorted(owner, np.arange(len(used)))[which]
        start = np.cumsum(count) - count
        vertex = np.arange(count.sum()) + np.repeat(first - start, count)
        there, here = ecef(at[:, 0], at[:, 1]), ecef(shapely.get_x(points), shapely.get_y(points))
        chord_m = np.linalg.norm(there[vertex] - here[np.repeat(pair, count)], axis=1)
        half_m = np.zeros(len(used))
        inner = owner[1:] == owner[:-1]
        np.maximum.at(half_m, owner[1:][inner], _longest_m(at[:-1][inner], at[1:][inner]) / 2)
        return np.minimum.reduceat(chord_m, start), half_m[which]

    def _spheres_of(self, points: Geometries, polygon: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """(pair, run) for all runs of each pair's polygon, the chord to its sphere's centre, its radius."""
        count = self._count[polygon]
        pair = np.repeat(np.arange(len(points)), count)
        run = np.arange(len(pair)) + np.repeat(self._first[polygon] - (np.cumsum(count) - count), count)
        at = ecef(shapely.get_x(points), shapely.get_y(points))
        return pair, run, np.linalg.norm(at[pair] - self._centre[run], axis=1), self._radius[run]


def _can_be_nearest(number: Ints, at_least_m: Floats, at_most_m: Floats) -> NDArray[np.bool_]:
    """Which of several with the same number may be the nearest, from bounds of their chords."""
    surely_m = np.full(number.max(initial=-1) + 1, np.inf)
    np.minimum.at(surely_m, number, at_most_m)
    limit_m = surely_m * (1 + _disorder(surely_m)) + 1e-3
    return np.asarray(at_least_m <= limit_m[number])


def _longest_m(start: Floats, end: Floats) -> Floats:
    """What the length of n edges, straight in lon/lat, does not exceed."""
    (d_lon, d_lat), (low, high) = np.radians(end - start).T, np.abs(np.radians([start[:, 1], end[:, 1]]))
    parallel = np.where(start[:, 1] * end[:, 1] > 0, np.cos(np.minimum(low, high)), 1.0)
    return np.asarray(1.01 * SEMI_MAJOR_M * np.hypot(d_lat, d_lon * parallel))


def _disorder(chord_m: Floats) -> Floats:
    """By what share a chord may be longer than another though its arc is shorter, on the flattened earth.

    2.1e-5 at 1,000 km, growing with the square: measured over all places and directions.
    """
    return np.asarray(4e-5 * (np.minimum(chord_m, 2 * SEMI_MAJOR_M) / 1e6) ** 2)


def _runs(polygons: Geometries) -> tuple[Geometries, Ints]:
    """The outlines of m polygons as lines of a few vertices, and the polygon that each belongs to."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    at, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(at):
        return np.zeros(0, dtype=object), np.zeros(0, dtype=np.int64)
    place = np.arange(len(at)) - np.searchsorted(ring, np.arange(len(rings)))[ring]
    is_joint = (place > 0) & (place % _RUN_SEGMENTS == 0) & np.r_[ring[:-1] == ring[1:], False]
    # A joint ends one run and begins the next, so it is there twice.
    vertex = np.repeat(np.arange(len(at)), 1 + is_joint)
    begins = np.r_[False, vertex[1:] == vertex[:-1]] | np.r_[True, ring[vertex][1:] != ring[vertex][:-1]]
    run = np.cumsum(begins) - 1
    lines = shapely.linestrings(at[vertex], indices=run)
    return np.asarray(lines, dtype=object), polygon[part[ring[vertex[begins]]]]
