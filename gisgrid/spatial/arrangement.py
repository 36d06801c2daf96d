"""The arrangement of a set of lines: its faces, and who covers each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gisgrid.spatial.edges import Edges, Floats, Geometries, Ints, directed_edges, split_at_ends, sum_edges

DUST_DEG2 = 1e-17
"""Land below this (about 1e-7 m²) is floating-point dust of the noding."""

SAME_PLACE_DEG = 1e-10
"""A vertex this near to an edge lies on it: 10 µm, a tenth of what counts as unchanged."""


@dataclass(frozen=True)
class Faces:
    """n faces of an arrangement and a point strictly inside each."""

    geometry: Geometries
    inside: Geometries

    def __len__(self) -> int:
        return len(self.geometry)

    def take(self, which: NDArray[np.bool_]) -> Faces:
        """The faces that a mask picks."""
        return Faces(self.geometry[which], self.inside[which])


def arrange(lines: Geometries) -> tuple[Geometries, Faces]:
    """Node n lines against each other and find the faces that they bound.

    A line is first led through every end of another that lies on it: noded as it
    is, it would pass beside it by a rounding, and leave a spike or a channel there.

    Returns
    -------
    noded : ndarray of LineStrings
    faces : Faces
        Floating-point dust included: leave it out by `DUST_DEG2` where it counts.
    """
    if not len(lines):
        return lines, Faces(lines, lines)
    through = split_at_ends(segments(lines), SAME_PLACE_DEG)
    noded = shapely.get_parts(shapely.union_all(through.lines()))
    geometry = shapely.get_parts(shapely.polygonize(noded))
    return noded, Faces(geometry, shapely.point_on_surface(geometry))


def dissolve(faces: Geometries) -> shapely.Geometry:
    """The union of n faces of one arrangement.

    Faces share their edges exactly, so a coverage union is right and quick; only
    where floating-point dust lies on its neighbours does it take a full overlay.
    """
    try:
        whole = shapely.coverage_union_all(faces)
    except shapely.errors.GEOSException:
        return shapely.union_all(faces)
    # Slivers of dust around a rectangle would come back as the rectangle.
    added_up = np.isclose(shapely.area(whole), shapely.area(faces).sum(), rtol=1e-6, atol=0.0)
    return whole if added_up else shapely.union_all(faces)


def covering(faces: Faces, polygons: Geometries, ids: Ints) -> NDArray[np.object_]:
    """For each of n faces the ids of the polygons that cover it, as an ascending tuple."""
    sets: NDArray[np.object_] = np.empty(len(faces), dtype=object)
    sets[:] = [()] * len(faces)
    if not len(faces):
        return sets
    face, polygon = shapely.STRtree(polygons).query(faces.inside, predicate="intersects")
    owner = ids[polygon]
    order = np.lexsort((owner, face))
    face, owner = face[order], owner[order]
    start = np.flatnonzero(np.r_[True, face[1:] != face[:-1]]) if len(face) else np.zeros(0, dtype=int)
    for first, group in zip(start, np.split(owner, start[1:]), strict=True) if len(face) else ():
        sets[face[first]] = tuple(group.tolist())
    return sets


def segments(lines: Geometries) -> Edges:
    """Every single segment of n LineStrings; `owner` is the line's position."""
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    coordinates += 0.0
    inner = line[:-1] == line[1:]
    return Edges(coordinates[:-1][inner], coordinates[1:][inner], line[:-1][inner].astype(np.int64))


def jumps(lines: Geometries, faces: Faces, value: Floats) -> tuple[Edges, Floats]:
    """By how much `value` changes across each segment of the lines.

    Parameters
    ----------
    lines : ndarray of LineStrings
        Noded; the faces' boundaries run along them.
    faces : Faces
    value : ndarray of n floats
        One a face; outside all faces it is 0.

    Returns
    -------
    segments : Edges
        One for each segment of the lines.
    jump : ndarray of floats
        The value on its left minus that on its right.
    """
    drawn = segments(lines)
    border = directed_edges(faces.geometry)
    both = Edges(
        np.concatenate([drawn.start, border.start]),
        np.concatenate([drawn.end, border.end]),
        np.zeros(len(drawn) + len(border), dtype=np.int64),
    )
    weight = np.concatenate([np.zeros(len(drawn)), value[border.owner]])
    sums = sum_edges(both, weight, both.owner)
    return both.take(sums.first), sums.weight
