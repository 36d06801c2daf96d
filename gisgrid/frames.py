"""The frames that flow through gisgrid: grids, sources, receptors and findings.

Every frame is a GeoDataFrame in EPSG:4490, x = longitude. `check_grids` and its
siblings raise if a frame is not what its name promises; they are called where a
frame enters the spatial core, not between its functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from gisgrid.errors import CrsMismatch
from gisgrid.text import Text

STORED_CRS = "EPSG:4490"
"""CGCS2000, lon/lat: the CRS of every frame (GB 22021-2008, GB/T 33183)."""

GridFrame: TypeAlias = gpd.GeoDataFrame
SourceFrame: TypeAlias = gpd.GeoDataFrame
ReceptorFrame: TypeAlias = gpd.GeoDataFrame
FindingFrame: TypeAlias = gpd.GeoDataFrame


class FindingKind(StrEnum):
    """What is wrong with a piece of land; the first that matches wins."""

    PROTRUSION = "protrusion"
    OVERLAP = "overlap"
    MISNESTED = "misnested"
    GAP = "gap"


class SizeClass(StrEnum):
    """How wide a finding is: the diameter of the largest circle that fits into it."""

    NOISE = "noise"
    SLIVER = "sliver"
    STRIP = "strip"
    REAL = "real"


class Location(StrEnum):
    """How a source or receptor came by its position."""

    GIVEN = "given"
    SWAPPED = "swapped"  # corrected: longitude and latitude had changed places
    AMBIGUOUS = "ambiguous"  # kept as given: either order falls inside the region


@dataclass(frozen=True)
class Rejected:
    """A row that could not be used, and why.

    `row` counts as its owner does: in a table, the number the spreadsheet shows
    (the header is row 1); in any other file, the feature's number from 1.
    """

    row: int
    reason: Text
    id: str | None = None


_text = pa.Column("str", nullable=True, coerce=True)

_grids = pa.DataFrameSchema(
    {
        "level": pa.Column("int64", pa.Check.ge(1)),
        "code": _text,
        "name": _text,
        "parent": pa.Column("Int64", nullable=True),
        "geometry": pa.Column("geometry"),
    },
    index=pa.Index("int64", unique=True),
)

_sources = pa.DataFrameSchema(
    {
        "row": pa.Column("int64"),
        "id": _text,
        "name": _text,
        "kind": _text,
        "source_class": _text,
        "stated_code": _text,
        "stated_name": _text,
        "location": pa.Column("str", pa.Check.isin([str(each) for each in Location]), coerce=True),
        "raw_x": pa.Column("float64", nullable=True),
        "raw_y": pa.Column("float64", nullable=True),
        "geometry": pa.Column("geometry"),
    },
    index=pa.Index("int64", unique=True),
)

_receptors = pa.DataFrameSchema(
    {
        "row": pa.Column("int64"),
        "id": _text,
        "name": _text,
        "kind": _text,
        "geometry": pa.Column("geometry"),
    },
    index=pa.Index("int64", unique=True),
)

FINDING_COLUMNS = (
    "kind",  # FindingKind
    "parent_level",  # Int64, <NA> where there is no coarser level
    "child_level",  # int64
    "parent",  # Int64: the grid whose land it is; of a protrusion, the owner's parent
    "owners",  # tuple of grid ids, ascending: the children that cover it
    "neighbours",  # tuple of (grid id, share of the border in 0..1), longest border first
    "area_m2",  # float64, on the ellipsoid
    "width_m",  # float64, diameter of the largest inscribed circle
    "size_class",  # SizeClass
    "enclosed",  # bool: shares no edge with the parent's boundary (gaps only, else <NA>)
    "geometry",
)
"""The columns of a FindingFrame, whose index is the finding's number from 1, largest area first."""


def _checked(frame: gpd.GeoDataFrame, schema: pa.DataFrameSchema, name: str) -> gpd.GeoDataFrame:
    if frame.crs is None or frame.crs.to_epsg() != 4490:
        raise CrsMismatch(
            Text(
                zh=f"{name}的坐标系应为 EPSG:4490，实际为 {frame.crs}。",
                en=f"The {name} must be in EPSG:4490, not {frame.crs}.",
            ),
            todo=Text(zh="请先用 gisgrid.crs 转换坐标。", en="Convert them with gisgrid.crs first."),
        )
    return schema.validate(frame)


def check_grids(frame: gpd.GeoDataFrame) -> GridFrame:
    """Return `frame` if it is a GridFrame.

    Columns `level` (1 is coarsest), `code`, `name`, `parent` (id of the grid of
    the nearest coarser level that it belongs to, or <NA>) and `geometry`
    (polygons); the index is the grid's id. More columns are allowed.

    Raises
    ------
    CrsMismatch
        If it is not in EPSG:4490.
    pandera.errors.SchemaError
        If a column is missing or of another type.
    """
    return _checked(frame, _grids, "grids")


def check_sources(frame: gpd.GeoDataFrame) -> SourceFrame:
    """Return `frame` if it is a SourceFrame.

    Columns `row`, `id`, `name`, `kind`, `source_class`, `stated_code` and
    `stated_name` (the grid that the register itself names), `location`,
    `raw_x`, `raw_y` (as the file had them; NaN for lines and polygons) and
    `geometry`. Raises as `check_grids`.
    """
    return _checked(frame, _sources, "sources")


def check_receptors(frame: gpd.GeoDataFrame) -> ReceptorFrame:
    """Return `frame` if it is a ReceptorFrame: `row`, `id`, `name`, `kind`, `geometry`. Raises as above."""
    return _checked(frame, _receptors, "receptors")


def empty_findings() -> FindingFrame:
    """A FindingFrame without rows."""
    return _empty_findings().copy(deep=False)


@cache
def _empty_findings() -> FindingFrame:
    frame = gpd.GeoDataFrame(
        {column: pd.Series(dtype=object) for column in FINDING_COLUMNS[:-1]}, geometry=[], crs=STORED_CRS
    )
    return frame.astype(
        {
            "parent_level": "Int64",
            "child_level": "int64",
            "parent": "Int64",
            "area_m2": "float64",
            "width_m": "float64",
            "enclosed": "boolean",
        }
    )
