"""A layer as a file: GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, CSV.

The rows pass through in batches, so that a file of a million of them needs no
more memory than one of a thousand. All are in EPSG:4490; GeoJSON, which knows
WGS 84 only, has the same numbers.
"""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
import structlog
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from sqlalchemy.orm import Session

from gisgrid.errors import InputError, OutputError
from gisgrid.layer import Column, Kind, Layer, Shape
from gisgrid.store.layer_rows import ID, LayerRows
from gisgrid.text import Text

MAX_ROWS: Final = 1_000_000
"""Of one file: what can be written before the request ends."""
MIN_FREE_BYTES: Final = 256 * 2**20
"""On the disk, before one is begun."""
_BATCH: Final = 2_000
_CRS: Final = "EPSG:4490"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_NOT_WRITTEN: Final = (OSError, DataSourceError, DataLayerError)
"""What pyogrio, pyarrow and Python raise when a disk takes no more; GDAL seldom says why."""

log = structlog.get_logger("gisgrid.files")

Row = tuple[Any, ...]
Batches = Iterator[list[Row]]


class Format(StrEnum):
    """What a layer can be downloaded as."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    FGB = "fgb"
    PARQUET = "parquet"
    CSV = "csv"


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.GEOJSON: "application/geo+json",
    Format.GPKG: "application/geopackage+sqlite3",
    Format.FGB: "application/octet-stream",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.CSV: "text/csv; charset=utf-8",
}
_ARROW: Final[Mapping[Kind, pa.DataType]] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


class TooManyRows(InputError):
    """More rows than one file may hold."""


@dataclass(frozen=True)
class _Target:
    """What is written, and where."""

    layer: Layer
    path: Path

    @property
    def columns(self) -> Sequence[Column]:
        return (ID, *self.layer.columns)

    @property
    def geometry_type(self) -> str:
        """GDAL's name for what the geometries are."""
        if self.layer.mixes_shapes:
            return "Unknown"
        kinds = {Shape.POINT: "Point", Shape.LINE: "MultiLineString", Shape.POLYGON: "MultiPolygon"}
        return kinds[self.layer.shape]

    @property
    def schema(self) -> pa.Schema:
        fields = [(column.name, _ARROW[column.kind]) for column in self.columns]
        return pa.schema([*fields, ("geometry", pa.binary())])


def write_layer(session: Session, rows: LayerRows, kind: Format, path: Path) -> None:
    """Write rows of a layer to a file that does not exist yet.

    Raises
    ------
    TooManyRows
        If there are more than one file may hold.
    OutputError
        If it cannot be written, as on a full disk; nothing is left behind.
    """
    if shutil.disk_usage(path.parent).free < MIN_FREE_BYTES:
        raise _disk_full()
    target = _Target(rows.layer, path)
    try:
        _WRITERS[kind](target, _batches(rows.records(session, MAX_ROWS + 1)))
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, _NOT_WRITTEN):
            log.warning("file not written", layer=rows.layer.id, kind=kind.value, reason=str(error))
            raise _disk_full() from error
        raise


def _batches(records: Iterator[Row]) -> Batches:
    """The id, the values and last the geometry (WKB) of each row."""
    count = 0
    while batch := [(fid, *values, wkb) for fid, wkb, *values in itertools.islice(records, _BATCH)]:
        count += len(batch)
        if count > MAX_ROWS:
            raise TooManyRows(
                Text(
                    zh=f"超过 {MAX_ROWS} 条，无法放入一个文件。",
                    en=f"More than {MAX_ROWS} rows do not go into one file.",
                ),
                todo=Text(zh="请用范围或筛选条件缩小后下载。", en="Narrow it by a box or a filter."),
            )
        yield batch


def _arrow(target: _Target, batches: Batches, schema: pa.Schema) -> pa.RecordBatchReader:
    def made() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            cells = zip(*batch, strict=True)
            arrays = [
                pa.array(map(_cell, values), field.type) for values, field in zip(cells, schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, made())


def _cell(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _with_gdal(driver: str, crs: str, **options: str) -> Callable[[_Target, Batches], None]:
    def write(target: _Target, batches: Batches) -> None:
        # GDAL would tell only that reading failed; the reason is kept for who asked.
        failed: list[Exception] = []

        def watched() -> Batches:
            try:
                yield from batches
            except Exception as error:
                failed.append(error)
                raise

        try:
            pyogrio.write_arrow(
                _arrow(target, watched(), target.schema),
                target.path,
                layer=target.layer.id,
                driver=driver,
                geometry_name="geometry",
                geometry_type=target.geometry_type,
                crs=crs,
                layer_options=options,
            )
        except Exception:
            if failed:
                raise failed[0] from None
            raise

    return write


def _write_parquet(target: _Target, batches: Batches) -> None:
    """GeoParquet 1.1, whose metadata stand in the schema."""
    described = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": CRS(_CRS).to_json_dict()}},
    }
    schema = target.schema.with_metadata({"geo": json.dumps(described)})
    with pq.ParquetWriter(target.path, schema, compression="zstd") as writer:
        for batch in _arrow(target, batches, schema):
            writer.write_batch(batch)


def _write_csv(target: _Target, batches: Batches) -> None:
    """UTF-8 with a mark, which spreadsheets need; points as lon and lat, other shapes as WKT."""
    is_points = target.layer.shape is Shape.POINT and not target.layer.mixes_shapes
    places = ("lon", "lat") if is_points else ("wkt",)
    with target.path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(column.name for column in target.columns), *places])
        for batch in batches:
            shapes = shapely.from_wkb([_cell(row[-1]) for row in batch])
            for row, shape in zip(batch, shapes, strict=True):
                cells = [_harmless(value) for value in row[:-1]]
                writer.writerow([*cells, *_placed(shape, is_points)])


def _placed(shape: Any, is_point: bool) -> list[str]:
    if not is_point:
        return ["" if shape is None else shapely.to_wkt(shape, rounding_precision=9)]
    return ["", ""] if shape is None or shape.is_empty else [f"{shape.x:.9f}", f"{shape.y:.9f}"]


def _harmless(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


_WRITERS: Final[Mapping[Format, Callable[[_Target, Batches], None]]] = {
    Format.GEOJSON: _with_gdal(
        "GeoJSON", "EPSG:4326", RFC7946="YES", COORDINATE_PRECISION="9", ID_FIELD="id"
    ),
    Format.GPKG: _with_gdal("GPKG", _CRS, FID="fid"),
    Format.FGB: _with_gdal("FlatGeobuf", _CRS),
    Format.PARQUET: _write_parquet,
    Format.CSV: _write_csv,
}


def _disk_full() -> OutputError:
    return OutputError(
        Text(
            zh="服务器无法写入文件，磁盘可能已满；没有生成文件。",
            en="The server could not write the file; its disk is full, perhaps. No file was made.",
        ),
        todo=Text(
            zh="请稍后重试，或请管理员腾出空间。", en="Try again later, or ask the administrator for space."
        ),
    )
