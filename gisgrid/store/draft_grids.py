"""The grids of a draft around a place, read and written a few at a time, exact to the last bit."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import from_shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from gisgrid.frames import STORED_CRS
from gisgrid.model import SCHEMA, SRID
from gisgrid.spatial.edges import Geometries
from gisgrid.store.frames import joined

Bounds: TypeAlias = tuple[float, float, float, float]
"""west, south, east, north in degrees."""

_COLUMNS: Mapping[str, str] = {
    "id": "bigint",
    "uid": "text",
    "kind": "text",
    "level": "bigint",
    "code": "text",
    "name": "text",
    "category": "text",
    "parent_id": "bigint",
    "path": "text[]",
    "is_overlay": "boolean",
    "owner_id": "bigint",
    "supervising_level": "bigint",
    "basis": "text",
    "is_partial": "boolean",
    "is_indicative": "boolean",
    "area_m2": "float8",
}
_KNOWN_OF_ALL = ("id", "uid", "kind", "level", "parent_id", "owner_id", "path", "is_partial")
"""What one learns of grids beyond one's jurisdiction: where they belong, beside their outline."""


@dataclass(frozen=True)
class DraftGrid:
    """A grid of a draft as it is stored.

    Attributes
    ----------
    columns : mapping
        By the name of the column; of a grid beyond one's jurisdiction only where it belongs.
    geometry : MultiPolygon
        EPSG:4490.
    version : int
        Goes up with every edit among the grids that it holds.
    is_overseen : bool
        Whether it lies in the jurisdiction of who is asking.
    """

    columns: Mapping[str, Any]
    geometry: BaseGeometry
    version: int = 1
    is_overseen: bool = True

    @property
    def uid(self) -> str:
        """Its identity across plans."""
        return str(self.columns["uid"])

    @property
    def id(self) -> int:
        """Its row in this draft."""
        return int(self.columns["id"])

    @property
    def name(self) -> str:
        """What it is called; of a grid beyond one's jurisdiction, its uid."""
        return str(self.columns.get("name") or self.uid)

    @property
    def holder(self) -> int | None:
        """The id of its parent, or of a unit or key grid's owner."""
        found = self.columns["owner_id"] if self.columns["kind"] != "administrative" else None
        return self.columns["parent_id"] if found is None else int(found)

    @property
    def counted_by(self) -> int:
        """The id of the grid whose version counts its changes: its holder, or one of the coarsest itself."""
        return self.id if self.holder is None else self.holder

    def with_columns(self, **changed: Any) -> DraftGrid:
        """The same with other values."""
        return replace(self, columns={**self.columns, **changed})


@dataclass(frozen=True)
class GridChange:
    """A grid before and after; None where it does not exist.

    `is_outline_kept`: only vertices on its edges came or went.
    """

    before: DraftGrid | None
    after: DraftGrid | None
    is_outline_kept: bool = False

    @property
    def uid(self) -> str:
        """Whose change it is."""
        known = self.after or self.before
        assert known is not None  # noqa: S101 -- or nothing would have changed
        return known.uid

    @property
    def is_overseen(self) -> bool:
        """Whether the grid lies in the jurisdiction of who is asking."""
        known = self.before or self.after
        return known is None or known.is_overseen

    def reversed(self) -> GridChange:
        """The change that takes this one back."""
        return GridChange(self.after, self.before, self.is_outline_kept)


def read_around(
    session: Session, plan_id: int, box: Bounds | None, holders: Iterable[int] = ()
) -> dict[int, DraftGrid]:
    """The grids of a draft, of any kind and level, that meet a box, are one of `holders` or belong to one.

    Those beyond the jurisdiction of who is asking come with their outline and place in the hierarchy only.
    """
    asked = {"plan": plan_id, "box": list(box) if box else None, "holders": list(holders)}
    return _grids(session.execute(_AROUND, asked).all())


_SHOWN = f"""SELECT {", ".join(f"{'a' if each in _KNOWN_OF_ALL else 'g'}.{each}" for each in _COLUMNS)},
    g.version, g.id IS NOT NULL, public.ST_AsBinary(a.geometry)"""
_AROUND = text(
    f"""{_SHOWN}
    FROM {SCHEMA}.grids_around(:plan, CAST(:box AS float8[]), CAST(:holders AS bigint[])) a
    LEFT JOIN {SCHEMA}.grid g ON g.id = a.id ORDER BY a.id"""
)
_MARGIN_DEG = 1e-6
"""How far beyond what is edited the neighbours are looked up (0.1 m)."""
_TARGETS = text(
    f"""WITH target AS MATERIALIZED (
        SELECT t.id, t.parent_id, t.owner_id, t.geometry FROM {SCHEMA}.grid t
        WHERE t.plan_id = :plan AND t.uid = ANY (:uids)
    ), box AS MATERIALIZED (
        SELECT ARRAY[min(west) - {_MARGIN_DEG}, min(south) - {_MARGIN_DEG},
            max(east) + {_MARGIN_DEG}, max(north) + {_MARGIN_DEG}] AS sides
        FROM (
            SELECT public.ST_XMin(geometry), public.ST_YMin(geometry),
                public.ST_XMax(geometry), public.ST_YMax(geometry) FROM target WHERE :spans
            UNION ALL SELECT drawn[1], drawn[2], drawn[3], drawn[4]
            FROM (SELECT CAST(:drawn AS float8[])) AS d(drawn) WHERE drawn IS NOT NULL
        ) AS b(west, south, east, north)
    ), kin AS MATERIALIZED (
        SELECT array_agg(k.id) AS ids FROM target t, unnest(ARRAY[t.id, t.parent_id, t.owner_id]) AS k(id)
    )
    {_SHOWN}
    FROM box, kin, {SCHEMA}.grids_around(:plan, box.sides, kin.ids) a
    LEFT JOIN {SCHEMA}.grid g ON g.id = a.id ORDER BY a.id"""
)


@dataclass(frozen=True)
class Around:
    """What `read_around` found, and for what it was asked."""

    grids: Mapping[int, DraftGrid]
    box: Bounds | None
    holders: frozenset[int]

    @classmethod
    def read(cls, session: Session, plan_id: int, box: Bounds | None, holders: Iterable[int]) -> Around:
        """As `read_around`."""
        asked = frozenset(holders)
        return cls(read_around(session, plan_id, box, asked), box, asked)

    @classmethod
    def targets(
        cls, session: Session, plan_id: int, uids: Collection[str], *, drawn: Bounds | None, spans: bool
    ) -> Around:
        """What lies around something drawn and, if it `spans` them, around the targets called `uids`.

        The targets and their holders are always among it, with all that these hold. In one statement, since
        each takes as long on its way as at its work.
        """
        wanted = frozenset(uids)
        asked = {
            "plan": plan_id,
            "uids": list(wanted),
            "drawn": list(drawn) if drawn else None,
            "spans": spans,
        }
        grids = _grids(session.execute(_TARGETS, asked).all())
        named = [each for each in grids.values() if each.is_overseen and each.uid in wanted]
        kin = {each for grid in named for each in (grid.id, *(grid.columns[above] for above in _ABOVE))}
        boxes = [grid.geometry.bounds for grid in named] if spans else []
        return cls(grids, bounds_of(boxes if drawn is None else [*boxes, drawn]), frozenset(kin - {None}))

    def has(self, box: Bounds | None, holders: Collection[int]) -> bool:
        """Whether nothing else would be found for these."""
        return self.holders.issuperset(holders) and (box is None or _lies_in(box, self.box))

    def after(
        self, changes: Iterable[GridChange], box: Bounds | None, holders: Collection[int]
    ) -> dict[int, DraftGrid]:
        """What would be found for these once changes are made, if it is all among what is there before."""
        grids = dict(self.grids)
        for each in changes:
            if each.after is not None:
                grids[each.after.id] = each.after
            elif each.before is not None:
                grids.pop(each.before.id, None)
        ids = sorted(grids)
        meets = np.zeros(len(ids), dtype=np.bool_)
        if box is not None:
            boxes = shapely.bounds(np.array([grids[key].geometry for key in ids], dtype=object))
            meets |= np.all((boxes[:, :2] <= box[2:]) & (boxes[:, 2:] >= box[:2]), axis=1)
        above = frozenset(holders)
        return {
            key: grids[key]
            for key, is_met in zip(ids, meets.tolist(), strict=True)
            if is_met or not above.isdisjoint((key, *(grids[key].columns[each] for each in _ABOVE)))
        }


_ABOVE = ("parent_id", "owner_id")


def bounds_of(boxes: Collection[Bounds]) -> Bounds | None:
    """The bounds of several; None if there are none."""
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _lies_in(box: Bounds, other: Bounds | None) -> bool:
    if other is None:
        return False
    west, south, east, north = other
    return west <= box[0] and south <= box[1] and box[2] <= east and box[3] <= north


def read_below(session: Session, plan_id: int, uids: Collection[str]) -> dict[int, DraftGrid]:
    """The grids of a plan that have one of these in their path, without those themselves."""
    if not uids:
        return {}
    return _grids(session.execute(_BELOW, {"plan": plan_id, "uids": list(uids)}).all())


_SEEN = f"""SELECT {", ".join(f"g.{each}" for each in _COLUMNS)}, g.version, true,
    public.ST_AsBinary(g.geometry) FROM {SCHEMA}.grid g WHERE g.plan_id = :plan"""
_BELOW = text(f"{_SEEN} AND g.path && CAST(:uids AS text[]) AND NOT g.uid = ANY (:uids) ORDER BY g.id")
_OF_LEVEL = text(f"{_SEEN} AND g.level = :level AND g.kind = 'administrative' ORDER BY g.id")


def read_level(session: Session, plan_id: int, level: int) -> dict[int, DraftGrid]:
    """The administrative grids of a level that the session sees."""
    rows = session.execute(_OF_LEVEL, {"plan": plan_id, "level": level}).all()
    return _grids(rows)


def _grids(rows: Iterable[Any]) -> dict[int, DraftGrid]:
    """Rows of the columns, the version, whether it is overseen, and the outline as WKB."""
    read = [(dict(zip(_COLUMNS, row[:-3], strict=True)), *row[-3:]) for row in rows]
    shapes = shapely.from_wkb([bytes(wkb) for *_, wkb in read])
    return {
        columns["id"]: DraftGrid(
            columns if is_overseen else {each: columns[each] for each in _KNOWN_OF_ALL},
            shape,
            version or 1,
            is_overseen,
        )
        for (columns, version, is_overseen, _), shape in zip(read, shapes, strict=True)
    }


TEXTS: Mapping[str, Callable[[DraftGrid], str | None]] = {
    "kind": lambda grid: str(grid.columns["kind"]),
    "name": lambda grid: grid.name,
    "code": lambda grid: grid.columns.get("code"),
    "uid": lambda grid: grid.uid,
    "path": lambda grid: joined(grid.columns["path"]),
}
"""The columns of a frame that are texts."""


def frame_of(grids: Mapping[int, DraftGrid], *, texts: Iterable[str] = TEXTS) -> gpd.GeoDataFrame:
    """Grids as `gisgrid.spatial.editing` takes them, indexed by id.

    Columns `level`, `parent` and `owner` (Int64), `is_partial`, and of the texts `kind`, `name`, `code`,
    `uid` and `path` (joined) those that are asked for.

    Notes
    -----
    Made of arrays that share one index, which takes 0.7 ms instead of 1.6: an edit makes two such frames.
    """
    each = list(grids.values())
    columns = [grid.columns for grid in each]
    index = pd.Index(np.fromiter(grids, dtype=np.int64, count=len(each)))
    table = pd.DataFrame(
        {
            "level": np.array([row["level"] for row in columns], dtype=np.int64),
            "parent": _nullable([row["parent_id"] for row in columns]),
            "owner": _nullable([row["owner_id"] for row in columns]),
            "is_partial": np.array([bool(row.get("is_partial")) for row in columns], dtype=bool),
        }
        | {
            name: pd.Series(
                np.array([TEXTS[name](grid) for grid in each], dtype=object), index, dtype="object"
            )
            for name in texts
        }
        | {"geometry": from_shapely(np.array([grid.geometry for grid in each], dtype=object), STORED_CRS)},
        index=index,
    )
    return gpd.GeoDataFrame(table, geometry="geometry")


def _nullable(numbers: Sequence[int | None]) -> pd.arrays.IntegerArray:
    lacking = np.array([each is None for each in numbers], dtype=bool)
    return pd.arrays.IntegerArray(np.array([each or 0 for each in numbers], dtype=np.int64), lacking)


def as_stored(geometry: BaseGeometry) -> BaseGeometry:
    """A polygon as the database keeps it: as a multipolygon."""
    return shapely.MultiPolygon([geometry]) if isinstance(geometry, shapely.Polygon) else geometry


def write_changes(session: Session, plan_id: int, changes: Collection[GridChange]) -> None:
    """Insert, update and delete grids of a draft; children come to their new parent before the old goes."""
    own = [each for each in changes if each.is_overseen]
    inserted = [each.after for each in own if each.before is None and each.after is not None]
    updated = [each.after for each in own if each.before is not None and each.after is not None]
    removed = [each.before.id for each in own if each.after is None and each.before is not None]
    _send(session, plan_id, inserted, _INSERT)
    _send(session, plan_id, updated, _UPDATE)
    if removed:
        session.execute(text(f"DELETE FROM {SCHEMA}.grid WHERE id = ANY (:ids)"), {"ids": removed})
    for change in changes:
        if not change.is_overseen and change.after is not None:
            session.execute(
                text(f"SELECT {SCHEMA}.insert_vertices(:id, CAST(:shape AS public.geometry))"),
                {"id": change.after.id, "shape": hex_of([change.after.geometry])[0]},
            )


_RECORD = ", ".join(f"{column} {kind}" for column, kind in _COLUMNS.items())
_ROWS = f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS r({_RECORD}, geometry text)"
_INSERT = text(
    f"""INSERT INTO {SCHEMA}.grid (plan_id, {", ".join(_COLUMNS)}, geometry)
    SELECT :plan, {", ".join(f"r.{each}" for each in _COLUMNS)}, CAST(r.geometry AS public.geometry)
    FROM {_ROWS}"""
)
_UPDATE = text(
    f"""UPDATE {SCHEMA}.grid g SET
    {", ".join(f"{each} = r.{each}" for each in _COLUMNS if each not in ("id", "uid"))},
    geometry = CAST(r.geometry AS public.geometry)
    FROM {_ROWS} WHERE g.id = r.id AND g.plan_id = :plan"""
)


def _send(session: Session, plan_id: int, grids: list[DraftGrid], statement: TextClause) -> None:
    if not grids:
        return
    shapes = hex_of([each.geometry for each in grids])
    rows = [{**each.columns, "geometry": shape} for each, shape in zip(grids, shapes, strict=True)]
    sent = session.execute(statement, {"plan": plan_id, "rows": json.dumps(rows, ensure_ascii=False)})
    assert sent.rowcount == len(grids)  # type: ignore[attr-defined]  # noqa: S101 -- row security hides none of them


def hex_of(shapes: Collection[BaseGeometry]) -> list[str]:
    """Geometries as the database reads them back, bit for bit: hexadecimal EWKB."""
    stored: Geometries = np.array([as_stored(each) for each in shapes], dtype=object)
    return list(shapely.to_wkb(shapely.set_srid(stored, SRID), hex=True, include_srid=True))
