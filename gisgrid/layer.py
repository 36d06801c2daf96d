"""What a map layer is: one definition from which every output is made.

The instances live in the package `layers`, one file each. A layer's `rows`
selects a geometry labelled `geometry`, an integer labelled `id`, and the
columns that `columns` describes, and nothing else: that list is what leaks or
does not. Where it depends on a plan it uses `PLAN`, which is bound to the
plan's id when the rows are read. Readers ask for `layer.near(box)`, which finds
the rows by the spatial index whatever else the query does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam, func
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import Label

from gisgrid.text import Text

_DIALECT: Final[Any] = postgresql.dialect()  # type: ignore[no-untyped-call]

METRES_A_DEGREE: Final = 110_000.0
"""Of latitude; a little less than anywhere on the ellipsoid, so that a box is never too small."""

Rows: TypeAlias = Select[*tuple[Any, ...]]

PLAN = bindparam("plan", type_=BigInteger, required=True)
"""The plan whose rows are wanted."""


class Audience(StrEnum):
    """Who may see a layer."""

    PUBLIC = "public"  # everybody; read as the anonymous role, whoever asks
    INTERNAL = "internal"  # those who log in, inside their jurisdiction


class Group(StrEnum):
    """Under which heading a layer stands in the switcher."""

    GRIDS = "grids"
    RESPONSIBILITY = "responsibility"
    SOURCES = "sources"
    COVERAGE = "coverage"
    SURROUNDINGS = "surroundings"
    WORKLOAD = "workload"


class Shape(StrEnum):
    """What the geometries are."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    """A column of a layer: its label in `rows`, what people call it, its unit.

    `words` says what its codes mean, where it holds codes.
    """

    name: str
    title: Text
    kind: Kind = Kind.TEXT
    unit: str | None = None
    words: Mapping[str, Text] | None = None


@dataclass(frozen=True)
class Swatch:
    """A line of the legend.

    `shape` is "fill", "line", "circle", "ring" or "hatch", so that no meaning
    hangs on colour alone; `filter` is a MapLibre expression that tells which
    features it stands for, None for all.
    """

    color: str
    label: Text
    shape: str = "fill"
    size_px: float | None = None
    filter: Sequence[Any] | None = None


@dataclass(frozen=True)
class Layer:
    """A map layer.

    Attributes
    ----------
    id : str
        Lower case with hyphens; part of every address.
    title, about : Text
    group : Group
    audience : Audience
    shape : Shape
    rows : Select
        See the module.
    columns : tuple of Column
        All that `rows` selects beside `id` and `geometry`, in the order of tables.
    style : tuple of mapping
        MapLibre layer objects without `id`, `source` and `source-layer`. In a layer of
        polygons, those of type "symbol" and "circle" draw one point a polygon: see
        `name_column` and `marks_small`.
    legend : tuple of Swatch
    minzoom, maxzoom : int
        Zooms at which tiles are made; beyond `maxzoom` the client magnifies them.
    sort : str
        The column that tables are sorted by at first, "-" in front for descending.
    thin_below_zoom : int or None
        Below it, tiles keep only one point a few pixels, that of the largest `weight`.
    weight : ColumnElement or None
        Which point is kept, and which is drawn last.
    name_column : str or None
        The column with the name that is written on the map.
    marks_small : bool
        Whether polygons too small to be seen get a point, which styles of type "circle" draw.
    mixes_shapes : bool
        Whether a layer of points also holds lines and polygons.
    located : ColumnElement or None
        The stored, indexed geometry by which rows are found, where `geometry` is computed from it.
    reach_m : float
        How far `geometry` may lie from `located`.
    position : int
        Where it stands in the switcher, from the top.
    """

    id: str
    title: Text
    about: Text
    group: Group
    audience: Audience
    shape: Shape
    rows: Rows
    columns: tuple[Column, ...]
    style: tuple[Mapping[str, Any], ...]
    legend: tuple[Swatch, ...]
    minzoom: int = 0
    maxzoom: int = 14
    sort: str = "id"
    thin_below_zoom: int | None = None
    weight: ColumnElement[Any] | None = None
    name_column: str | None = None
    marks_small: bool = False
    mixes_shapes: bool = False
    located: ColumnElement[Any] | None = None
    reach_m: float = 0.0
    position: int = 100

    @cached_property
    def needs_plan(self) -> bool:
        """Whether its rows belong to a plan."""
        return PLAN.key in self._compiled.params

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables that it reads, whose changes make cached answers stale."""
        read = {str(each.name) for each in visitors.iterate(self.rows) if isinstance(each, Table)}
        # What a visitor may see of a plan's rows hangs on the plan's state.
        return tuple(sorted(read | ({"plan"} if self.needs_plan else set())))

    @cached_property
    def checksum(self) -> str:
        """Changes with the definition; part of every ETag."""
        parts = (
            str(self._compiled),
            sorted(self._compiled.params.items(), key=str),
            self.columns,
            self.style,
        )
        text = repr((*parts, self.legend, self.minzoom, self.maxzoom, self.thin_below_zoom))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def place(self) -> ColumnElement[Any]:
        """The stored geometry by which rows are found."""
        if self.located is not None:
            return self.located
        labelled = next(each for each in self.rows.inner_columns if each.key == "geometry")
        return cast(ColumnElement[Any], labelled.element if isinstance(labelled, Label) else labelled)

    def near(self, box: ColumnElement[Any]) -> Rows:
        """Its rows whose bounding boxes may meet a box in EPSG:4490.

        The comparison is `&&` with a stored geometry: the one spatial operator
        that keeps its index under row-level security.
        """
        if self.reach_m:
            # A degree of longitude is at least half as long as one of latitude up to 60 degrees.
            degrees = self.reach_m / METRES_A_DEGREE
            box = func.ST_Expand(box, 2 * degrees, degrees)
        return self.rows.where(self.place.op("&&")(box))

    @property
    def _compiled(self) -> Any:
        return self.rows.compile(dialect=_DIALECT)
