"""Files as people have them, made on the spot."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

CODES = ["010203", "010204"]
NAMES = ["兴隆台街道", "渤海街道"]


def grids(crs: str | None = "EPSG:4490") -> gpd.GeoDataFrame:
    """Two squares side by side at Panjin."""
    squares = [shapely.box(122.0, 41.0, 122.1, 41.1), shapely.box(122.1, 41.0, 122.2, 41.1)]
    return gpd.GeoDataFrame({"网格编号": CODES, "名称": NAMES}, geometry=squares, crs=crs)


def geopackage(path: Path, *, crs: str | None = "EPSG:4490", **options: Any) -> Path:
    grids(crs).to_file(path, driver="GPKG", **options)
    return path


def shapefile(path: Path, *, encoding: str = "utf-8", keep_cpg: bool = True) -> Path:
    grids().rename(columns={"网格编号": "编号"}).to_file(path, driver="ESRI Shapefile", encoding=encoding)
    if not keep_cpg:
        path.with_suffix(".cpg").unlink()
    return path


def geojson(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8"
    )
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def replace_geometry(path: Path, wkb: bytes, fid: int = 1) -> None:
    """Put bytes into a GeoPackage's first layer that no library would write."""
    header = b"GP\x00\x01" + struct.pack("<i", 4490)
    with closing(sqlite3.connect(path)) as database:
        (table,) = database.execute("SELECT table_name FROM gpkg_contents").fetchone()
        drop_triggers(database)
        database.execute(f'UPDATE "{table}" SET geom = ? WHERE fid = ?', (header + wkb, fid))  # noqa: S608
        database.commit()


def drop_triggers(database: sqlite3.Connection) -> None:
    """Without its triggers a GeoPackage can be changed without GDAL's functions."""
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{trigger}"')
