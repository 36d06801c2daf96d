"""How well the outline of one level of polygons fits that of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gisgrid.crs.transform import geometries_to_lonlat

ON_BOUNDARY_M = 0.5
"""A vertex this near the reference's boundary lies on it: half of what makes two readings differ."""

_METRES_PER_DEGREE = 111_320.0
_VERTICES = 400
# Up to here the robust union takes about a second.
_MANY_VERTICES = 200_000


@dataclass(frozen=True)
class Misfit:
    """How an outline differs from the reference, areas in m² to about 1 %.

    Attributes
    ----------
    missing_m2, outside_m2 : float
        Of the reference without the outline; of the outline without the reference.
    noise_m2 : float
        A strip of half a metre along the shorter boundary.
    on_boundary : int
        How many of `vertices` of the outline lie on the reference's boundary.
    vertices : int
    reference_m2, outline_m2 : float
    """

    missing_m2: float
    outside_m2: float
    noise_m2: float
    on_boundary: int
    vertices: int
    reference_m2: float
    outline_m2: float

    @property
    def difference_m2(self) -> float:
        """The area of the symmetric difference."""
        return self.missing_m2 + self.outside_m2

    @property
    def misfit_m2(self) -> float:
        """The difference less what an outline that is smaller, or larger, must lack or exceed."""
        return 2.0 * min(self.missing_m2, self.outside_m2)

    @property
    def is_good(self) -> bool:
        """Whether half of the smaller lies in the larger."""
        common = self.reference_m2 - self.missing_m2
        return common >= 0.5 * min(self.reference_m2, self.outline_m2) > 0.0

    def beats(self, rival: Misfit) -> bool:
        """Whether this fit is clearly better, by area or by shared boundary, and by neither clearly worse."""
        return (self._has_less_area(rival) or self._shares_more(rival)) and not (
            rival._has_less_area(self) or rival._shares_more(self)
        )

    def _has_less_area(self, rival: Misfit) -> bool:
        excess = rival.misfit_m2 - self.misfit_m2
        return 3.0 * self.misfit_m2 <= rival.misfit_m2 and excess > self.noise_m2

    def _shares_more(self, rival: Misfit) -> bool:
        return self.on_boundary >= 20 and self.on_boundary >= 3 * rival.on_boundary


def outline_of(geometries: ArrayLike) -> Polygon | MultiPolygon:
    """The union of polygons, in their own coordinates."""
    polygons = np.asarray(geometries, dtype=object)
    polygons = polygons[~shapely.is_missing(polygons)]
    if shapely.get_num_coordinates(polygons).sum() > _MANY_VERTICES:
        # Linear in the vertices, but right only if the polygons share their edges.
        try:
            union = shapely.coverage_union_all(polygons)
        except shapely.GEOSException:
            union = None
        if union is not None and shapely.is_valid(union):
            return _areal(union)
    try:
        return _areal(shapely.union_all(polygons))
    except shapely.GEOSException:
        return _areal(
            shapely.union_all(shapely.make_valid(polygons, method="structure", keep_collapsed=False))
        )


class Tiling:
    """An outline in raw coordinates, to be compared with a reference in EPSG:4490 under any reading.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
        In raw coordinates.
    reference : Polygon or MultiPolygon
        EPSG:4490.
    """

    def __init__(self, outline: Polygon | MultiPolygon, reference: Polygon | MultiPolygon) -> None:
        _, south, _, north = reference.bounds
        self._scale = np.array([np.cos(np.radians((south + north) / 2)), 1.0]) * _METRES_PER_DEGREE
        self._outline = outline
        self._reference = self._plane(reference)
        shapely.prepare(self._reference)
        self._boundary = shapely.boundary(self._reference)
        shapely.prepare(self._boundary)

    def misfit(self, name: str) -> Misfit | None:
        """The misfit under one reading; None where the reading cannot express the outline."""
        # A stray polygon that this reading cannot express must not hide how well the others fit.
        parts = geometries_to_lonlat(shapely.get_parts(self._outline), name)
        parts = parts[~shapely.is_missing(parts)]
        vertices = shapely.get_coordinates(parts)
        if not len(vertices):
            return None
        outline = self._plane(MultiPolygon(list(parts)))
        common_m2 = float(shapely.area(shapely.intersection(outline, self._reference)))
        sample = vertices[np.unique(np.linspace(0, len(vertices) - 1, _VERTICES).round().astype(np.int64))]
        near = shapely.dwithin(self._boundary, shapely.points(sample * self._scale), ON_BOUNDARY_M)
        return Misfit(
            missing_m2=max(self._reference.area - common_m2, 0.0),
            outside_m2=max(outline.area - common_m2, 0.0),
            noise_m2=ON_BOUNDARY_M * min(outline.length, self._reference.length),
            on_boundary=int(near.sum()),
            vertices=len(sample),
            reference_m2=self._reference.area,
            outline_m2=outline.area,
        )

    def _plane(self, shape: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
        moved = shapely.transform(shape, lambda lonlat: lonlat * self._scale)
        if shapely.is_valid(moved):
            return moved
        return _areal(shapely.make_valid(moved, method="structure", keep_collapsed=False))


def _areal(shape: BaseGeometry) -> Polygon | MultiPolygon:
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = shapely.get_parts(shape)
    areas = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return areas if isinstance(areas, Polygon | MultiPolygon) else Polygon()
