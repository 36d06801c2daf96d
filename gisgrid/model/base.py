"""What all tables share: the schema, names of constraints, the types of columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, Enum, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, mapped_column

SCHEMA = "gisgrid"
SRID = 4490
"""CGCS2000, x = longitude: the CRS of every geometry column."""

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """A table of gisgrid."""

    metadata = MetaData(schema=SCHEMA, naming_convention=_NAMES)
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
    }


Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Strs = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Shape = WKBElement


def one_of(values: type[StrEnum]) -> Enum:
    """A text column that holds one of an enum's values, checked by the database."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=values.__name__.lower(),
        values_callable=lambda kind: [each.value for each in kind],
    )


def geometry(kind: str, **options: Any) -> Any:
    """A column of geometries of one kind in EPSG:4490, with a spatial index."""
    return mapped_column(Geometry(kind, srid=SRID, spatial_index=True), **options)
