"""Which grids lie near a place without covering it, and how far its own boundary is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.model import Grid, GridKind
from gisgrid.spatial.measure import GEOD
from gisgrid.supervision.chain import GridHere
from gisgrid.supervision.place import Place, wind

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
    shape = session.execute(select(func.ST_AsBinary(Grid.geometry)).where(Grid.id == own.id)).scalar_one()
    outline = np.array([_outline(shapely.from_wkb(shape))], dtype=object)
    edge = place.distances(outline)
    edge_m, bearing_deg = float(edge.distance_m[0]), float(edge.bearing_deg[0])
    others = _candidates(
        session,
        place,
        [
            Grid.plan_id == plan,
            Grid.kind == GridKind.ADMINISTRATIVE,
            Grid.level == own.level,
            Grid.id != own.id,
            Grid.geometry.op("&&")(place.box(edge_m + ACROSS_M)),
        ],
    )
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
    child = aliased(Grid)
    # Not EXISTS (SELECT *): the public may not read every column.
    is_divided = exists(child.id).where(child.parent_id == Grid.id, child.kind == GridKind.ADMINISTRATIVE)
    return _nearest(session, place, [*_of(plan), ~is_divided])


def nearest_child(
    session: Session, plan: int, place: Place, parent: GridHere, level: int
) -> GridNearby | None:
    """The nearest of a grid's children, for a place in it that they leave out."""
    return _nearest(session, place, [*_of(plan), Grid.parent_id == parent.id, Grid.level == level])


def nearest_key_unit(session: Session, plan: int, place: Place) -> GridNearby | None:
    """The nearest key unit grid within `KEY_UNIT_REACH_M`."""
    within = Grid.geometry.op("&&")(place.box(KEY_UNIT_REACH_M))
    found = _candidates(session, place, [Grid.plan_id == plan, Grid.kind == GridKind.KEY, within])
    nearest = _nearest_of(place, found)
    return nearest if nearest is not None and nearest.distance_m <= KEY_UNIT_REACH_M else None


def _of(plan: int) -> list[ColumnElement[bool]]:
    return [Grid.plan_id == plan, Grid.kind == GridKind.ADMINISTRATIVE]


def _nearest(session: Session, place: Place, conditions: list[ColumnElement[bool]]) -> GridNearby | None:
    """The nearest grid of some: first roughly, by degrees, then all that may be nearer."""
    rough = _nearest_of(place, _candidates(session, place, conditions, most=1))
    if rough is None:
        return None
    box = Grid.geometry.op("&&")(place.box(rough.distance_m + 1.0))
    return _nearest_of(place, _candidates(session, place, [*conditions, box])) or rough


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


def _candidates(
    session: Session, place: Place, conditions: list[ColumnElement[bool]], *, most: int = _MOST_CANDIDATES
) -> Sequence[_Row]:
    """Grids that meet the conditions, the nearest by degrees if there are too many, by their ids."""
    parent = aliased(Grid)
    chosen = (
        select(Grid.id, Grid.uid, Grid.name, Grid.level, Grid.parent_id, Grid.geometry)
        .where(*conditions)
        .order_by(Grid.geometry.op("<->")(place.sql))
        .limit(most)
        .subquery()
    )
    return session.execute(
        select(
            chosen.c.uid,
            chosen.c.name,
            chosen.c.level,
            parent.name.label("parent_name"),
            func.ST_AsBinary(chosen.c.geometry).label("shape"),
        )
        .outerjoin(parent, parent.id == chosen.c.parent_id)
        .order_by(chosen.c.id)
    ).all()


def _outline(shape: shapely.Geometry) -> shapely.Geometry:
    """A grid's boundary; where its own parts touch is none."""
    if shapely.get_num_geometries(shape) > 1:
        shape = shapely.union_all(shapely.get_parts(shape))
    return shapely.boundary(shape)


def _grid_nearby(row: _Row, distance_m: float) -> GridNearby:
    return GridNearby(row.uid, row.name, row.level, row.parent_name, distance_m)
