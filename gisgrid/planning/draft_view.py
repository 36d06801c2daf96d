"""The grids of a plan as an editor needs them: exact outlines, versions, and how much is to supervise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from gisgrid.errors import InputError
from gisgrid.frames import STORED_CRS
from gisgrid.model import Grid, GridKind
from gisgrid.planning.drawn import Place
from gisgrid.planning.weighing import weigh, weight_of
from gisgrid.store.draft_grids import Bounds
from gisgrid.text import Text

MOST_GRIDS: Final = 1_000
_NEAR_DEG: Final = 0.01


@dataclass(frozen=True)
class Wanted:
    """Which grids: those that meet the box, of a level, a kind, a holder; all that are not None must hold."""

    bounds: Bounds | None = None
    level: int | None = None
    kind: GridKind | None = None
    holder: str | None = None
    uid: str | None = None


@dataclass(frozen=True)
class GridShown:
    """A grid with what surrounds it.

    Attributes
    ----------
    columns : mapping
        Of the stored row.
    geometry : MultiPolygon
        EPSG:4490, exact.
    version : int
        Of the grids that it holds.
    holder : tuple of (uid, version), or None
        What an edit of it must name in If-Match; None for the coarsest grids, and beyond one's jurisdiction.
    has_children, has_units : bool
    sources, weighted : int
        Sources in it, and their weight by class.
    """

    columns: Mapping[str, Any]
    geometry: BaseGeometry
    version: int
    holder: tuple[str, int] | None
    has_children: bool
    has_units: bool
    sources: int
    weighted: int


def grids_shown(session: Session, plan_id: int, wanted: Wanted) -> list[GridShown]:
    """The grids of a plan that the session sees, coarse to fine.

    Raises
    ------
    InputError
        If there are more than `MOST_GRIDS`.
    """
    holder, child, unit = aliased(Grid), aliased(Grid), aliased(Grid)
    above = func.coalesce(Grid.owner_id, Grid.parent_id)
    rows = session.execute(
        select(
            Grid,
            func.ST_AsBinary(Grid.geometry).label("wkb"),
            holder.uid.label("holder_uid"),
            holder.version.label("holder_version"),
            exists().where(child.parent_id == Grid.id).label("has_children"),
            exists().where(unit.owner_id == Grid.id, unit.kind == GridKind.UNIT).label("has_units"),
        )
        .outerjoin(holder, holder.id == above)
        .where(Grid.plan_id == plan_id, *_conditions(wanted, holder))
        .order_by(Grid.level, Grid.is_overlay, Grid.id)
        .limit(MOST_GRIDS + 1)
    ).all()
    if len(rows) > MOST_GRIDS:
        raise InputError(
            Text(
                zh=f"范围内超过 {MOST_GRIDS} 个网格。",
                en=f"There are more than {MOST_GRIDS} grids.",
            ),
            todo=Text(zh="请放大地图，或限定级别。", en="Ask for a smaller box, or for one level."),
        )
    columns = [_columns(row[0]) for row in rows]
    shapes = shapely.from_wkb([bytes(row.wkb) for row in rows])
    counted = weigh(session, columns)
    return [
        GridShown(
            each,
            shape,
            row[0].version,
            None if row.holder_uid is None else (row.holder_uid, row.holder_version),
            row.has_children,
            row.has_units,
            sum(counted[each["uid"]].values()),
            weight_of(counted[each["uid"]]),
        )
        for row, each, shape in zip(rows, columns, shapes, strict=True)
    ]


def boundaries(session: Session, plan_id: int, wanted: Wanted, ends: tuple[Place, Place]) -> gpd.GeoDataFrame:
    """The outlines of grids in the box around two places and half as far again, as `trace` follows them."""
    (x0, y0), (x1, y1) = ends
    margin = max(abs(x1 - x0), abs(y1 - y0)) / 2 + _NEAR_DEG
    box = (min(x0, x1) - margin, min(y0, y1) - margin, max(x0, x1) + margin, max(y0, y1) + margin)
    holder = aliased(Grid)
    rows = session.scalars(
        select(func.ST_AsBinary(Grid.geometry))
        .outerjoin(holder, holder.id == func.coalesce(Grid.owner_id, Grid.parent_id))
        .where(Grid.plan_id == plan_id, *_conditions(replace(wanted, bounds=box), holder))
        .limit(MOST_GRIDS)
    ).all()
    shapes = shapely.from_wkb([bytes(row) for row in rows])
    return gpd.GeoDataFrame(geometry=shapes, crs=STORED_CRS)


def _conditions(wanted: Wanted, holder: type[Grid]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.bounds is not None:
        box = func.ST_MakeEnvelope(*wanted.bounds, 4490)
        conditions.append(Grid.geometry.op("OPERATOR(public.&&)")(box))
    if wanted.level is not None:
        conditions.append(Grid.level == wanted.level)
    if wanted.kind is not None:
        conditions.append(Grid.kind == wanted.kind)
    if wanted.holder is not None:
        conditions.append(holder.uid == wanted.holder)
    if wanted.uid is not None:
        conditions.append(Grid.uid == wanted.uid)
    return conditions


def _columns(grid: Grid) -> dict[str, Any]:
    return {
        "id": grid.id,
        "uid": grid.uid,
        "kind": str(grid.kind),
        "level": grid.level,
        "code": grid.code,
        "name": grid.name,
        "category": grid.category,
        "parent_id": grid.parent_id,
        "path": list(grid.path),
        "owner_id": grid.owner_id,
        "supervising_level": grid.supervising_level,
        "basis": None if grid.basis is None else str(grid.basis),
        "is_partial": grid.is_partial,
        "is_indicative": grid.is_indicative,
        "area_m2": grid.area_m2,
    }
