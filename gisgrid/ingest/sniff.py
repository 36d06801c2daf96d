"""Tell a file's format by its content; its name only decides where content cannot."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path

from gisgrid.errors import UnreadableFile, UnsafeFile
from gisgrid.text import Text

HEAD_BYTES = 1 << 16


class Format(StrEnum):
    """A format that is read; its value is what reports call it."""

    GEOPACKAGE = "GeoPackage"
    GEOJSON = "GeoJSON"
    GEOJSON_LINES = "GeoJSON lines"
    SHAPEFILE = "Shapefile"
    GEOPARQUET = "GeoParquet"
    FLATGEOBUF = "FlatGeobuf"
    KML = "KML"
    TOPOJSON = "TopoJSON"
    CSV = "CSV"
    EXCEL = "Excel"
    ZIP = "zip"


ACCEPTED = Text(
    zh="可接受的格式：GeoPackage、GeoJSON、Shapefile（可压缩为 zip）、GeoParquet、FlatGeobuf、KML/KMZ、"
    "TopoJSON、CSV、Excel。",
    en="Accepted are GeoPackage, GeoJSON, Shapefile (plain or zipped), GeoParquet, FlatGeobuf, KML/KMZ, "
    "TopoJSON, CSV and Excel.",
)

_MAGIC = (
    (b"SQLite format 3\x00", Format.GEOPACKAGE),
    (b"\x00\x00\x27\x0a", Format.SHAPEFILE),
    (b"PAR1", Format.GEOPARQUET),
    (b"fgb", Format.FLATGEOBUF),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.EXCEL),
)
_BINARY = {".shp", ".gpkg", ".parquet", ".fgb", ".kmz", ".xlsx", ".xls", ".zip"}
_TEXTUAL = {".geojson", ".json", ".topojson", ".kml", ".ndjson", ".geojsonl"}
_SIDECARS = {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx"}
_VIRTUAL = re.compile(rb"<OGRVRT|<VRTDataset|<GDALMultiDim|<OGRWFS|<WFS_|<wfs:|<ows:", re.IGNORECASE)
_KML = re.compile(rb"<(?:\w+:)?kml[\s>]|<(?:\w+:)?(?:Document|Placemark)[\s>]")
_TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')
_ESRI = re.compile(rb'"geometryType"\s*:\s*"esri|"wkid"|"rings"\s*:')


def sniff(path: Path) -> Format:
    """The format of a file.

    Raises
    ------
    UnreadableFile
        If it is empty, or of no accepted format.
    UnsafeFile
        If it is a virtual data set, which would make the reader open other files or addresses.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    suffix = path.suffix.lower()
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise UnreadableFile(
            Text(zh="文件是空的。", en="The file is empty."),
            todo=Text(zh="请检查导出过程后重新导出。", en="Check how it was exported, and export it again."),
        )
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if suffix in _SIDECARS:
        raise UnreadableFile(
            Text(zh="这只是 Shapefile 的附属文件。", en="This is only a part of a shapefile."),
            todo=Text(
                zh="请给出同名的 .shp 文件或整个 zip。",
                en="Give the .shp of the same name, or a zip of all parts.",
            ),
        )
    text = _as_utf8(head).lstrip()
    if text.startswith((b"{", b"[", b"\x1e")):
        return _json_kind(text, path)
    if text.startswith(b"<"):
        return _xml_kind(text)
    _refuse_other_content(text, suffix)
    return Format.CSV


def _refuse_other_content(text: bytes, suffix: str) -> None:
    """Refuse what is no text, or text under the name of a format that it is not."""
    if text.count(0) * 10 > len(text) or suffix in _BINARY:
        raise UnreadableFile(
            Text(
                zh=f"内容不是{_named(suffix)}，也不是其他可读的格式。",
                en=f"The content is neither {_named(suffix, en=True)} nor any other readable format.",
            ),
            todo=ACCEPTED,
        )
    if suffix in _TEXTUAL:
        raise UnreadableFile(
            Text(
                zh=f"扩展名是 {suffix}，内容却不是。",
                en=f"The name ends in {suffix}, but the content is something else.",
            ),
            todo=ACCEPTED,
        )


def _named(suffix: str, *, en: bool = False) -> str:
    return suffix or ("what its name says" if en else "文件名所示的格式")


def _as_utf8(head: bytes) -> bytes:
    for bom, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(bom):
            return head[2 : 2 + (len(head) - 2) // 2 * 2].decode(encoding, "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _json_kind(text: bytes, path: Path) -> Format:
    if _TOPOLOGY.search(text[:4096]) or (path.suffix.lower() == ".topojson" and b'"arcs"' in text):
        return Format.TOPOJSON
    if text.startswith(b"\x1e"):
        return Format.GEOJSON_LINES
    if _ESRI.search(text) and b'"coordinates"' not in text:
        raise UnreadableFile(
            Text(zh="这是 Esri JSON，不是 GeoJSON。", en="This is Esri JSON, not GeoJSON."),
            todo=Text(zh="请导出为 GeoJSON 或 GeoPackage。", en="Export it as GeoJSON or GeoPackage."),
        )
    line, newline, rest = text.partition(b"\n")
    if newline and rest.lstrip().startswith(b"{"):
        try:
            first = json.loads(line)
        except (ValueError, RecursionError):
            return Format.GEOJSON
        if isinstance(first, dict) and first.get("type") == "Feature":
            return Format.GEOJSON_LINES
    return Format.GEOJSON


def _xml_kind(text: bytes) -> Format:
    if _VIRTUAL.search(text):
        raise UnsafeFile(
            Text(
                zh="这是虚拟数据集或网络服务的描述，会让读取程序打开别的文件或网址，不予读取。",
                en="This is a virtual data set or a web service's description, which would make the reader "
                "open other files or addresses: it is not read.",
            ),
            todo=Text(zh="请给出数据文件本身。", en="Give the file of data itself."),
        )
    if _KML.search(text):
        return Format.KML
    raise UnreadableFile(
        Text(zh="这是 XML 文件，但不是 KML。", en="This is XML, but not KML."),
        todo=ACCEPTED,
    )
