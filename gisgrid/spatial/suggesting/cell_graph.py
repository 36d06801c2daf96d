"""Cells of a coverage as a graph: who borders whom, along which edges, how long."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gisgrid.errors import WrongGeometry
from gisgrid.spatial.edges import Floats, Geometries, Ints, directed_edges
from gisgrid.spatial.measure import ECCENTRICITY_2, SEMI_MAJOR_M
from gisgrid.text import Text

Bools = NDArray[np.bool_]

OUTSIDE: Final = -1
"""The cell beyond the coverage's outline."""

UNCHANGED_DEG: Final = 1e-9
"""Two outlines nearer than this everywhere bound the same land."""


@dataclass(frozen=True)
class Plane:
    """A stretched lon/lat plane in metres around one place: straight lines stay straight.

    True to 0.3 % over 20 km; for searching and choosing, not for reporting.
    """

    lon: float
    lat: float
    east_m: float  # metres a degree
    north_m: float

    @classmethod
    def at(cls, geometry: shapely.Geometry) -> Plane:
        """The plane around the middle of a geometry."""
        west, south, east, north = shapely.bounds(geometry)
        lon, lat = (west + east) / 2, (south + north) / 2
        w2 = 1 - ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2
        normal_m = SEMI_MAJOR_M / np.sqrt(w2)
        return cls(
            float(lon),
            float(lat),
            float(np.radians(normal_m * np.cos(np.radians(lat)))),
            float(np.radians(normal_m * (1 - ECCENTRICITY_2) / w2)),
        )

    def metres(self, lonlat: Floats) -> Floats:
        """n lon/lat rows as metres east and north."""
        return np.asarray((lonlat - np.array([self.lon, self.lat])) * np.array([self.east_m, self.north_m]))

    def lonlat(self, metres: Floats) -> Floats:
        """Undo `metres`."""
        return np.asarray(metres / np.array([self.east_m, self.north_m]) + np.array([self.lon, self.lat]))


@dataclass(frozen=True)
class CellGraph:
    """n cells, v vertices, e edges, each edge once with a cell on its left and one on its right.

    `left` is a cell always; `right` is `OUTSIDE` on the outline.
    """

    count: int
    plane: Plane
    lonlat: Floats  # (v, 2), as stored
    metres: Floats  # (v, 2), in the plane
    start: Ints
    end: Ints
    left: Ints
    right: Ints

    @classmethod
    def of(cls, cells: Geometries, plane: Plane) -> CellGraph:
        """The graph of n polygons.

        Raises
        ------
        WrongGeometry
            If two cells run along the same side of an edge, that is, overlap.
        """
        edges = directed_edges(cells)
        ends = np.concatenate([edges.start, edges.end])
        lonlat, vertex = np.unique(ends, axis=0, return_inverse=True)
        start, end = vertex.reshape(2, -1).astype(np.int64)
        key = np.minimum(start, end) * len(lonlat) + np.maximum(start, end)
        order = np.lexsort((edges.owner, key))
        new = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0])
        run = np.diff(np.r_[new, len(order)])
        first, second = order[new], order[np.minimum(new + 1, len(order) - 1)]
        paired = run == 2
        if np.any(run > 2) or np.any(start[first[paired]] == start[second[paired]]):
            raise WrongGeometry(
                Text(zh="基本单元相互重叠。", en="The base cells overlap."),
                todo=Text(
                    zh="请用 base_cells 生成基本单元，或先修复这些面。",
                    en="Make them with base_cells, or repair these polygons first.",
                ),
            )
        right = np.where(paired, edges.owner[second], OUTSIDE)
        return cls(
            len(cells),
            plane,
            lonlat,
            plane.metres(lonlat),
            start[first],
            end[first],
            edges.owner[first],
            right,
        )

    @cached_property
    def length_m(self) -> Floats:
        """Of each edge, in the plane."""
        return np.asarray(np.hypot(*(self.metres[self.end] - self.metres[self.start]).T))

    @cached_property
    def area_m2(self) -> Floats:
        """Of each cell, in the plane."""
        a, b = self.metres[self.start], self.metres[self.end]
        twice = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        inner = self.right != OUTSIDE
        area = np.bincount(self.left, weights=twice, minlength=self.count)
        area -= np.bincount(self.right[inner], weights=twice[inner], minlength=self.count)
        return np.asarray(area / 2)

    @cached_property
    def centre_m(self) -> Floats:
        """The centroid of each cell, in the plane."""
        a, b = self.metres[self.start], self.metres[self.end]
        twice = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        inner = self.right != OUTSIDE
        centre = np.empty((self.count, 2))
        for axis in (0, 1):
            moment = twice * (a[:, axis] + b[:, axis])
            total = np.bincount(self.left, weights=moment, minlength=self.count)
            total -= np.bincount(self.right[inner], weights=moment[inner], minlength=self.count)
            centre[:, axis] = total / (6 * self.area_m2)
        return centre

    def borders(self, length_m: Floats) -> tuple[Ints, Ints, Floats]:
        """(cell, other cell, length) for every two cells that share an edge, each pair once."""
        inner = self.right != OUTSIDE
        low = np.minimum(self.left, self.right)[inner]
        high = np.maximum(self.left, self.right)[inner]
        key, which = np.unique(low * self.count + high, return_inverse=True)
        length = np.asarray(np.bincount(which, weights=length_m[inner]), dtype=np.float64)
        return key // self.count, key % self.count, length

    @cached_property
    def island(self) -> Ints:
        """For each cell the number of the connected piece of land that it is part of."""
        first, second, _ = self.borders(self.length_m)
        return components(self.count, first, second)


def components(count: int, first: Ints, second: Ints) -> Ints:
    """For each of n nodes the number of its connected component, given the linked pairs."""
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def polygons_of(lonlat: Floats, start: Ints, end: Ints, left: Ints, right: Ints, count: int) -> Geometries:
    """Polygons from their edges.

    Parameters
    ----------
    lonlat : ndarray of shape (v, 2)
    start, end : ndarray of e integers
        Vertices of noded edges.
    left, right : ndarray of e integers
        The owner on each side, `OUTSIDE` for none. Edges with one owner on both sides are left out.
    count : int
        n owners, numbered from 0.

    Returns
    -------
    ndarray of n Polygons or MultiPolygons
        A valid coverage, vertices as given to the last bit.
    """
    drawn = left != right
    start, end, left, right = start[drawn], end[drawn], left[drawn], right[drawn]
    faces = shapely.get_parts(
        shapely.polygonize(np.asarray(shapely.linestrings(np.stack([lonlat[start], lonlat[end]], axis=1))))
    )
    rim = directed_edges(faces)
    one = np.unique(rim.owner, return_index=True)[1]  # the first edge of a face is of its shell
    owner_of = {
        (*a, *b): owner
        for ends, owners in (((start, end), left), ((end, start), right))
        for a, b, owner in zip(
            lonlat[ends[0]].tolist(), lonlat[ends[1]].tolist(), owners.tolist(), strict=True
        )
    }
    owner = np.array(
        [owner_of[(*a, *b)] for a, b in zip(rim.start[one].tolist(), rim.end[one].tolist(), strict=True)],
        dtype=np.int64,
    )
    out = np.empty(count, dtype=object)
    for each in range(count):
        own = faces[owner == each]
        out[each] = own[0] if len(own) == 1 else shapely.multipolygons(own)
    return out


def is_same_land(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Whether the outlines of two polygons are within `UNCHANGED_DEG` of each other everywhere."""
    outlines = [shapely.boundary(each) for each in (first, second)]
    for outline, other in (outlines, outlines[::-1]):
        shapely.prepare(other)
        vertices = shapely.points(shapely.get_coordinates(outline))
        if not np.all(shapely.dwithin(other, vertices, UNCHANGED_DEG)):
            return False
    return True
