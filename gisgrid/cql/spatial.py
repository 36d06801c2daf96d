"""Spatial predicates, each with `&&` beside it, which keeps its index under row-level security."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import shapely
from sqlalchemy import ColumnElement, LargeBinary, and_, false, func, literal, not_, true

from gisgrid.cql.errors import BadFilter
from gisgrid.model import SRID

_COLLECTION: Final = 7  # shapely.GeometryType.GEOMETRYCOLLECTION


class Predicate(NamedTuple):
    """PostGIS's function, and the predicate with its arguments exchanged."""

    function: str
    turned_round: str


SPATIAL: Final = {
    "s_intersects": Predicate("ST_Intersects", "s_intersects"),
    "s_disjoint": Predicate("ST_Intersects", "s_disjoint"),
    "s_within": Predicate("ST_Within", "s_contains"),
    "s_contains": Predicate("ST_Contains", "s_within"),
    "s_touches": Predicate("ST_Touches", "s_touches"),
    "s_overlaps": Predicate("ST_Overlaps", "s_overlaps"),
    "s_crosses": Predicate("ST_Crosses", "s_crosses"),
    "s_equals": Predicate("ST_Equals", "s_equals"),
}


def stored(shape: shapely.Geometry) -> ColumnElement[Any]:
    """A geometry in EPSG:4490 as a bound parameter."""
    return func.ST_GeomFromWKB(literal(shapely.to_wkb(shape), LargeBinary), SRID)


def spatial(op: str, geometry: ColumnElement[Any], shape: shapely.Geometry) -> ColumnElement[bool]:
    """A condition on a geometry, in EPSG:4490 both."""
    if shapely.is_empty(shape):
        return true() if op == "s_disjoint" else false()
    if SPATIAL[op].function != "ST_Intersects" and shapely.get_type_id(shape) == _COLLECTION:
        raise BadFilter(
            "几何集合只能用于 S_INTERSECTS 与 S_DISJOINT。",
            "A geometry collection goes with S_INTERSECTS and S_DISJOINT only.",
        )
    other = stored(shape)
    holds = and_(
        geometry.op("&&", is_comparison=True)(other), getattr(func, SPATIAL[op].function)(geometry, other)
    )
    return not_(holds) if op == "s_disjoint" else holds
