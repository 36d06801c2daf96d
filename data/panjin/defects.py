"""The defects that are planted in the demo region, and what is true of each of them."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely
import shapely.ops
from boundaries import Township, arrange, degrees, metres

ELLIPSOID = pyproj.Geod(ellps="GRS80")  # CGCS2000's differs from it by 0.1 mm
SLIVER_M, STRIP_M = 5, 50


@dataclass
class Defect:
    """Land of one kind of finding.

    `level` is that of the children; `parent` the name of the grid whose land it
    is (of a protrusion: the owner's parent); `owners` are names, too.
    """

    id: str
    kind: str
    level: int
    parent: str
    owners: tuple[str, ...]
    shape: shapely.Geometry  # lon/lat; of a mis-nested grid, replaced by the grid
    zh: str
    en: str
    enclosed: bool | None = None
    fills: str = ""  # the level-3 grid that fills a protrusion of level 2
    sources: list[str] = field(default_factory=list)

    @property
    def area_m2(self) -> float:
        """On the ellipsoid, with edges straight in lon/lat as they are drawn, not geodesics."""
        return abs(ELLIPSOID.geometry_area_perimeter(shapely.segmentize(self.shape, 0.0005))[0])

    @property
    def width_m(self) -> float:
        circle = shapely.maximum_inscribed_circle(_in_metres(self.shape), tolerance=0.01)
        return 2 * shapely.length(circle)

    @property
    def size_class(self) -> str:
        return "sliver" if self.width_m < SLIVER_M else "strip" if self.width_m < STRIP_M else "real"


class Ground:
    """The clean cells, and shapes drawn along their edges (lengths in metres)."""

    def __init__(self, cells: np.ndarray, towns: list[Township]) -> None:
        self.cells = dict(zip((town.name for town in towns), cells, strict=True))
        self.city = shapely.coverage_union_all(cells)
        self.drawn = random.Random(2111)

    def land(self, *names: str) -> shapely.Geometry:
        return shapely.coverage_union_all([self.cells[name] for name in names])

    def shared_line(self, one: str, other: str) -> shapely.Geometry:
        """The longest stretch of boundary that two townships share, in metres."""
        line = shapely.intersection(shapely.boundary(self.cells[one]), shapely.boundary(self.cells[other]))
        return _longest_in_metres(line)

    def outer_line(self, town: str) -> shapely.Geometry:
        """The longest stretch of the city's boundary along a township, in metres."""
        return _longest_in_metres(
            shapely.intersection(shapely.boundary(self.cells[town]), shapely.boundary(self.city))
        )

    def blob(self, line: shapely.Geometry, at: float, long: float, wide: float) -> shapely.Geometry:
        """An uneven ellipse with its long axis along `line`, `at` a share of its length."""
        centre = shapely.line_interpolate_point(line, at, normalized=True)
        ahead = shapely.line_interpolate_point(line, min(at + 0.02, 1), normalized=True)
        turn = math.atan2(ahead.y - centre.y, ahead.x - centre.x)
        ring = []
        for step in range(24):
            angle = step * math.tau / 24
            reach = 0.85 + 0.3 * self.drawn.random()
            x, y = long / 2 * reach * math.cos(angle), wide / 2 * reach * math.sin(angle)
            ring.append(
                (
                    centre.x + x * math.cos(turn) - y * math.sin(turn),
                    centre.y + x * math.sin(turn) + y * math.cos(turn),
                )
            )
        return degrees(shapely.polygons(ring))

    def around(self, *towns: str) -> shapely.Geometry:
        """A tiny ring, in metres, around the point where towns meet."""
        corners = [set(map(tuple, shapely.get_coordinates(self.cells[name]))) for name in towns]
        (corner,) = set.intersection(*corners)
        return shapely.boundary(shapely.buffer(metres(shapely.Point(corner)), 1))

    def beyond(self, shape: shapely.Geometry) -> shapely.Geometry:
        """The main part of `shape` that lies outside the city."""
        parts = shapely.get_parts(shapely.difference(shape, self.city))
        return shapely.set_precision(max(parts, key=shapely.area), 1e-6)

    @staticmethod
    def strip(line: shapely.Geometry, start: float, stop: float, width: float) -> shapely.Geometry:
        """A band along part of `line`, half on either side."""
        part = shapely.ops.substring(line, start, stop, normalized=True)
        return degrees(shapely.buffer(part, width / 2, cap_style="flat", join_style="mitre"))


def _in_metres(geometry: shapely.Geometry) -> shapely.Geometry:
    """To EPSG:4550 with edges that stay straight in lon/lat: 10 km of them bow out by over a metre."""
    return metres(shapely.segmentize(geometry, 0.002))


def _longest_in_metres(line: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(shapely.line_merge(_in_metres(line))), key=shapely.length)


def clip(shape: shapely.Geometry, land: shapely.Geometry) -> shapely.Geometry:
    clipped = shapely.set_precision(shapely.intersection(shape, land), 1e-6)
    if clipped.geom_type != "Polygon" or clipped.interiors:
        raise SystemExit(f"a planted shape is no simple polygon: {clipped.geom_type}")
    return clipped


@dataclass(frozen=True)
class Flawed:
    """The grids with their defects: polygons by name."""

    city: shapely.Geometry
    level2: dict[str, shapely.Geometry]
    level3: dict[str, shapely.Geometry]


def plant(cells: np.ndarray, towns: list[Township], level2: dict[str, str], defects: list[Defect]) -> Flawed:
    """Give every face of one common arrangement its owners, and make all grids from the faces.

    Each defect's `shape` becomes exactly the land that was planted.
    """
    faces = arrange([*cells, *(each.shape for each in defects)])
    inner = shapely.point_on_surface(faces)
    names = [town.name for town in towns]
    home = {town.name: level2[town.level2] for town in towns}
    base = {int(face): names[at] for face, at in shapely.STRtree(cells).query(inner, predicate="within").T}
    third = [{base[face]} if face in base else set() for face in range(len(faces))]
    second = [{home[name] for name in owners} for owners in third]
    for defect in defects:
        within = np.flatnonzero(shapely.within(inner, defect.shape))
        for face in within:
            _flaw(defect, face, second, third)
        defect.shape = shapely.coverage_union_all(faces[within])
    _require_wide(faces, [face for face in range(len(faces)) if second[face] or third[face] or face in base])

    def of(owners: list[set[str]], name: str) -> shapely.Geometry:
        return shapely.coverage_union_all([faces[at] for at in range(len(faces)) if name in owners[at]])

    return Flawed(
        shapely.coverage_union_all([faces[at] for at in sorted(base)]),
        {name: of(second, name) for name in level2.values()},
        {name: of(third, name) for name in names},
    )


def _flaw(defect: Defect, face: int, second: list[set[str]], third: list[set[str]]) -> None:
    touched = [third] if defect.level == 3 else [second]
    if defect.kind == "gap":
        third[face].clear()
        if defect.level == 2:
            second[face].clear()
    elif defect.kind == "overlap":
        touched[0][face].update(defect.owners)
    elif defect.kind == "protrusion":
        touched[0][face].update(defect.owners)
        if defect.fills:
            third[face].add(defect.fills)


def _require_wide(faces: np.ndarray, used: list[int]) -> None:
    for face in used:
        width = 2 * shapely.length(shapely.maximum_inscribed_circle(_in_metres(faces[face]), tolerance=0.05))
        if width < 1:
            raise SystemExit(f"a face only {width:.2f} m wide came out at {faces[face].centroid}")
