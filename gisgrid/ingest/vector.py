"""Read map formats through GDAL: one driver allowed at a time, no virtual data sets, no network.

GDAL picks a driver by content, so a virtual data set named .geojson would make
it read other files. Only the driver of the format that was recognised is left
in GDAL; the worker asserts it.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.frames import Rejected
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.sniff import Format
from gisgrid.ingest.wkb import has_curves
from gisgrid.text import Text

DRIVERS = {
    Format.GEOPACKAGE: {"GPKG"},
    Format.GEOJSON: {"GeoJSON"},
    Format.GEOJSON_LINES: {"GeoJSONSeq"},
    Format.SHAPEFILE: {"ESRI Shapefile"},
    Format.FLATGEOBUF: {"FlatGeobuf"},
    Format.TOPOJSON: {"TopoJSON"},
}
BY_FORMAT = {Format.GEOJSON, Format.GEOJSON_LINES, Format.TOPOJSON}
_BATCH_ROWS = 65_536
_HARMLESS = {"MEM", "Memory"}  # GDAL's own scratch layers
_KNOWN_DRIVERS = (
    """
    OGR_VRT, WFS, OAPIF, OGCAPI, HTTP, GDALG, CSW, Carto, NGW, PLSCENES, EEDA, Elasticsearch,
    AmigoCloud, PDF, ADBC, GPSBabel, PGDUMP, PCIDSK, PDS4, VICAR, MBTiles, LVBAG, S57, DGN, CSV,
    GML, GPX, LIBKML, KML, GeoJSON, GeoJSONSeq, ESRIJSON, TopoJSON, OGR_GMT, GPKG, SQLite, WAsP,
    OpenFileGDB, DXF, FlatGeobuf, GeoRSS, VFK, OSM, OGR_PDS, EDIGEO, Idrisi, ODS, XLSX, SXF,
    Selafin, JML, VDV, MVT, MapML, GTFS, PMTiles, JSONFG, MiraMonVector, AVCBin, AVCE00, AIVector,
    PostgreSQL, MySQL, ODBC, PGeo, MSSQLSpatial, OCI, Parquet, Arrow, HANA, NAS, CAD, XODR, netCDF,
    HDF4, HDF5, JP2OpenJPEG, BAG, ESRI Shapefile, MapInfo File, Interlis 1, Interlis 2
""".replace("\n    ", " ")
    .strip()
    .split(", ")
)
_OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",
    "PROJ_NETWORK": "OFF",
}
_RESTARTED = "GISGRID_READER_RESTARTED"

_CHECK = Text(
    zh="请用 QGIS 等软件打开检查，并另存为 GeoPackage。",
    en="Open it in QGIS or the like, check it, and save it as a GeoPackage.",
)


def allow_only(kind: Format) -> None:
    """Leave one format's driver in GDAL. Must run before pyogrio is imported.

    Raises
    ------
    RuntimeError
        If another driver is there nevertheless.
    """
    skipped = [each for each in _KNOWN_DRIVERS if each not in DRIVERS[kind]]
    extra = os.environ.get(_RESTARTED, "").split(",")
    os.environ.update(_OPTIONS, GDAL_SKIP=",".join([*skipped, *filter(None, extra)]))
    import pyogrio

    unwanted = set(pyogrio.list_drivers()) - DRIVERS[kind] - _HARMLESS
    if not unwanted:
        return
    if _RESTARTED in os.environ:
        raise RuntimeError(f"GDAL still has {sorted(unwanted)}")
    os.environ[_RESTARTED] = ",".join(sorted(unwanted))  # a newer GDAL has drivers that we do not know
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves, no shell


def read_vector(
    path: Path, kind: Format, *, layer: str | None, encoding: str | None, max_rows: int
) -> RawLayer:
    """Read one layer of a file through GDAL.

    Parameters
    ----------
    path : Path
        Inside the scratch folder, under a name of our own.
    kind : Format
    layer : str, optional
        By default the first layer with rows.
    encoding : str, optional
        Python's name of the encoding (shapefiles only).
    max_rows : int

    Raises
    ------
    UnreadableFile
        If GDAL cannot open it.
    InputError
        If there is no such layer.
    """
    import pyogrio
    from pyogrio.errors import DataSourceError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            chosen, notes = _choose_layer(path, layers, layer)
            read = _read_layer(path, chosen, kind, encoding, max_rows)
        except (DataSourceError, pa.ArrowException, RuntimeError, OSError) as error:
            raise UnreadableFile(
                Text(
                    zh=f"文件已损坏或不完整，无法作为 {kind} 读取。",
                    en=f"The file is damaged or incomplete, and cannot be read as {kind}.",
                ),
                todo=_CHECK,
            ) from error
    return read.with_notes(*notes)


def _choose_layer(path: Path, layers: list[str], wanted: str | None) -> tuple[str, tuple[Text, ...]]:
    import pyogrio

    if wanted is not None:
        if wanted not in layers:
            names = "、".join(layers)
            raise InputError(
                Text(
                    zh=f"文件中没有图层“{wanted}”，只有：{names}。",
                    en=f"The file has no layer {wanted!r}, only: {', '.join(layers)}.",
                ),
                todo=Text(zh="请改用其中一个图层名。", en="Use one of these names."),
            )
        return wanted, ()
    if not layers:
        raise UnreadableFile(Text(zh="文件中没有图层。", en="The file has no layers."), todo=_CHECK)
    if len(layers) == 1:
        return layers[0], ()
    filled = [each for each in layers if pyogrio.read_info(path, layer=each)["features"] != 0]
    spatial = (
        [each for each in filled if pyogrio.read_info(path, layer=each)["geometry_type"] is not None]
        or filled
        or layers
    )
    others = [each for each in layers if each != spatial[0]]
    note = Text(
        zh=f"文件有 {len(layers)} 个图层，读取了“{spatial[0]}”，未读：{'、'.join(others)}。",
        en=f"The file has {len(layers)} layers; {spatial[0]!r} was read, not {', '.join(others)}.",
    )
    return spatial[0], (note,)


def _read_layer(path: Path, layer: str, kind: Format, encoding: str | None, max_rows: int) -> RawLayer:
    import pyogrio

    options = {"encoding": encoding} if encoding and kind is Format.SHAPEFILE else {}
    rejected: tuple[Rejected, ...] = ()
    meta, table, whole = _read_batches(path, layer, max_rows, options, batch_rows=_BATCH_ROWS)
    if not whole:  # once more, a row at a time, up to the one that fails
        meta, table, _ = _read_batches(path, layer, max_rows, options, batch_rows=1)
        expected = pyogrio.read_info(path, layer=layer)["features"]
        rejected = (_cut_off(len(table) + 1, expected),)
    name = meta["geometry_name"] or "wkb_geometry"
    wkb = None
    if name in table.column_names:
        wkb = _storage(table[name].combine_chunks())
        table = table.drop_columns([name])
    notes: tuple[Text, ...] = ()
    if wkb is not None and has_curves(wkb):
        wkb = _without_curves(path, layer)
        notes = (
            Text(
                zh="圆弧已用折线代替（每 4° 一点）。", en="Arcs were replaced by segments (a point every 4°)."
            ),
        )
    return RawLayer(
        attributes=table,
        wkb=wkb,
        row=np.arange(1, len(table) + 1),
        format="GeoJSON" if kind is Format.GEOJSON_LINES else str(kind),
        crs=meta["crs"] or ("EPSG:4326" if kind in BY_FORMAT else None),
        by_format=kind in BY_FORMAT,
        raw_wkb=kind is Format.GEOPACKAGE,
        rejected=rejected,
        notes=notes,
    )


def _read_batches(
    path: Path, layer: str, max_rows: int, options: dict[str, str], *, batch_rows: int
) -> tuple[dict[str, Any], pa.Table, bool]:
    """Metadata, the rows before any failure, and whether there was none."""
    from pyogrio.raw import open_arrow

    batches: list[pa.RecordBatch] = []
    rows, whole = 0, True
    with open_arrow(
        path, layer=layer, use_pyarrow=True, batch_size=batch_rows, datetime_as_string=True, **options
    ) as (meta, reader):
        schema = reader.schema
        try:
            for batch in reader:
                batches.append(batch)
                rows += len(batch)
                if rows > max_rows:
                    break
        except (pa.ArrowException, OSError):
            if batch_rows == 1 and not batches:
                raise
            whole = False
    return meta, pa.Table.from_batches(batches, schema), whole


def _cut_off(row: int, expected: int) -> Rejected:
    if expected < row:
        return Rejected(
            row, Text(zh="文件从这一行起已损坏，无法读取。", en="The file is damaged from this row on.")
        )
    return Rejected(
        row,
        Text(
            zh=f"文件从这一行到第 {expected} 行已损坏，无法读取。",
            en=f"The file is damaged from this row to row {expected}.",
        ),
    )


def _storage(array: pa.Array) -> pa.Array:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def _without_curves(path: Path, layer: str) -> pa.Array:
    from pyogrio.raw import read

    geometry = read(path, layer=layer, columns=[], force_2d=True)[2]
    return pa.array(geometry, pa.large_binary())


def explicit_crs(path: Path) -> bool:
    """Whether a GeoJSON names its CRS, as it could before RFC 7946."""
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
        with contextlib.suppress(OSError):
            stream.seek(-(1 << 12), os.SEEK_END)
        tail = stream.read()
    return b'"crs"' in head or b'"crs"' in tail
