"""What a map layer is: one definition from which every output is made.

The instances live in the package `layers`, one file each. A layer's `rows`
selects a geometry labelled `geometry`, an integer labelled `id`, and the
columns that `columns` describes, and nothing else: that list is what leaks or
does not. Where it depends on a plan it uses `PLAN`, which is bound to the
plan's id when the rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam

from gisgrid.text import Text

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
    """A column of a layer: its label in `rows`, what people call it, its unit."""

    name: str
    title: Text
    kind: Kind = Kind.TEXT
    unit: str | None = None


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
    tables : tuple of str
        Tables that it reads, whose changes make cached answers stale.
    style : tuple of mapping
        MapLibre layer objects without `id`, `source` and `source-layer`.
    legend : tuple of Swatch
    minzoom, maxzoom : int
        Zooms at which tiles are made; beyond `maxzoom` the client magnifies them.
    sort : str
        The column that tables are sorted by at first, "-" in front for descending.
    thin_below_zoom : int or None
        Below it, tiles keep only one point a few pixels, the heaviest `weight` first.
    """

    id: str
    title: Text
    about: Text
    group: Group
    audience: Audience
    shape: Shape
    rows: Select[Any]
    columns: tuple[Column, ...]
    tables: tuple[str, ...]
    style: tuple[Mapping[str, Any], ...]
    legend: tuple[Swatch, ...]
    minzoom: int = 0
    maxzoom: int = 14
    sort: str = "id"
    thin_below_zoom: int | None = None
    position: int = field(default=100)

    @property
    def needs_plan(self) -> bool:
        """Whether its rows belong to a plan."""
        return "plan" in self.rows.compile().params
