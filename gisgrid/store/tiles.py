"""Vector tiles of a layer, made by the database.

The rows are found by `&&` on the stored geometry (a transformation in the
filter costs the index: 93 ms instead of 0.3), simplified to what one sees at
the zoom, and cut to the tile. A tile holds one MVT layer with the layer's
columns and, where a layer of polygons has names or marks, a second one of
points, `<id>-points`: one a polygon, however many tiles it crosses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.layer import Layer, Shape
from gisgrid.model import SRID
from gisgrid.text import Text

TILE_VERSION: Final = 1
"""Raise it when tiles of unchanged rows come out differently."""

MAX_ZOOM: Final = 24
EXTENT: Final = 4096
BUFFER: Final = 64
TILE_PX: Final = 512
"""As MapLibre draws vector tiles."""

_SIMPLIFY_PX: Final = 0.25
_THIN_PX: Final = 6
_NAME_FROM_PX: Final = 28
"""A name is written where its polygon is about so wide on the screen."""
_MARK_BELOW_PX: Final = 12
"""A finding that is smaller gets a mark, or nobody would see it."""


class NoSuchTile(InputError):
    """The tile's zoom, column or row does not exist in the Web Mercator scheme."""


@dataclass(frozen=True)
class Tile:
    """One tile of the Web Mercator scheme, counted from the north-west.

    Raises
    ------
    NoSuchTile
        If there is none at this place.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MAX_ZOOM:
            raise NoSuchTile(
                Text(zh=f"没有第 {self.z} 级瓦片。", en=f"There are no tiles at zoom {self.z}."),
                where=f"{self.z}/{self.x}/{self.y}",
                todo=Text(zh=f"请用 0 至 {MAX_ZOOM} 级。", en=f"Ask for zoom 0 to {MAX_ZOOM}."),
            )
        if not (0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise NoSuchTile(
                Text(zh="该级没有这个行列号。", en="This zoom has no such column or row."),
                where=f"{self.z}/{self.x}/{self.y}",
                todo=Text(
                    zh=f"第 {self.z} 级的行列号为 0 至 {2**self.z - 1}。",
                    en=f"At zoom {self.z} they go from 0 to {2**self.z - 1}.",
                ),
            )

    @property
    def degrees_a_pixel(self) -> float:
        """Of longitude; a pixel is never more degrees of latitude."""
        return math.ldexp(360.0 / TILE_PX, -self.z)

    def bounds(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees; `margin` is a share of the tile's width."""
        west, east = (360.0 * (self.x + each) / 2**self.z - 180.0 for each in (-margin, 1 + margin))
        north, south = (_latitude((self.y + each) / 2**self.z) for each in (-margin, 1 + margin))
        return west, south, east, north


def _latitude(down: float) -> float:
    """The latitude at a share of the Web Mercator square's height, from the top."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def read_tile(session: Session, layer: Layer, plan: int | None, tile: Tile) -> bytes:
    """A tile of a layer, uncompressed; empty where it has no rows there.

    Parameters
    ----------
    session : Session
        Of whoever asks: what they may not see is not in the tile.
    layer : Layer
    plan : int or None
        None: a layer that needs a plan is empty.
    tile : Tile
    """
    if not layer.minzoom <= tile.z:
        return b""
    answer = session.execute(tile_query(layer, tile), {"plan": plan} if layer.needs_plan else {}).scalar_one()
    return bytes(answer or b"")


def tile_query(layer: Layer, tile: Tile) -> Select[Any]:
    """The one statement that makes a tile; its plan is bound when it runs."""
    found = _found(layer, tile)
    made = _encoded(_drawn(layer, found, tile), layer.id)
    if has_points(layer):
        made = made.op("||")(_encoded(_points(layer, found, tile), points_of(layer)))
    return select(made)


def has_points(layer: Layer) -> bool:
    """Whether its tiles hold a second MVT layer, of names or marks."""
    return layer.shape is Shape.POLYGON and (layer.name_column is not None or layer.marks_small)


def points_of(layer: Layer) -> str:
    """The name of that MVT layer."""
    return f"{layer.id}-points"


def _found(layer: Layer, tile: Tile) -> Subquery:
    """The rows near the tile; of points that would lie on each other, the heaviest."""
    rows = layer.near(func.ST_MakeEnvelope(*tile.bounds(BUFFER / EXTENT), SRID))
    if layer.weight is None or layer.thin_below_zoom is None or tile.z >= layer.thin_below_zoom:
        return rows.subquery("found")
    dense = rows.add_columns(layer.weight.label("weight")).subquery("dense")
    cell = _THIN_PX * tile.degrees_a_pixel
    column = func.floor(func.ST_X(dense.c.geometry) / cell)
    row = func.floor(func.ST_Y(dense.c.geometry) / cell)
    kept = (
        select(dense).ext(distinct_on(column, row)).order_by(column, row, dense.c.weight.desc(), dense.c.id)
    )
    return kept.subquery("found")


def _simplified(layer: Layer, found: Subquery, tile: Tile) -> ColumnElement[Any]:
    if layer.shape is Shape.POINT and not layer.mixes_shapes:
        return found.c.geometry
    simple: ColumnElement[Any] = func.ST_Simplify(found.c.geometry, _SIMPLIFY_PX * tile.degrees_a_pixel, True)
    return simple


def _in_tile(geometry: ColumnElement[Any], tile: Tile) -> ColumnElement[Any]:
    """A geometry in the tile's own coordinates, cut to it; null where nothing is left."""
    ground = func.ST_TileEnvelope(tile.z, tile.x, tile.y)
    cut: ColumnElement[Any] = func.ST_AsMVTGeom(
        func.ST_Transform(geometry, 3857), ground, EXTENT, BUFFER, True
    )
    return cut


def _drawn(layer: Layer, found: Subquery, tile: Tile) -> Subquery:
    shape = _in_tile(_simplified(layer, found, tile), tile)
    return select(*_attributes(layer, found), shape.label("geom")).subquery("drawn")


def _points(layer: Layer, found: Subquery, tile: Tile) -> Subquery:
    """One point a polygon that has room for its name, or that is too small to be seen."""
    size = func.sqrt(func.ST_Area(found.c.geometry)) / tile.degrees_a_pixel
    wanted = []
    if layer.name_column is not None:
        wanted.append(size >= _NAME_FROM_PX)
    if layer.marks_small:
        wanted.append(size < _MARK_BELOW_PX)
    inside = func.ST_PointOnSurface(func.coalesce(_simplified(layer, found, tile), found.c.geometry))
    placed = (
        select(*_attributes(layer, found), inside.label("geometry"))
        .where(or_(*wanted))
        .offset(0)  # keeps PostgreSQL from working the point out again for each comparison
        .subquery("placed")
    )
    west, south, east, north = tile.bounds()
    x, y = func.ST_X(placed.c.geometry), func.ST_Y(placed.c.geometry)
    return (
        select(*_attributes(layer, placed), _in_tile(placed.c.geometry, tile).label("geom"))
        .where(and_(x >= west, x < east, y > south, y <= north))
        .subquery("marked")
    )


def _attributes(layer: Layer, rows: Subquery) -> list[ColumnElement[Any]]:
    """What a tile tells of a feature: its id and the layer's columns, nothing else."""
    return [rows.c.id, *(rows.c[column.name] for column in layer.columns)]


def _encoded(rows: Subquery, name: str) -> ColumnElement[Any]:
    whole_row: ColumnElement[Any] = literal_column(rows.name)
    encoded = select(func.ST_AsMVT(whole_row, name, EXTENT, "geom", "id")).select_from(rows)
    return func.coalesce(encoded.scalar_subquery(), literal_column("''::bytea"))
