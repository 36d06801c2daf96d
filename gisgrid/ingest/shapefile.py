"""The parts of a shapefile, and the encoding of its text."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from gisgrid.ingest.encoding import choose_encoding, known_encoding

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LANGUAGE_DRIVERS = {
    0x03: "cp1252",
    0x4D: "gb18030",
    0x4E: "cp949",
    0x4F: "cp950",
    0x13: "cp932",
    0x7A: "gb18030",
}
"""dBASE language driver ids (byte 29) worth trying; 0x57 is what GDAL writes by default, and says nothing."""


def parts_beside(path: Path) -> dict[str, Path]:
    """The parts of a shapefile, by lower-case suffix; names on disk may differ in case."""
    stem = path.stem.lower()
    return {
        each.suffix.lower(): each
        for each in path.parent.iterdir()
        if each.stem.lower() == stem and each.suffix.lower() in PARTS and each.is_file()
    } | {".shp": path}


def text_encoding(dbf: Path, cpg: Path | None) -> str:
    """Python's name of the encoding of a shapefile's text.

    The .cpg is believed if the text bears it out, then the .dbf's own mark; else
    the rules of `gisgrid.ingest.encoding` decide.
    """
    declared = None
    if cpg is not None:
        declared = known_encoding(cpg.read_bytes()[:64].decode("ascii", "ignore"))
    values, mark = _foreign_values(dbf)
    return choose_encoding(values, declared or _LANGUAGE_DRIVERS.get(mark))


def _foreign_values(dbf: Path) -> tuple[list[bytes], int]:
    """Distinct text values and column names with bytes over 127; and the language driver id."""
    content = np.memmap(dbf, dtype=np.uint8, mode="r")
    head = bytes(content[:32])
    if len(head) < 32:
        return [], 0
    count, header_bytes, record_bytes = struct.unpack("<IHH", head[4:12])
    values: list[bytes] = []
    offset = 1
    fields = []
    for at in range(32, header_bytes - 1, 32):
        field = bytes(content[at : at + 32])
        if len(field) < 32 or field[:1] == b"\r":
            break
        values.append(field[:11].split(b"\x00")[0])
        if field[11:12] in b"CM":
            fields.append((offset, field[16]))
        offset += field[16]
    count = min(count, max(len(content) - header_bytes, 0) // max(record_bytes, 1))
    if count == 0 or offset > record_bytes:
        return [each for each in values if not each.isascii()], head[29]
    records = content[header_bytes : header_bytes + count * record_bytes].reshape(count, record_bytes)
    for start, width in fields:
        column = records[:, start : start + width]
        foreign = np.ascontiguousarray(column[(column > 127).any(axis=1)])
        if foreign.size:
            values.extend(np.unique(foreign.view(f"S{width}").ravel()).tolist())
    return [each.rstrip(b" ") for each in values if not each.isascii()], head[29]
