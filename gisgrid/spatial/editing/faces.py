"""The land of several polygons taken apart where they or a line cut each other, and put together anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.arrangement import DUST_DEG2
from gisgrid.spatial.edges import Geometries, directed_edges
from gisgrid.spatial.editing.chains import is_land, rebuilt, remainder
from gisgrid.spatial.editing.noding import crossings, faces_of, led_through, no_edges, renoded, unique_points
from gisgrid.spatial.merging import SPIKE_DEG


@dataclass(frozen=True)
class Parted:
    """n faces and which of m polygons cover each."""

    faces: Geometries
    covers: NDArray[np.bool_]  # n, m

    @classmethod
    def of(cls, polygons: Geometries) -> Parted:
        """Take polygons apart where they cross each other; dust is left out.

        Shared edges that are not quite the same, as of files from elsewhere, may
        cross so flatly that the faces do not close: then GEOS nodes them.
        """
        edges = directed_edges(polygons)
        edges = led_through(edges, unique_points(np.concatenate([edges.start, edges.end])))
        edges = led_through(edges, crossings(edges, edges))
        parted = cls._by(faces_of(edges), polygons)
        return parted if parted._is_all_of(polygons) else cls._by(faces_of(renoded(edges)), polygons)

    @classmethod
    def _by(cls, faces: Geometries, polygons: Geometries) -> Parted:
        faces = faces[is_land(faces)]
        inside = shapely.point_on_surface(faces)
        covers = np.zeros((len(faces), len(polygons)), dtype=bool)
        for at, polygon in enumerate(polygons):
            shapely.prepare(polygon)
            covers[:, at] = shapely.intersects(polygon, inside)
        return cls(faces, covers)

    def _is_all_of(self, polygons: Geometries) -> bool:
        """Whether the faces make up each polygon, but for dust."""
        lost = np.abs(shapely.area(self.faces) @ self.covers - shapely.area(polygons))
        return bool((lost <= DUST_DEG2 + SPIKE_DEG * shapely.length(polygons)).all())

    def land(self, which: NDArray[np.bool_]) -> BaseGeometry:
        """The polygon that some faces make together; empty if there are none."""
        if not which.any():
            return shapely.Polygon()
        edges = directed_edges(self.faces[which])
        edges = type(edges)(edges.start, edges.end, np.zeros_like(edges.owner))
        return rebuilt(remainder(edges, no_edges())[0])
