"""Read KML without GDAL, whose drivers lose attributes with Chinese names, or all of them.

Nothing is fetched: network links, styles and overlays are left alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa

from gisgrid.errors import InputError, UnreadableFile, UnsafeFile
from gisgrid.frames import Rejected
from gisgrid.ingest import wkb
from gisgrid.ingest.encoding import decode, known_encoding, report_name
from gisgrid.ingest.layer import RawLayer
from gisgrid.ingest.limits import require_rows
from gisgrid.text import Text

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"^[^>]*encoding\s*=\s*[\"']([\w.-]+)")
_CHUNK_CHARACTERS = 1 << 20
_CONTAINERS = {"Document", "Folder"}
_SAVE_AGAIN = Text(
    zh="请在 Google Earth 或 QGIS 中检查并重新导出。",
    en="Check it in Google Earth or QGIS, and export it again.",
)
_BAD_COORDINATES = Text(zh="坐标写法有误。", en="Its coordinates are not written as KML wants them.")


class _BadCoordinates(Exception):
    """A coordinate list that is no list of numbers."""


@dataclass(frozen=True)
class _Placemark:
    folder: str
    attributes: dict[str, str]
    geometry: bytes | None


def read_kml(content: bytes, *, layer: str | None, encoding: str | None, max_rows: int) -> RawLayer:
    """Read the placemarks of a KML document.

    Parameters
    ----------
    content : bytes
    layer : str, optional
        A folder's name; by default all folders are read.
    encoding : str, optional
        Python's name of the encoding; by default as declared, else found.
    max_rows : int

    Returns
    -------
    RawLayer
        Columns `name`, `description`, `folder` and what ExtendedData holds, as text.

    Raises
    ------
    UnsafeFile
        If it declares a document type, which could define entities without end, or has too many rows.
    UnreadableFile
        If it is not well-formed.
    InputError
        If there is no such folder.
    """
    text, used = _text(content, encoding)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnsafeFile(
            Text(
                zh="KML 里有 DOCTYPE 或 ENTITY 声明，不予读取。",
                en="The KML declares a DOCTYPE or ENTITY: it is not read.",
            ),
            todo=_SAVE_AGAIN,
        )
    rows: list[_Placemark] = []
    numbers: list[int] = []
    rejected: list[Rejected] = []
    folders: set[str] = set()
    for number, (folder, element) in enumerate(_placemarks(text), start=1):
        folders.add(folder)
        require_rows(number, max_rows)
        if layer is not None and folder != layer:
            continue
        try:
            rows.append(_Placemark(folder, _attributes(element), _geometry(element)))
            numbers.append(number)
        except _BadCoordinates:
            rejected.append(Rejected(number, _BAD_COORDINATES))
    if layer is not None and layer not in folders:
        raise _no_such_folder(layer, folders)
    return RawLayer(
        attributes=_columns(rows),
        wkb=pa.array([each.geometry for each in rows], pa.large_binary()),
        row=np.array(numbers, np.int64),
        format="KML",
        crs="EPSG:4326",
        by_format=True,
        encoding=used,
        rejected=tuple(rejected),
    )


def _text(content: bytes, encoding: str | None) -> tuple[str, str]:
    declared = _DECLARED.match(content[:200])
    if encoding is None and declared:
        encoding = known_encoding(declared[1].decode("ascii", "ignore"))
        if encoding is not None:
            try:
                return _PROLOG.sub("", content.decode(encoding).lstrip("\ufeff")), report_name(encoding)
            except UnicodeDecodeError:
                encoding = None  # what it declares is not what it is in
    decoded = decode(content, encoding)
    return _PROLOG.sub("", decoded.text), report_name(decoded.encoding)


def _placemarks(text: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """Each placemark, with the name of the folder that it is in."""
    parser: Any = ElementTree.XMLPullParser(events=("start", "end"))
    open_elements: list[ElementTree.Element] = []
    names = [""]
    try:
        for begin in range(0, len(text), _CHUNK_CHARACTERS):
            parser.feed(text[begin : begin + _CHUNK_CHARACTERS])
            for event, element in parser.read_events():
                tag = _tag(element)
                if event == "start":
                    open_elements.append(element)
                    if tag in _CONTAINERS:
                        names.append(names[-1])
                    continue
                open_elements.pop()
                if tag == "name" and open_elements and _tag(open_elements[-1]) == "Folder":
                    names[-1] = (element.text or "").strip()
                elif tag in _CONTAINERS:
                    names.pop()
                    element.clear()
                elif tag == "Placemark":
                    yield names[-1], element
                    element.clear()
        parser.close()
    except ElementTree.ParseError:
        raise UnreadableFile(
            Text(zh="KML 不完整或格式有误。", en="The KML is incomplete or malformed."), todo=_SAVE_AGAIN
        ) from None


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attributes(placemark: ElementTree.Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in placemark:
        if _tag(child) in ("name", "description"):
            found[_tag(child)] = "".join(child.itertext()).strip()
        elif _tag(child) == "ExtendedData":
            for item in child.iter():
                key = item.get("name")
                if key and _tag(item) == "Data":
                    found[key] = "".join("".join(v.itertext()) for v in item if _tag(v) == "value").strip()
                elif key and _tag(item) == "SimpleData":
                    found[key] = (item.text or "").strip()
    return found


def _columns(rows: list[_Placemark]) -> pa.Table:
    names = dict.fromkeys(key for each in rows for key in each.attributes)
    columns = {
        name: pa.array([each.attributes.get(name) or None for each in rows], pa.large_string())
        for name in names
    }
    if any(each.folder for each in rows):
        folder = "folder" if "folder" not in columns else "kml_folder"
        columns[folder] = pa.array([each.folder or None for each in rows], pa.large_string())
    if not columns:
        columns["name"] = pa.nulls(len(rows), pa.large_string())
    return pa.table(columns)


def _geometry(placemark: ElementTree.Element) -> bytes | None:
    """WKB of all that a placemark draws."""
    points, lines, polygons = [], [], []
    for element in placemark.iter():
        tag = _tag(element)
        if tag == "Polygon":
            polygons.append([_coordinates(ring) for ring in element.iter() if _tag(ring) == "LinearRing"])
        elif tag == "Point":
            points.append(_coordinates(element))
        elif tag == "LineString":
            lines.append(_coordinates(element))
    encoded = (
        [_point(each) for each in points]
        + [_line(each) for each in lines]
        + [_polygon(each) for each in polygons]
    )
    if len(encoded) <= 1:
        return encoded[0] if encoded else None
    kinds = {wkb.POINT: points, wkb.LINE: lines, wkb.POLYGON: polygons}
    only = [kind for kind, members in kinds.items() if members]
    multi = only[0] + 3 if len(only) == 1 else wkb.COLLECTION
    return struct.pack("<BII", 1, multi, len(encoded)) + b"".join(encoded)


def _coordinates(element: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = []
    for each in element.iter():
        if _tag(each) != "coordinates":
            continue
        for written in (each.text or "").split():
            parts = written.split(",")
            try:
                pairs.append((float(parts[0]), float(parts[1])))
            except (ValueError, IndexError):
                raise _BadCoordinates from None
    return pairs


def _pack(pairs: list[tuple[float, float]]) -> bytes:
    return struct.pack("<I", len(pairs)) + np.asarray(pairs, "<f8").tobytes()


def _point(pairs: list[tuple[float, float]]) -> bytes:
    if len(pairs) != 1:
        raise _BadCoordinates
    return struct.pack("<BIdd", 1, wkb.POINT, *pairs[0])


def _line(pairs: list[tuple[float, float]]) -> bytes:
    return struct.pack("<BI", 1, wkb.LINE) + _pack(pairs)


def _polygon(rings: list[list[tuple[float, float]]]) -> bytes:
    return struct.pack("<BII", 1, wkb.POLYGON, len(rings)) + b"".join(_pack(ring) for ring in rings)


def _no_such_folder(layer: str, folders: set[str]) -> InputError:
    names = sorted(each for each in folders if each)
    return InputError(
        Text(
            zh=f"没有文件夹“{layer}”，只有：{'、'.join(names) or '无'}。",
            en=f"There is no folder {layer!r}, only: {', '.join(names) or 'none'}.",
        ),
        todo=Text(zh="请改用其中一个名称。", en="Use one of these names."),
    )
