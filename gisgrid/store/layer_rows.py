"""The rows of a layer that somebody wants: where, which, in what order, how many.

A layer's own query is wrapped, so that nothing but its labelled columns can be
named. The box goes inside, to the stored geometry and its index; the rest
outside, to what the layer shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import shapely
from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy import Text as String
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from gisgrid.cql import Field, condition
from gisgrid.cql.spatial import stored
from gisgrid.crs.served import CRS84, ServedCrs
from gisgrid.errors import InputError
from gisgrid.layer import Column, Kind, Layer, Shape
from gisgrid.model import SRID
from gisgrid.text import Text

_TYPES: Final[Mapping[Kind, type[TypeEngine[Any]]]] = {
    Kind.TEXT: String,
    Kind.INTEGER: BigInteger,
    Kind.NUMBER: Float,
    Kind.DATE: Date,
    Kind.BOOLEAN: Boolean,
}
_CHUNK: Final = 500
"""Rows fetched at a time."""

ID: Final = Column("id", Text(zh="序号", en="Id"), Kind.INTEGER)
"""Every layer's rows have it; it may be filtered and sorted by."""


class UnusableShape(InputError):
    """The database cannot compare these geometries."""


class Days(NamedTuple):
    """The first and the last day of a time; None where it is open."""

    start: date | None
    end: date | None


@dataclass(frozen=True)
class Wanted:
    """Which rows of a layer.

    Attributes
    ----------
    place : Geometry or None
        In EPSG:4490; rows that meet it.
    filter : object
        CQL2 JSON, as `gisgrid.cql.read_filter` returns it; None: all.
    filter_crs : ServedCrs
        Of the geometries in it.
    equal : tuple of (str, object)
        Columns and the values that they must have.
    days : Days or None
        Rows of that time, and those that have none.
    sort : tuple of (str, bool)
        Columns, and whether they descend; ties are broken by id.
    """

    place: shapely.Geometry | None = None
    filter: Any = None
    filter_crs: ServedCrs = CRS84
    equal: tuple[tuple[str, Any], ...] = ()
    days: Days | None = None
    sort: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class LayerRows:
    """Rows of a layer, for one transaction to read.

    Parameters
    ----------
    layer : Layer
    plan : int or None
        None where the layer has none; a layer that needs one is then empty.
    wanted : Wanted
    """

    layer: Layer
    plan: int | None
    wanted: Wanted = field(default_factory=Wanted)

    def count(self, session: Session) -> int:
        """How many there are."""
        rows = self._rows()
        counted = select(func.count()).select_from(rows).where(*self._conditions(rows))
        with _explained():
            return int(session.execute(counted, self._parameters).scalar_one())

    def features(
        self,
        session: Session,
        columns: Sequence[Column],
        *,
        crs: ServedCrs = CRS84,
        limit: int,
        offset: int = 0,
    ) -> Iterator[tuple[int, str | None, dict[str, Any]]]:
        """Ids, GeoJSON geometries and values, a page of them."""
        rows = self._rows()
        shape = func.ST_AsGeoJSON(_in_crs(self._shape(rows), crs), crs.decimals, 0)
        query = self._ordered(self._select(rows, shape, columns), rows)
        # Written out: the planner does not know a parameter's value, and would sort everything.
        query = query.limit(_written_out(limit)).offset(_written_out(offset))
        for fid, geometry, *values in self._fetched(session, query):
            named = {column.name: _plain(value) for column, value in zip(columns, values, strict=True)}
            yield fid, geometry, named

    def feature(
        self, session: Session, fid: int, columns: Sequence[Column], crs: ServedCrs = CRS84
    ) -> tuple[int, str | None, dict[str, Any]] | None:
        """One of them, by its id."""
        one = LayerRows(self.layer, self.plan, Wanted(equal=(("id", fid),)))
        return next(one.features(session, columns, crs=crs, limit=1), None)

    def records(self, session: Session, limit: int) -> Iterator[tuple[Any, ...]]:
        """Id, WKB and all columns of at most `limit` rows, for files: lines and polygons as multis."""
        rows = self._rows()
        shape = self._shape(rows)
        if self.layer.shape is not Shape.POINT:
            shape = func.ST_Multi(shape)
        query = self._select(rows, func.ST_AsBinary(shape), self.layer.columns)
        yield from self._fetched(session, self._ordered(query, rows).limit(_written_out(limit)))

    def _rows(self) -> Any:
        place = self.wanted.place
        if place is None:
            return self.layer.rows.subquery("rows")
        west, south, east, north = shapely.bounds(
            place if not shapely.is_empty(place) else shapely.Point(0, 0)
        )
        return self.layer.near(func.ST_MakeEnvelope(west, south, east, north, SRID)).subquery("rows")

    def _shape(self, rows: Any) -> ColumnElement[Any]:
        """The geometry that is shown. What is computed through `geography` says it is of EPSG:4326."""
        shape = rows.c.geometry
        computed = func.ST_SetSRID(shape, SRID) if self.layer.located is not None else shape
        return type_coerce(computed, Geometry(srid=SRID))

    @property
    def _parameters(self) -> dict[str, Any]:
        return {"plan": self.plan} if self.layer.needs_plan else {}

    def _select(self, rows: Any, shape: ColumnElement[Any], columns: Sequence[Column]) -> Select[Any]:
        values = (_column(rows, column) for column in columns)
        return select(rows.c.id, shape, *values).where(*self._conditions(rows))

    def _ordered(self, query: Select[Any], rows: Any) -> Select[Any]:
        kinds = _kinds(self.layer)
        for name, descends in self.wanted.sort:
            column = _column(rows, kinds[name])
            query = query.order_by(column.desc().nulls_last() if descends else column.asc().nulls_last())
        return query.order_by(rows.c.id)

    def _conditions(self, rows: Any) -> Iterator[ColumnElement[bool]]:
        wanted, kinds = self.wanted, _kinds(self.layer)
        geometry = self._shape(rows)
        if self.layer.needs_plan and self.plan is None:
            yield false()
        if wanted.place is not None:
            yield _meets(geometry, wanted.place)
        for name, value in wanted.equal:
            yield _column(rows, kinds[name]) == literal(value, _TYPES[kinds[name].kind])
        if wanted.days is not None:
            yield _of_time(rows, self.layer, wanted.days)
        if wanted.filter is not None:
            fields = {name: Field(each.kind, _column(rows, each)) for name, each in kinds.items()}
            yield condition(wanted.filter, fields, geometry, wanted.filter_crs)

    def _fetched(self, session: Session, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
        with _explained():
            found = session.execute(query, self._parameters, execution_options={"yield_per": _CHUNK})
            try:
                for row in found:
                    yield tuple(row)
            finally:
                found.close()


def _written_out(number: int) -> ColumnElement[int]:
    return bindparam(None, number, type_=BigInteger, literal_execute=True)


def time_columns(layer: Layer) -> tuple[Column, Column] | None:
    """The columns with the first and the last day of a row's time: often one and the same."""
    days = [each for each in layer.columns if each.kind is Kind.DATE]
    named = {each.name: each for each in days}
    if {"valid_from", "valid_to"} <= set(named):
        return named["valid_from"], named["valid_to"]
    return (days[0], days[0]) if days else None


def _kinds(layer: Layer) -> dict[str, Column]:
    return {column.name: column for column in (*layer.columns, ID)}


def _column(rows: Any, column: Column) -> ColumnElement[Any]:
    """A column as what its layer says it is; codes of enums as the texts that they are."""
    return type_coerce(rows.c[column.name], _TYPES[column.kind])


def _meets(geometry: ColumnElement[Any], place: shapely.Geometry) -> ColumnElement[bool]:
    if shapely.is_empty(place):
        return false()
    other = stored(place)
    return and_(geometry.op("&&", is_comparison=True)(other), func.ST_Intersects(geometry, other))


def _of_time(rows: Any, layer: Layer, days: Days) -> ColumnElement[bool]:
    columns = time_columns(layer)
    if columns is None:
        return true()
    first, last = (_column(rows, each) for each in columns)
    # A row without a time is of every time; where it has an end, that is the first day without it.
    begins = true() if days.end is None else or_(first.is_(None), first <= days.end)
    if days.start is None:
        return begins
    goes_on = last >= days.start if columns[0] is columns[1] else last > days.start
    return and_(begins, or_(last.is_(None), goes_on))


def _in_crs(geometry: Any, crs: ServedCrs) -> ColumnElement[Any]:
    """The geometry in another reference system, in the axis order of its authority."""
    shape: ColumnElement[Any] = geometry
    if not crs.keeps_coordinates:
        # As WGS 84 for Web Mercator: PROJ would look for a datum shift where there is none.
        source = shape if crs.source_srid == 4490 else func.ST_SetSRID(shape, crs.source_srid)
        shape = func.ST_Transform(source, crs.srid)
    if crs.is_flipped:
        shape = func.ST_FlipCoordinates(shape)
    return shape


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


class _explained:
    """Says in words when the database gives up on a geometry."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, stack: object) -> None:
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") == "XX000":
            raise UnusableShape(
                Text(zh="数据库无法比较这些几何。", en="The database cannot compare these geometries."),
                todo=Text(zh="请换一个更简单的几何。", en="Use a simpler shape."),
            ) from error
