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

import numpy as np
import pyarrow as pa

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.frames import Rejected
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.sniff import Format
from gisgrid.ingest.wkb import has_curves
from gisgrid.text import Text

DRIVERS = {
    Format.GEOPACKAGE: "GPKG",
    Format.GEOJSON: "GeoJSON",
    Format.GEOJSON_LINES: "GeoJSONSeq",
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.FLATGEOBUF: "FlatGeobuf",
    Format.KML: "KML",
    Format.TOPOJSON: "TopoJSON",
}
BY_FORMAT = {Format.GEOJSON, Format.GEOJSON_LINES, Format.KML, Format.TOPOJSON}
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
SKIP_VARIABLE = "GDAL_SKIP"
_RESTARTED = "GISGRID_READER_RESTARTED"

_CHECK = Text(
    zh="请用 QGIS 等软件打开检查，并另存为 GeoPackage。",
    en="Open it in QGIS or the like, check it, and save it as a GeoPackage.",
)


def allow_only(kind: Format) -> None:
    """Leave one driver in GDAL. Must run before pyogrio is imported.

    Raises
    ------
    RuntimeError
        If another driver is there nevertheless.
    """
    skipped = [each for each in _KNOWN_DRIVERS if each != DRIVERS[kind]]
    extra = os.environ.get(_RESTARTED, "").split(",")
    os.environ[SKIP_VARIABLE] = ",".join([*skipped, *filter(None, extra)])
    import pyogrio

    unwanted = set(pyogrio.list_drivers()) - {DRIVERS[kind]} - _HARMLESS
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
        By default the first layer with rows; of KML, whose layers are folders, all of them.
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
            chosen, notes = _choose_layers(path, layers, layer, merge=kind is Format.KML)
            read = [_read_layer(path, each, kind, encoding, max_rows) for each in chosen]
        except (DataSourceError, pa.ArrowException, RuntimeError) as error:
            raise UnreadableFile(
                Text(
                    zh=f"文件已损坏或不完整，无法作为 {kind} 读取。",
                    en=f"The file is damaged or incomplete, and cannot be read as {kind}.",
                ),
                todo=_CHECK,
            ) from error
    return _joined(read).with_notes(*notes)


def _choose_layers(
    path: Path, layers: list[str], wanted: str | None, *, merge: bool
) -> tuple[list[str], tuple[Text, ...]]:
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
        return [wanted], ()
    if not layers:
        raise UnreadableFile(Text(zh="文件中没有图层。", en="The file has no layers."), todo=_CHECK)
    if merge or len(layers) == 1:
        return layers, ()
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
    return [spatial[0]], (note,)


def _read_layer(path: Path, layer: str, kind: Format, encoding: str | None, max_rows: int) -> RawLayer:
    from pyogrio.raw import open_arrow

    options = {"encoding": encoding} if encoding and kind is Format.SHAPEFILE else {}
    batches: list[pa.RecordBatch] = []
    rejected: tuple[Rejected, ...] = ()
    with open_arrow(path, layer=layer, use_pyarrow=True, datetime_as_string=True, **options) as (
        meta,
        reader,
    ):
        schema = reader.schema
        try:
            for batch in reader:
                batches.append(batch)
                if sum(map(len, batches)) > max_rows:
                    break
        except (pa.ArrowException, OSError):
            if not batches:
                raise
            rejected = (_cut_off(sum(len(each) for each in batches) + 1),)
    table = pa.Table.from_batches(batches, schema)
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
        crs=meta["crs"],
        by_format=kind in BY_FORMAT,
        raw_wkb=kind is Format.GEOPACKAGE,
        rejected=rejected,
        notes=notes,
    )


def _cut_off(row: int) -> Rejected:
    return Rejected(
        row, Text(zh="文件从这一行起已损坏，其后的行无法读取。", en="The file is damaged from this row on.")
    )


def _storage(array: pa.Array) -> pa.Array:
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def _without_curves(path: Path, layer: str) -> pa.Array:
    from pyogrio.raw import read

    geometry = read(path, layer=layer, columns=[], force_2d=True)[2]
    return pa.array(geometry, pa.large_binary())


def _joined(layers: list[RawLayer]) -> RawLayer:
    filled = [each for each in layers if len(each.row)] or layers[:1]
    if len(filled) == 1:
        return filled[0]
    attributes = pa.concat_tables([each.attributes for each in filled], promote_options="permissive")
    wkb = pa.concat_arrays([each.wkb.cast(pa.large_binary()) for each in filled if each.wkb is not None])
    first = filled[0]
    return RawLayer(
        attributes=attributes,
        wkb=wkb,
        row=np.arange(1, len(attributes) + 1),
        format=first.format,
        crs=first.crs,
        by_format=first.by_format,
        notes=tuple(note for each in filled for note in each.notes),
    )


def explicit_crs(path: Path) -> bool:
    """Whether a GeoJSON names its CRS, as it could before RFC 7946."""
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
        with contextlib.suppress(OSError):
            stream.seek(-(1 << 12), os.SEEK_END)
        tail = stream.read()
    return b'"crs"' in head or b'"crs"' in tail
