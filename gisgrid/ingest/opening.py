"""Recognise a file and hand it to its format's reader, under a name of our own in the scratch folder."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gisgrid.errors import InputError, UnreadableFile
from gisgrid.ingest import archive, vector
from gisgrid.ingest.delimited import read_delimited
from gisgrid.ingest.encoding import decode, report_name, require_encoding
from gisgrid.ingest.excel import read_excel
from gisgrid.ingest.geopackage import check_geopackage, working_copy
from gisgrid.ingest.geoparquet import read_geoparquet
from gisgrid.ingest.kml import read_kml
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.limits import Limits
from gisgrid.ingest.shapefile import PARTS, parts_beside, text_encoding
from gisgrid.ingest.sniff import ACCEPTED, Format, sniff
from gisgrid.ingest.wkt import with_wkt_geometry
from gisgrid.text import Text

_TEXT_FORMATS = {Format.GEOJSON, Format.GEOJSON_LINES, Format.TOPOJSON}
_SUFFIX = {
    Format.GEOJSON: ".geojson",
    Format.GEOJSON_LINES: ".geojsonl",
    Format.TOPOJSON: ".topojson",
    Format.FLATGEOBUF: ".fgb",
}
_READABLE_IN_ZIP = (
    ".shp",
    ".gpkg",
    ".geojson",
    ".json",
    ".kml",
    ".csv",
    ".tsv",
    ".xlsx",
    ".xls",
    ".parquet",
    ".fgb",
)


def open_layer(
    path: Path, scratch: Path, *, layer: str | None, encoding: str | None, limits: Limits
) -> RawLayer:
    """Read one layer of a file of any accepted format.

    Raises
    ------
    GisgridError
        As the format's reader does.
    """
    kind = sniff(path)
    if encoding is not None:
        encoding = require_encoding(encoding)
    if kind is Format.ZIP:
        return _open_zip(path, scratch, layer=layer, encoding=encoding, limits=limits)
    if kind is Format.SHAPEFILE:
        return _open_shapefile(parts_beside(path), scratch, encoding, limits)
    if kind is Format.GEOPACKAGE:
        copy = working_copy(path, scratch)
        check_geopackage(copy)
        vector.allow_only(kind)
        return vector.read_vector(copy, kind, layer=layer, encoding=None, max_rows=limits.rows)
    if kind is Format.GEOPARQUET:
        return read_geoparquet(path, layer=layer, max_rows=limits.rows)
    if kind is Format.EXCEL:
        return with_wkt_geometry(read_excel(path, sheet=layer))
    if kind is Format.KML:
        return read_kml(path.read_bytes(), layer=layer, encoding=encoding, max_rows=limits.rows)
    if kind is Format.CSV:
        return with_wkt_geometry(read_delimited(path.read_bytes(), encoding=encoding))
    return _open_vector(path, scratch, kind, layer=layer, encoding=encoding, limits=limits)


def _open_vector(
    path: Path, scratch: Path, kind: Format, *, layer: str | None, encoding: str | None, limits: Limits
) -> RawLayer:
    link = scratch / f"layer{_SUFFIX[kind]}"
    used = None
    if kind in _TEXT_FORMATS:
        used = _link_or_transcode(path, link, encoding)
    else:
        link.symlink_to(path)
    vector.allow_only(kind)
    read = vector.read_vector(link, kind, layer=layer, encoding=None, max_rows=limits.rows)
    if kind is Format.GEOJSON and vector.explicit_crs(link) and read.crs not in ("EPSG:4326", "OGC:CRS84"):
        read = replace(read, by_format=False)
    return replace(read, encoding=used)


def _link_or_transcode(path: Path, link: Path, encoding: str | None) -> str:
    """Give GDAL UTF-8, which it takes these formats to be in; return the encoding they were in."""
    decoded = decode(path.read_bytes(), encoding)
    if decoded.encoding == "utf-8" and not decoded.damaged_lines:
        link.symlink_to(path)
    else:
        link.write_text(decoded.text, encoding="utf-8")
    return report_name(decoded.encoding)


def _open_shapefile(parts: dict[str, Path], scratch: Path, encoding: str | None, limits: Limits) -> RawLayer:
    for suffix, part in parts.items():
        if suffix != ".cpg":
            (scratch / f"layer{suffix}").symlink_to(part)
    notes = []
    if ".dbf" not in parts:
        notes.append(Text(zh="缺少 .dbf，没有属性。", en="The .dbf is missing: there are no attributes."))
    elif encoding is None:
        encoding = text_encoding(parts[".dbf"], parts.get(".cpg"))
    if ".shx" not in parts:
        os.environ["SHAPE_RESTORE_SHX"] = "YES"  # GDAL makes it anew, beside our own link
    vector.allow_only(Format.SHAPEFILE)
    read = vector.read_vector(
        scratch / "layer.shp", Format.SHAPEFILE, layer=None, encoding=encoding, max_rows=limits.rows
    )
    return replace(read, encoding=encoding and report_name(encoding)).with_notes(*notes)


def _open_zip(
    path: Path, scratch: Path, *, layer: str | None, encoding: str | None, limits: Limits
) -> RawLayer:
    entries = archive.check_zip(path, limits)
    names = {archive.entry_name(each) for each in entries}
    if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        return with_wkt_geometry(read_excel(path, sheet=layer))
    readable = sorted(each for each in names if each.lower().endswith(_READABLE_IN_ZIP))
    if not readable:
        raise UnreadableFile(
            Text(
                zh=f"zip 里没有可读的文件，只有：{'、'.join(sorted(names)[:5])}。",
                en=f"The zip holds no readable file, only: {', '.join(sorted(names)[:5])}.",
            ),
            todo=ACCEPTED,
        )
    chosen, inner_layer, notes = _choose_entry(readable, layer)
    folder = scratch / "unpacked"
    folder.mkdir()
    archive.unpack(path, _with_parts(chosen, entries), folder, limits)
    unpacked = folder / f"layer{PurePosixPath(chosen).suffix.lower()}"
    if sniff(unpacked) is Format.ZIP and not unpacked.name.endswith(".xlsx"):
        raise UnreadableFile(
            Text(
                zh="zip 里还有压缩包，不予解压。", en="The zip holds another archive, which is not unpacked."
            ),
            where=chosen,
            todo=ACCEPTED,
        )
    read = open_layer(unpacked, scratch, layer=inner_layer, encoding=encoding, limits=limits)
    return read.with_notes(*notes)


def _choose_entry(readable: list[str], layer: str | None) -> tuple[str, str | None, tuple[Text, ...]]:
    """The entry to read, the layer to read in it, and what to say of it."""
    shapes = [each for each in readable if each.lower().endswith(".shp")]
    candidates = shapes or readable
    if len(candidates) == 1 and not shapes:
        return candidates[0], layer, ()
    if layer is not None:
        for each in candidates:
            if layer in (each, PurePosixPath(each).name, PurePosixPath(each).stem):
                return each, None, ()
        stems = [PurePosixPath(each).stem for each in candidates]
        raise InputError(
            Text(
                zh=f"zip 中没有图层“{layer}”，只有：{'、'.join(stems)}。",
                en=f"The zip has no layer {layer!r}, only: {', '.join(stems)}.",
            ),
            todo=Text(zh="请改用其中一个图层名。", en="Use one of these names."),
        )
    others = candidates[1:]
    if not others:
        return candidates[0], None, ()
    note = Text(
        zh=f"zip 里有 {len(candidates)} 个图层，读取了“{candidates[0]}”，未读：{'、'.join(others)}。",
        en=f"The zip holds {len(candidates)} layers; {candidates[0]!r} was read, not {', '.join(others)}.",
    )
    return candidates[0], None, (note,)


def _with_parts(chosen: str, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The entries to unpack, by the names to give them: of a shapefile, all its parts."""
    path = PurePosixPath(chosen)
    parts = {}
    for entry in entries:
        other = PurePosixPath(archive.entry_name(entry))
        suffix = other.suffix.lower()
        same = other.parent == path.parent and other.stem.lower() == path.stem.lower()
        if str(other) == chosen or (same and path.suffix.lower() == ".shp" and suffix in PARTS):
            parts[f"layer{suffix}"] = entry
    return parts
