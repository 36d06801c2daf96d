"""What things are called and how they are drawn, the same in every output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.crs.verdict import CrsStatus
from gisgrid.frames import FindingKind, Location, SizeClass
from gisgrid.text import Text

INK: Final = "#17222e"
SECOND_INK: Final = "#4b5a69"
THIRD_INK: Final = "#7d8a97"
PAPER: Final = "#fbfbf9"
LINE: Final = "#e3e5e3"
ACCENT: Final = "#0b6e6e"
BAD: Final = "#b8362b"
WARNING: Final = "#b26a00"
OK: Final = "#2e7d4f"


@dataclass(frozen=True)
class Look:
    """A name, what it means in a few words, and a colour."""

    name: Text
    meaning: Text
    colour: str


KINDS: Final = {
    FindingKind.GAP: Look(
        Text(zh="覆盖空白", en="Gap"), Text(zh="无人负责", en="nobody responsible"), "#d55e00"
    ),
    FindingKind.OVERLAP: Look(
        Text(zh="重叠", en="Overlap"), Text(zh="多家负责", en="several responsible"), "#b0569a"
    ),
    FindingKind.PROTRUSION: Look(
        Text(zh="越界", en="Protrusion"), Text(zh="超出上级网格", en="outside every parent"), "#e69f00"
    ),
    FindingKind.MISNESTED: Look(
        Text(zh="错属", en="Mis-nested"), Text(zh="落在别的上级网格", en="inside another parent"), "#3d8fc4"
    ),
}

SIZES: Final = {
    SizeClass.REAL: Text(zh="大块", en="real"),
    SizeClass.STRIP: Text(zh="条带", en="strip"),
    SizeClass.SLIVER: Text(zh="细缝", en="sliver"),
    SizeClass.NOISE: Text(zh="噪声", en="noise"),
}

UNDETERMINED: Final = "-"

CLASSES: Final = {
    "A": Look(Text(zh="A 类", en="Class A"), Text(zh="简化监管", en="simplified"), "#5b9a68"),
    "B": Look(Text(zh="B 类", en="Class B"), Text(zh="一般监管", en="routine"), "#d8a021"),
    "C": Look(Text(zh="C 类", en="Class C"), Text(zh="重点监管", en="enhanced"), "#b8362b"),
    UNDETERMINED: Look(
        Text(zh="未定类", en="Undetermined"), Text(zh="分类不明", en="class unknown"), "#9aa4ad"
    ),
}

LOCATIONS: Final = {
    Location.GIVEN: Text(zh="原始坐标", en="as given"),
    Location.SWAPPED: Text(zh="经纬度颠倒，已更正", en="lon/lat swapped, corrected"),
    Location.AMBIGUOUS: Text(zh="经纬度次序存疑，未改", en="lon/lat order ambiguous, kept"),
}

REASONS: Final = {
    "outside": Text(zh="在区域之外", en="outside the region"),
    "gap": Text(zh="在覆盖空白内", en="in a gap"),
}

CRS_STATES: Final = {
    CrsStatus.GIVEN: Text(zh="用户指定", en="given by the user"),
    CrsStatus.DECLARED: Text(zh="文件声明", en="declared by the file"),
    CrsStatus.BY_FORMAT: Text(zh="按格式推定，存疑", en="by format, suspect"),
    CrsStatus.DETECTED: Text(zh="由证据判定", en="detected from evidence"),
    CrsStatus.UNRESOLVED: Text(zh="未能判定", en="unresolved"),
}

ROLES: Final = {
    "grids": Text(zh="网格", en="grids"),
    "sources": Text(zh="污染源", en="sources"),
    "receptors": Text(zh="敏感目标", en="receptors"),
}

_NUMERALS = "零一二三四五六七八九"

_BEARINGS = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
_BEARINGS_EN = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def level_name(level: int) -> Text:
    """What the grids of a level are called.

    Examples
    --------
    >>> str(level_name(3))
    '三级网格 Level-3 grid'
    """
    numeral = _NUMERALS[level] if level < len(_NUMERALS) else str(level)
    return Text(zh=f"{numeral}级网格", en=f"Level-{level} grid")


def compass(bearing_deg: float) -> Text:
    """A bearing as one of eight directions.

    Examples
    --------
    >>> compass(359.0).zh
    '北'
    """
    sector = round(bearing_deg / 45) % 8
    return Text(zh=_BEARINGS[sector], en=_BEARINGS_EN[sector])


def classes_of(source_class: pd.Series) -> NDArray[np.object_]:
    """Class A, B or C of each source, however the register writes it, else `UNDETERMINED`.

    Examples
    --------
    >>> classes_of(pd.Series(["a", "B类", "Class C", "重点", None]))
    array(['A', 'B', 'C', '-', '-'], dtype=object)
    """
    codes, written = pd.factorize(source_class.astype("str"), use_na_sentinel=True)
    letter = (
        pd.Series(np.asarray(written, dtype=object), dtype="str")
        .str.strip()
        .str.upper()
        .str.extract(r"^(?:CLASS|类别)?\s*([ABC])\s*(?:类|級|级|CLASS)?$")[0]
        .fillna(UNDETERMINED)
    )
    return np.append(letter.to_numpy(dtype=object), UNDETERMINED)[codes]


def area_words(area_m2: float) -> str:
    """An area with its unit, in km² from a hundredth of one on.

    Examples
    --------
    >>> area_words(4_312_345), area_words(1240.4), area_words(3.21)
    ('4.31 km²', '1,240 m²', '3.2 m²')
    """
    if area_m2 >= 10_000:
        return f"{area_m2 / 1e6:,.2f} km²"
    return f"{area_m2:,.0f} m²" if area_m2 >= 100 else f"{area_m2:,.1f} m²"


def length_words(length_m: float) -> str:
    """A length with its unit.

    Examples
    --------
    >>> length_words(12_345), length_words(640.2), length_words(2.14)
    ('12.3 km', '640 m', '2.1 m')
    """
    if length_m >= 10_000:
        return f"{length_m / 1000:,.1f} km"
    return f"{length_m:,.0f} m" if length_m >= 10 else f"{length_m:,.1f} m"
