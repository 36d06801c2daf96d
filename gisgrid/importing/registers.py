"""What registers of sources and receptors have in common: rows placed by the audit's readers, and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy.orm import Session

from gisgrid.audit import PointFile
from gisgrid.audit.points import Points, place_points
from gisgrid.errors import InputError
from gisgrid.frames import GridFrame, Location, Rejected
from gisgrid.importing.texts import digest
from gisgrid.ingest.fields import name_forms
from gisgrid.ingest.synonyms import Role
from gisgrid.ingest.table import Table
from gisgrid.planning.recompute import placing_plan
from gisgrid.spatial.nearness import representative_lonlat
from gisgrid.store.frames import read_grids
from gisgrid.text import Text

_NOT_IDENTITY = frozenset(
    [
        *("序号", "no", "numero", "组织机构代码", "creditcode", "uscc"),
        *("统一社会信用代码", "统一信用代码", "社会信用代码", "信用代码"),
    ]
)
"""A running number changes with every edit, and an enterprise may have several sites."""

_DECIMALS = 6
"""0.1 m: digits of a position that tell one place from another."""
_SHOWN = 5


@dataclass(frozen=True)
class Register:
    """n placed rows, each with a `uid`; the grids that they were placed among, and what is to be said."""

    frame: gpd.GeoDataFrame
    points: Points
    grids: GridFrame
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...]


def place_register(
    session: Session, file: PointFile, table: Table, roles: Sequence[Role], what: str
) -> Register:
    """Place the rows of a register among the grids of the plan in force, and give each a uid.

    Raises
    ------
    InputError
        If there are no grids yet, or the CRS cannot be settled.
    """
    plan_id = placing_plan(session)
    grids = None if plan_id is None else read_grids(session, plan_id)
    if grids is None or grids.empty:
        raise InputError(
            Text(
                zh="还没有网格，无法判断坐标落在哪里。",
                en="There are no grids yet to tell where the coordinates lie.",
            ),
            where=table.file,
            todo=Text(zh="请先用 gisgrid import grids 导入网格。", en="Run gisgrid import grids first."),
        )
    land = grids.geometry[grids["level"] == grids["level"].min()].to_numpy()
    region: Polygon | MultiPolygon = shapely.union_all(land)  # type: ignore[assignment]
    points = place_points(file, {file.path: table}, roles, what, region, grids)
    frame, rejected, notes = with_uids(points.frame, points.source.fields.get(Role.ID))
    return Register(frame, points, grids, rejected, (*notes, *_doubtful(frame, region)))


def _doubtful(frame: gpd.GeoDataFrame, region: Polygon | MultiPolygon) -> list[Text]:
    """How many rows were put right, or lie strangely, and the first of them."""
    shapely.prepare(region)
    location = frame["location"]
    told = (
        (
            location == Location.SWAPPED,
            "经纬度颠倒，已更正",
            "have longitude and latitude swapped; corrected",
        ),
        (
            location == Location.AMBIGUOUS,
            "经纬度可能颠倒，照原样保留",
            "may have them swapped; kept as given",
        ),
        (~shapely.intersects(region, frame.geometry.to_numpy()), "在网格范围之外", "lie outside all grids"),
    )
    return [
        Text(
            zh=f"{int(which.sum())} 行{zh}：第 {_first_rows(frame['row'][which])} 行。",
            en=f"{int(which.sum())} rows {en}: row {_first_rows(frame['row'][which])}.",
        )
        for which, zh, en in told
        if which.any()
    ]


def _first_rows(rows: pd.Series) -> str:
    shown = ", ".join(str(int(row)) for row in rows.head(_SHOWN))
    return shown if len(rows) <= _SHOWN else f"{shown} …"


def with_uids(
    frame: gpd.GeoDataFrame, id_column: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Rejected, ...], tuple[Text, ...]]:
    """The rows with a `uid`, the repeated ones as rejected, and notes.

    The uid is the register's own number. A row without one (a running number and
    a credit code are none) gets "~" and a digest of its name, kind and position,
    so that the same row has the same uid in every import; moving or renaming it
    makes it another. Of several rows with one number the first keeps it; the
    others get it with such a digest behind it, unless they only repeat a row.

    Parameters
    ----------
    frame : GeoDataFrame
        n placed rows with `row`, `id`, `name`, `kind`.
    id_column : str or None
        What the file calls the column of ids.
    """
    usable = id_column is not None and not _NOT_IDENTITY.intersection(name_forms(id_column))
    uid = frame["id"].astype("object") if usable else pd.Series(None, index=frame.index, dtype="object")
    blank = uid.isna()
    again = uid.duplicated() & ~blank
    doubtful = blank | again
    content = _digests(frame[doubtful])
    uid[doubtful] = uid[doubtful].fillna("") + "~" + content
    repeats = pd.Series(False, index=frame.index)
    if again.any():
        firsts = frame[~again & ~blank & frame["id"].isin(frame["id"][again])]
        first_content = dict(zip(firsts["id"], _digests(firsts), strict=True))
        repeats[again] = frame["id"][again].map(first_content) == content[again[doubtful]]
    repeats |= uid.duplicated()
    first_row = frame.assign(uid=uid).drop_duplicates("uid").set_index("uid")["row"]
    rejected = tuple(
        Rejected(int(row), _repeated(int(first_row.get(own, first_row.get(given, row)))), _text(given))
        for row, own, given in zip(frame["row"][repeats], uid[repeats], frame["id"][repeats], strict=True)
    )
    kept = frame[~repeats].assign(uid=uid[~repeats].astype("str"))
    return kept, rejected, tuple(_notes(int(blank.sum()), int((again & ~repeats).sum())))


def _digests(frame: gpd.GeoDataFrame) -> pd.Series:
    lon, lat = representative_lonlat(frame.geometry.to_numpy())
    parts = zip(
        frame["name"].fillna(""),
        frame["kind"].fillna(""),
        np.round(lon, _DECIMALS),
        np.round(lat, _DECIMALS),
        strict=True,
    )
    return pd.Series([digest(*each) for each in parts], index=frame.index, dtype="object")


def _repeated(row: int) -> Text:
    return Text(zh=f"与第 {row} 行重复。", en=f"It repeats row {row}.")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _notes(without: int, shared: int) -> list[Text]:
    notes = []
    if without:
        notes.append(
            Text(
                zh=f"{without} 行没有编号，以名称、类型和位置生成编号；改名或移位后会算作另一条。",
                en=f"{without} rows have no number; theirs is made of name, kind and position, so that a row "
                "renamed or moved counts as another.",
            )
        )
    if shared:
        notes.append(
            Text(
                zh=f"{shared} 行与别的行编号相同而内容不同，编号后加了识别码。",
                en=f"{shared} rows share their number with another place; a digest was added to it.",
            )
        )
    return notes
