"""Which grids lie near a place without covering it, and how far its own boundary is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from sqlalchemy import BigInteger, BindParameter, ColumnElement, Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.layer import PLAN
from gisgrid.model import Grid, GridKind
from gisgrid.spatial.measure import GEOD
from gisgrid.supervision.chain import GridHere
from gisgrid.supervision.place import HERE, Place, is_around, wind

NEAR_M: Final = 50.0
"""Closer to a boundary than this, a report may belong to the neighbour."""
KEY_UNIT_REACH_M: Final = 5_000.0
ACROSS_M: Final = 10.0
"""A neighbour across a sliver narrower than this is still across the boundary."""
_AS_NEAR_M: Final = 1e-3
"""Distances that differ by less count as equal, as in `gisgrid.spatial.assignment`."""
_MOST_CANDIDATES: Final = 64
_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class GridNearby:
    """A grid at some distance."""

    uid: str
    name: str
    level: int
    parent_name: str | None
    distance_m: float


@dataclass(frozen=True)
class Boundary:
    """The nearest boundary of the finest grid: how far, in which direction, and what lies across.

    `direction` is None where the place lies on it, or in two grids at once; `neighbour`
    is None where nothing of the same level lies across.
    """

    distance_m: float
    direction: str | None
    neighbour: GridNearby | None

    @property
    def is_near(self) -> bool:
        """Whether the neighbour may be the one to ask."""
        return self.distance_m < NEAR_M


def boundary_at(session: Session, plan: int, place: Place, own: GridHere) -> Boundary:
    """The boundary of a grid that is nearest to a place inside it.

    Where another grid of the same level claims land on this side of the
    boundary, its claim is the boundary.
    """
    shape = session.execute(_SHAPE, {"id": own.id}).scalar_one()
    outline = np.array([_outline(shapely.from_wkb(shape))], dtype=object)
    edge = place.distances(outline)
    edge_m, bearing_deg = float(edge.distance_m[0]), float(edge.bearing_deg[0])
    asked = {"plan": plan, "level": own.level, "own": own.id, **place.around(edge_m + ACROSS_M)}
    others = session.execute(_NEIGHBOURS, asked).all()
    if not others:
        return Boundary(edge_m, wind(bearing_deg), None)
    shapes = np.array([shapely.from_wkb(each.shape) for each in others], dtype=object)
    reached = place.distances(shapes)
    nearest = _first_of_nearest(reached.distance_m)
    if reached.distance_m[nearest] < edge_m - _AS_NEAR_M:
        apart_m = float(reached.distance_m[nearest])
        return Boundary(
            apart_m, wind(float(reached.bearing_deg[nearest])), _grid_nearby(others[nearest], apart_m)
        )
    spot = place
    if edge_m > 0:
        lon, lat, _ = GEOD.fwd(place.lon, place.lat, bearing_deg, edge_m)
        spot = Place(float(lon), float(lat))
    across_m = spot.distances(shapes).distance_m
    first = _first_of_nearest(across_m)
    if across_m[first] > ACROSS_M:
        return Boundary(edge_m, wind(bearing_deg), None)
    neighbour = _grid_nearby(others[first], float(reached.distance_m[first]))
    return Boundary(edge_m, wind(bearing_deg), neighbour)


def nearest_undivided(session: Session, plan: int, place: Place) -> GridNearby | None:
    """The nearest grid without children, for a place outside every grid."""
    return _nearest(session, place, _UNDIVIDED, {"plan": plan})


def nearest_child(
    session: Session, plan: int, place: Place, parent: GridHere, level: int
) -> GridNearby | None:
    """The nearest of a grid's children, for a place in it that they leave out."""
    return _nearest(session, place, _CHILDREN, {"plan": plan, "parent": parent.id, "level": level})


def nearest_key_unit(session: Session, plan: int, place: Place) -> GridNearby | None:
    """The nearest key unit grid within `KEY_UNIT_REACH_M`."""
    found = session.execute(_KEY_UNITS, {"plan": plan, **place.around(KEY_UNIT_REACH_M)}).all()
    nearest = _nearest_of(place, found)
    return nearest if nearest is not None and nearest.distance_m <= KEY_UNIT_REACH_M else None


def _nearest(session: Session, place: Place, among: _Search, asked: dict[str, int]) -> GridNearby | None:
    """The nearest grid of some: first roughly, by degrees, then all that may be nearer."""
    rough = _nearest_of(place, session.execute(among.first, asked | place.values).all())
    if rough is None:
        return None
    within = place.around(rough.distance_m + 1.0)
    return _nearest_of(place, session.execute(among.around, asked | within).all()) or rough


def _nearest_of(place: Place, found: Sequence[_Row]) -> GridNearby | None:
    if not found:
        return None
    shapes = np.array([shapely.from_wkb(each.shape) for each in found], dtype=object)
    distance_m = place.distances(shapes).distance_m
    first = _first_of_nearest(distance_m)
    return _grid_nearby(found[first], float(distance_m[first]))


def _first_of_nearest(distance_m: np.typing.NDArray[np.float64]) -> int:
    """The first within a millimetre of the nearest: candidates come by their ids."""
    return int(np.flatnonzero(distance_m <= distance_m.min() + _AS_NEAR_M)[0])


def _outline(shape: shapely.Geometry) -> shapely.Geometry:
    """A grid's boundary; where its own parts touch is none."""
    if shapely.get_num_geometries(shape) > 1:
        shape = shapely.union_all(shapely.get_parts(shape))
    return shapely.boundary(shape)


def _grid_nearby(row: _Row, distance_m: float) -> GridNearby:
    return GridNearby(row.uid, row.name, row.level, row.parent_name, distance_m)


_Statement: TypeAlias = Select[*tuple[Any, ...]]


def _candidates(*conditions: ColumnElement[bool], most: int = _MOST_CANDIDATES) -> _Statement:
    """Grids that meet the conditions, the nearest by degrees if there are too many, by their ids."""
    parent = aliased(Grid)
    chosen = (
        select(Grid.id, Grid.uid, Grid.name, Grid.level, Grid.parent_id, Grid.geometry)
        .where(Grid.plan_id == PLAN, *conditions)
        .order_by(Grid.geometry.op("<->")(HERE))
        .limit(most)
        .subquery()
    )
    return (
        select(
            chosen.c.uid,
            chosen.c.name,
            chosen.c.level,
            parent.name.label("parent_name"),
            func.ST_AsBinary(chosen.c.geometry).label("shape"),
        )
        .outerjoin(parent, parent.id == chosen.c.parent_id)
        .order_by(chosen.c.id)
    )


@dataclass(frozen=True)
class _Search:
    """How the nearest of some grids is sought: the first by degrees, and all in a box."""

    first: _Statement
    around: _Statement

    @classmethod
    def of(cls, *conditions: ColumnElement[bool]) -> _Search:
        return cls(_candidates(*conditions, most=1), _candidates(*conditions, _AROUND))


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _is_divided() -> ColumnElement[bool]:
    child = aliased(Grid)
    # Not EXISTS (SELECT *): the public may not read every column.
    return exists(child.id).where(child.parent_id == Grid.id, child.kind == GridKind.ADMINISTRATIVE)


_AROUND: Final = is_around(Grid.geometry.expression)
_ADMINISTRATIVE: Final = Grid.kind == GridKind.ADMINISTRATIVE
_SHAPE: Final = select(func.ST_AsBinary(Grid.geometry)).where(Grid.id == _number("id"))
_NEIGHBOURS: Final = _candidates(
    _ADMINISTRATIVE, Grid.level == _number("level"), Grid.id != _number("own"), _AROUND
)
_KEY_UNITS: Final = _candidates(Grid.kind == GridKind.KEY, _AROUND)
_UNDIVIDED: Final = _Search.of(_ADMINISTRATIVE, ~_is_divided())
_CHILDREN: Final = _Search.of(
    _ADMINISTRATIVE, Grid.parent_id == _number("parent"), Grid.level == _number("level")
)
