"""The columns of every table: what they are called, in which unit, and how they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

import pandas as pd

from gisgrid.report.words import CLASSES, CRS_STATES, KINDS, LOCATIONS, REASONS, ROLES, SIZES, level_name
from gisgrid.text import Text

Table = TypeVar("Table", bound=pd.DataFrame)


class Form(Enum):
    """How a column is stored and shown: its pandas dtype, its spreadsheet format, its width in characters."""

    TEXT = ("str", "@", 18)
    LONG_TEXT = ("str", "@", 34)
    CODE = ("str", "@", 14)
    WHOLE = ("Int64", "#,##0", 9)
    PLAIN = ("Int64", "0", 8)
    AREA_KM2 = ("float64", "#,##0.00", 12)
    AREA_M2 = ("float64", "#,##0.0", 15)
    METRES = ("float64", "#,##0.0", 11)
    RADIUS = ("float64", "#,##0.##", 9)
    BEARING = ("float64", "0", 8)
    DEGREES = ("float64", "0.000000", 12)
    SHARE = ("float64", "0.0%", 10)
    YES_NO = ("boolean", "@", 8)

    def __init__(self, dtype: str, number_format: str, width: int) -> None:
        self.dtype = dtype
        self.number_format = number_format
        self.width = width

    @property
    def is_text(self) -> bool:
        """Whether cells hold text rather than numbers."""
        return self.dtype in {"str", "boolean"}


@dataclass(frozen=True)
class Column:
    """A column's title with its unit, its form, and words for the codes in it."""

    title: Text
    form: Form = Form.TEXT
    words: dict[str, Text] | None = None


def _counted(zh: str, en: str) -> Column:
    return Column(Text(zh=zh, en=en), Form.WHOLE)


DOUBTS: Final = {
    "swapped": Text(zh="经纬度颠倒，已更正", en="lon/lat swapped, corrected"),
    "ambiguous": Text(zh="经纬度次序存疑", en="lon/lat order ambiguous"),
    "stacked": Text(zh="多源堆叠于一点", en="stacked on one point"),
    "elsewhere": Text(zh="不在所填网格内", en="outside its stated grid"),
    "duplicate": Text(zh="编号重复", en="duplicate id"),
}

_KIND_WORDS = {str(kind): look.name for kind, look in KINDS.items()}
_CLASS_WORDS = {letter: look.name for letter, look in CLASSES.items()}

COLUMNS: Final[dict[str, Column]] = {
    "grid": Column(Text(zh="序号", en="No."), Form.PLAIN),
    "level": Column(Text(zh="级别", en="Level"), Form.PLAIN),
    "code": Column(Text(zh="网格编号", en="Grid code"), Form.CODE),
    "name": Column(Text(zh="名称", en="Name")),
    "parent_code": Column(Text(zh="上级网格编号", en="Parent code"), Form.CODE),
    "parent": Column(Text(zh="上级网格", en="Parent grid")),
    "area_m2": Column(Text(zh="面积（m²）", en="Area (m²)"), Form.AREA_M2),
    "area_km2": Column(Text(zh="面积（km²）", en="Area (km²)"), Form.AREA_KM2),
    "children": _counted("下级网格数", "Child grids"),
    "grids_n": _counted("网格数", "Grids"),
    "parts": _counted("图斑数", "Parts"),
    "undivided": Column(Text(zh="尚未划分下级", en="Not divided yet"), Form.YES_NO),
    "sources": _counted("污染源数", "Sources"),
    "sources_c": _counted("其中 C 类", "Of class C"),
    "class_a": _counted("A 类源", "Class A"),
    "class_b": _counted("B 类源", "Class B"),
    "class_c": _counted("C 类源", "Class C"),
    "class_none": _counted("未定类源", "No class"),
    "gaps": _counted("空白处数", "Gaps"),
    "gap_m2": Column(Text(zh="空白面积（m²）", en="Gap area (m²)"), Form.AREA_M2),
    "gap_n": _counted("空白处数", "Gaps"),
    "overlap_n": _counted("重叠处数", "Overlaps"),
    "overlap_m2": Column(Text(zh="重叠面积（m²）", en="Overlap area (m²)"), Form.AREA_M2),
    "protrusion_n": _counted("越界处数", "Protrusions"),
    "protrusion_m2": Column(Text(zh="越界面积（m²）", en="Protruding area (m²)"), Form.AREA_M2),
    "misnested_n": _counted("错属处数", "Mis-nested"),
    "misnested_m2": Column(Text(zh="错属面积（m²）", en="Mis-nested area (m²)"), Form.AREA_M2),
    "uncovered": _counted("未覆盖源数", "Uncovered sources"),
    "lon": Column(Text(zh="经度（°E）", en="Longitude (°)"), Form.DEGREES),
    "lat": Column(Text(zh="纬度（°N）", en="Latitude (°)"), Form.DEGREES),
    "scope": Column(Text(zh="范围", en="Scope"), Form.LONG_TEXT),
    "finding": Column(Text(zh="问题编号", en="Finding no."), Form.PLAIN),
    "kind": Column(Text(zh="类型", en="Kind"), Form.TEXT, _KIND_WORDS),
    "size_class": Column(
        Text(zh="规模", en="Size"), Form.CODE, {str(size): words for size, words in SIZES.items()}
    ),
    "parent_lv": Column(Text(zh="上级级别", en="Parent level"), Form.PLAIN),
    "child_lv": Column(Text(zh="下级级别", en="Child level"), Form.PLAIN),
    "place": Column(Text(zh="位置", en="Place"), Form.LONG_TEXT),
    "owners": Column(Text(zh="占用网格", en="Claimed by"), Form.LONG_TEXT),
    "neighbours": Column(Text(zh="相邻网格及占边界比例", en="Neighbours, share of border"), Form.LONG_TEXT),
    "width_m": Column(Text(zh="宽度（m）", en="Width (m)"), Form.METRES),
    "enclosed": Column(Text(zh="四周封闭", en="Enclosed"), Form.YES_NO),
    "length_m": Column(Text(zh="长度（m）", en="Length (m)"), Form.METRES),
    "source": Column(Text(zh="源序号", en="Source no."), Form.PLAIN),
    "row": Column(Text(zh="原表行号", en="Row in file"), Form.PLAIN),
    "id": Column(Text(zh="编号", en="Id"), Form.CODE),
    "source_class": Column(Text(zh="原表类别", en="Class as filed"), Form.CODE),
    "class_abc": Column(Text(zh="管理类别", en="Class"), Form.CODE, _CLASS_WORDS),
    "location": Column(
        Text(zh="定位方式", en="Located how"),
        Form.TEXT,
        {str(each): text for each, text in LOCATIONS.items()},
    ),
    "stated_code": Column(Text(zh="所填网格编号", en="Stated grid code"), Form.CODE),
    "stated_name": Column(Text(zh="所填网格", en="Stated grid")),
    "actual": Column(Text(zh="实际所在网格", en="Grid it lies in")),
    "raw_x": Column(Text(zh="原始 X", en="Raw x"), Form.DEGREES),
    "raw_y": Column(Text(zh="原始 Y", en="Raw y"), Form.DEGREES),
    "reason": Column(Text(zh="原因", en="Why"), Form.TEXT, REASONS),
    "near_code": Column(Text(zh="最近网格编号", en="Nearest grid code"), Form.CODE),
    "near_name": Column(Text(zh="最近者", en="Nearest")),
    "near_id": Column(Text(zh="最近者编号", en="Nearest id"), Form.CODE),
    "distance_m": Column(Text(zh="距离（m）", en="Distance (m)"), Form.METRES),
    "bearing_deg": Column(Text(zh="方位（°）", en="Bearing (°)"), Form.BEARING),
    "stack": Column(Text(zh="堆叠编号", en="Stack no."), Form.PLAIN),
    "stacked": _counted("同点源数", "Sources on it"),
    "ring_m": Column(Text(zh="半径（m）", en="Ring (m)"), Form.RADIUS),
    "receptor_kind": Column(Text(zh="敏感目标类别", en="Receptor kind")),
    "count": _counted("个数", "Count"),
    "doubt": Column(Text(zh="疑点", en="Doubt"), Form.LONG_TEXT, DOUBTS),
    "file": Column(Text(zh="文件", en="File"), Form.LONG_TEXT),
    "role": Column(Text(zh="用途", en="Used for"), Form.CODE, ROLES),
    "cause": Column(Text(zh="未采用的原因", en="Why it was not used"), Form.LONG_TEXT),
    "status": Column(
        Text(zh="判定方式", en="Known how"), Form.TEXT, {str(each): text for each, text in CRS_STATES.items()}
    ),
    "crs": Column(Text(zh="坐标系", en="CRS"), Form.CODE),
    "candidate": Column(Text(zh="候选坐标系", en="Candidate"), Form.CODE),
    "same_as": Column(Text(zh="等同（1 m 以内）", en="Same within 1 m"), Form.LONG_TEXT),
    "inside": Column(Text(zh="落在区域内", en="Inside region"), Form.SHARE),
    "stated": Column(Text(zh="落在所填网格内", en="In stated grid"), Form.SHARE),
    "spread_m": Column(Text(zh="残余不确定（m）", en="Uncertainty (m)"), Form.METRES),
    "evidence": Column(Text(zh="依据", en="Evidence"), Form.LONG_TEXT),
}

_OF_LEVEL = re.compile(r"g(\d+)_(code|name)")


def column(name: str) -> Column:
    """What a column is; `g3_code` and `g3_name` are a source's grid of level 3.

    Examples
    --------
    >>> column("g3_code").title.zh
    '三级网格编号'
    """
    level = _OF_LEVEL.fullmatch(name)
    if level is None:
        return COLUMNS[name]
    grid = level_name(int(level[1]))
    if level[2] == "name":
        return Column(grid)
    return Column(Text(zh=f"{grid.zh}编号", en=f"{grid.en} code"), Form.CODE)


def typed(table: Table) -> Table:
    """The table with the dtypes of its columns' forms, whether it has rows or not."""
    geometry = getattr(table, "_geometry_column_name", None)
    dtypes = {str(name): column(str(name)).form.dtype for name in table.columns if name != geometry}
    found: Table = table.astype(dtypes)
    return found
