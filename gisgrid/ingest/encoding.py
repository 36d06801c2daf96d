"""Decode text whose encoding nobody declared: UTF-8 strictly, then GB18030, then Windows-1252.

Detector libraries guess wrong on short Chinese text; these rules do not guess.
UTF-8 hardly ever fits text of another encoding. GB18030 fits nearly anything, so
it must also be plausible: its characters lie in GB 2312's block, whereas Western
accents read as GB18030 give pairs outside it (an accent followed by a letter).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from gisgrid.errors import InputError
from gisgrid.text import Text

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GB_UNIT = re.compile(
    rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]"
)
_GB2312_UNIT = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_SAMPLE_BYTES = 1 << 20
_SINGLE_BYTE = {"iso8859-1", "cp1252", "latin-1", "iso8859-15"}
_NAMES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "gbk": "GB18030",
    "gb2312": "GB18030",
    "cp1252": "Windows-1252",
    "iso8859-1": "ISO-8859-1",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
}


class Decoded(NamedTuple):
    """Text, the encoding it was in, and how many of its lines were damaged."""

    text: str
    encoding: str
    damaged_lines: int


def known_encoding(name: str) -> str | None:
    """Python's name of an encoding, or None if there is none.

    Shapefile code pages (`936`, `ANSI 1252`, `UTF-8`, `OEM 936`) are understood.

    Examples
    --------
    >>> known_encoding("GBK"), known_encoding("936"), known_encoding("ANSI 1252"), known_encoding("Klingon")
    ('gb18030', 'gb18030', 'cp1252', None)
    """
    name = name.strip().strip("\x00\ufeff").lower()
    bare = re.sub(r"^(?:ansi|oem|cp|windows|ldid/?)[\s_-]*", "", name)
    if bare == "65001":
        return "utf-8"
    if bare.isdigit() and len(bare) == 5 and bare.startswith("885"):
        bare = f"iso8859-{bare[4:]}"  # Esri writes 88591 for ISO 8859-1
    for each in (name, bare, f"cp{bare}"):
        try:
            found = codecs.lookup(each).name
        except (LookupError, ValueError):
            continue
        if getattr(codecs.lookup(each), "_is_text_encoding", True):
            return "gb18030" if found in {"gbk", "gb2312", "cp936"} else found
    return None


def require_encoding(name: str) -> str:
    """Python's name of an encoding that the user asked for.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    found = known_encoding(name)
    if found is None:
        raise InputError(
            Text(zh=f"没有名为“{name}”的编码。", en=f"There is no encoding called {name!r}."),
            todo=Text(zh="请用 UTF-8、GB18030 等名称。", en="Use a name such as UTF-8 or GB18030."),
        )
    return found


def report_name(encoding: str) -> str:
    """The name by which a report calls an encoding."""
    return _NAMES.get(encoding, encoding.upper())


def choose_encoding(samples: Iterable[bytes], declared: str | None = None) -> str:
    """The encoding that text values are in.

    Parameters
    ----------
    samples : iterable of bytes
        Values with at least one byte over 127. One may end within a character,
        as values cut off at a column's width do.
    declared : str, optional
        Python's name of the encoding that the file declares. It is believed if
        it decodes everything, except that a single-byte encoding, which decodes
        anything, must also be more plausible than UTF-8 and GB18030.

    Returns
    -------
    str
        "utf-8", "gb18030", "cp1252", or the declared one.
    """
    values = [each for each in samples if not each.isascii()]
    if (
        declared
        and declared not in _SINGLE_BYTE
        and _decodes(values, declared)
        and not _is_utf8_chinese(values)
    ):
        return declared
    if _decodes(values, "utf-8"):
        return declared if declared and not values else "utf-8"
    if _looks_like_gb(b" ".join(values)[:_SAMPLE_BYTES]):
        return "gb18030"
    return declared if declared in _SINGLE_BYTE else "cp1252"


def decode(content: bytes, encoding: str | None = None) -> Decoded:
    """Decode a whole text file.

    Parameters
    ----------
    content : bytes
    encoding : str, optional
        Python's name of the encoding, if the user named one.

    Returns
    -------
    Decoded
        A line that is damaged, or of another encoding than the rest, costs its
        own bad characters only, and is counted.
    """
    for bom, marked in _BOMS:
        if content.startswith(bom):
            encoding, content = marked, content[len(bom) :]
    if encoding is None:
        encoding = _encoding_of_lines(content)
    try:
        return Decoded(content.decode(encoding), encoding, 0)
    except UnicodeDecodeError:
        if encoding.startswith("utf-16"):
            return Decoded(content.decode(encoding, "replace"), encoding, 1)
    lines, damaged = [], 0
    for line in content.split(b"\n"):
        try:
            lines.append(line.decode(encoding))
        except UnicodeDecodeError:
            damaged += 1
            lines.append(_decode_odd_line(line, encoding))
    return Decoded("\n".join(lines), encoding, damaged)


def _encoding_of_lines(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    foreign = [line for line in content[: 8 * _SAMPLE_BYTES].split(b"\n") if not line.isascii()]
    if 2 * sum(_decodes([line], "utf-8") for line in foreign) > len(foreign):
        return "utf-8"
    return choose_encoding(foreign)


def _decode_odd_line(line: bytes, encoding: str) -> str:
    if encoding == "utf-8" and _looks_like_gb(line):
        return line.decode("gb18030", "replace")
    return line.decode(encoding, "replace")


def _decodes(values: Iterable[bytes], encoding: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(encoding)
        for value in values:
            decoder("strict").decode(value)  # not final: the last character may be cut off
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _is_utf8_chinese(values: Iterable[bytes]) -> bool:
    """Whether text is Chinese in UTF-8 beyond doubt, whatever is declared."""
    text = b"".join(values)[:_SAMPLE_BYTES].decode("utf-8", "replace")
    foreign = [each for each in text if not each.isascii()]
    return 2 * sum("\u4e00" <= each <= "\u9fff" for each in foreign) > len(foreign)


def _looks_like_gb(sample: bytes) -> bool:
    units = _GB_UNIT.findall(sample)
    units = [each for each in units if len(each) < 4]  # rare characters of four bytes say nothing
    return bool(units) and 2 * sum(bool(_GB2312_UNIT.fullmatch(each)) for each in units) > len(units)
