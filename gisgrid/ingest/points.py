"""The rows of a table as places: pollution sources or receptors, from geometry or from coordinate columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gisgrid.errors import MissingField
from gisgrid.frames import Rejected
from gisgrid.ingest.fields import Role, is_latitude_first, list_columns
from gisgrid.ingest.numbers import is_blank, parse_coordinates, split_pairs
from gisgrid.ingest.sexagesimal import axis_values
from gisgrid.ingest.table import Table
from gisgrid.ingest.text_values import text_column
from gisgrid.text import Text

Floats: TypeAlias = NDArray[np.float64]

NO_COORDINATES = Text(zh="没有坐标。", en="It has no coordinates.")
ONE_COORDINATE = Text(zh="只有一个坐标。", en="It has only one of the two coordinates.")
NOT_FINITE = Text(zh="坐标是无穷大。", en="A coordinate is infinite.")
PLACEHOLDER = Text(
    zh="坐标是占位值（0、0 或 9999 之类）。",
    en="Its coordinates are a placeholder (0, 0 or 9999 or the like).",
)
OUT_OF_RANGE = Text(
    zh="经度应在 ±180°、纬度应在 ±90° 以内。", en="Longitude must be within ±180° and latitude within ±90°."
)
_PLACEHOLDERS = (
    0.0,
    -1.0,
    -9.0,
    -99.0,
    999.0,
    -999.0,
    9999.0,
    -9999.0,
    99999.0,
    -99999.0,
    999999.0,
    9999999.0,
)
_CLASS = r"^([ABC])\s*(?:类|级|CLASS)?$"
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class PointRows:
    """Rows that have a place, still in the file's coordinates.

    Attributes
    ----------
    frame : GeoDataFrame
        n geometries without CRS, indexed 0..n-1: `row`, `id`, `name`, `kind`,
        `source_class`, `stated_code`, `stated_name` (text), `raw_x`, `raw_y`
        (x is the longitude's or easting's column; NaN for lines and polygons).
    rejected : tuple of Rejected
        Rows without a usable place.
    """

    frame: gpd.GeoDataFrame
    rejected: tuple[Rejected, ...]


def point_rows(table: Table, fields: Mapping[str, str], *, option: str = "--source-field") -> PointRows:
    """Take places from a table.

    Parameters
    ----------
    table : Table
    fields : mapping of str to str
        Role → column, as `detect` gives it.
    option : str
        The command's option that names a column, for the message.

    Raises
    ------
    MissingField
        If there is neither geometry nor a pair of coordinate columns.
    """
    rejected: tuple[Rejected, ...] = ()
    if table.geometry is not None and not {Role.LON, Role.LAT} <= fields.keys():
        rows, geometry = table.rows, table.geometry
        x, y = shapely.get_x(geometry), shapely.get_y(geometry)  # NaN for lines and polygons
    else:
        x, y, reasons = _coordinates(table, fields, option)
        good = np.ones(len(table.rows), bool)
        good[list(reasons)] = False
        names = text_column(table.rows, fields.get(Role.ID))
        rejected = tuple(
            Rejected(int(table.rows.index[at]), reasons[at], _id_or_none(names.iloc[at]))
            for at in sorted(reasons)
        )
        rows, x, y = table.rows[good], x[good], y[good]
        geometry = np.asarray(shapely.points(x, y), dtype=object)
    columns = {
        "id": Role.ID,
        "name": Role.NAME,
        "kind": Role.KIND,
        "source_class": Role.SOURCE_CLASS,
        "stated_code": Role.STATED_CODE,
        "stated_name": Role.STATED_NAME,
    }
    texts = {name: text_column(rows, fields.get(role)).array for name, role in columns.items()}
    texts["source_class"] = _class_letters(pd.Series(texts["source_class"])).array
    frame = gpd.GeoDataFrame(
        {"row": rows.index.to_numpy(dtype=np.int64), **texts, "raw_x": x, "raw_y": y}, geometry=geometry
    )
    return PointRows(frame, rejected)


def out_of_range(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which of n geometries, taken as degrees, lie outside ±180° and ±90°."""
    x_min, y_min, x_max, y_max = shapely.bounds(frame.geometry.to_numpy()).T
    inside = (x_min >= -180) & (x_max <= 180) & (y_min >= -90) & (y_max <= 90)
    return np.asarray(~inside)


def _coordinates(
    table: Table, fields: Mapping[str, str], option: str
) -> tuple[Floats, Floats, dict[int, Text]]:
    """x, y, and why a position has none."""
    if not {Role.LON, Role.LAT} <= fields.keys():
        raise _no_coordinate_columns(table, fields, option)
    x_text, y_text = axis_values(table.rows, fields[Role.LON]), axis_values(table.rows, fields[Role.LAT])
    if fields[Role.LON] == fields[Role.LAT]:
        first, second = split_pairs(x_text)
        x_text, y_text = (second, first) if is_latitude_first(fields[Role.LON]) else (first, second)
    x, y = parse_coordinates(x_text), parse_coordinates(y_text)
    x_blank, y_blank = is_blank(x_text), is_blank(y_text)
    reasons: dict[int, Text] = {}

    def because(which: NDArray[np.bool_], reason: Text) -> None:
        for at in np.flatnonzero(which):
            reasons.setdefault(int(at), reason)

    because(x_blank & y_blank, NO_COORDINATES)
    because(x_blank ^ y_blank, ONE_COORDINATE)
    because(np.isinf(x) | np.isinf(y), NOT_FINITE)
    for at in np.flatnonzero(np.isnan(x) | np.isnan(y)):
        if int(at) not in reasons:
            bad = x_text if np.isnan(x[at]) else y_text
            reasons[int(at)] = _not_a_number(str(bad.iloc[at]))
    because((x == y) & np.isin(x, _PLACEHOLDERS), PLACEHOLDER)
    return x, y, reasons


def _not_a_number(text: str) -> Text:
    shown = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
    return Text(zh=f"坐标“{shown}”不是数字。", en=f"The coordinate {shown!r} is not a number.")


def _no_coordinate_columns(table: Table, fields: Mapping[str, str], option: str) -> MissingField:
    lacking = "/".join(role for role in (Role.LON, Role.LAT) if role not in fields)
    listed = list_columns([str(each) for each in table.rows.columns])
    return MissingField(
        Text(
            zh=f"找不到坐标列（{lacking}）。现有列：{listed.zh}。",
            en=f"No column of coordinates was found ({lacking}). The columns are: {listed.en}.",
        ),
        where=table.file,
        todo=Text(
            zh=f"请用 {option} lon=列名 {option} lat=列名 指定。",
            en=f"Name them with {option} lon=COLUMN {option} lat=COLUMN.",
        ),
    )


def _class_letters(values: pd.Series) -> pd.Series:
    """ "Ａ类" and "a" as "A"; anything else as it is."""
    which, written = pd.factorize(values)
    plain = pd.Series(written, dtype="str")
    letter = plain.str.normalize("NFKC").str.strip().str.upper().str.extract(_CLASS)[0]
    cleaned = letter.where(letter.notna(), plain)
    return cleaned.reindex(which).reset_index(drop=True)


def _id_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
