"""The query parameters of the OGC API, read strictly: an unknown one is an error, as the standard demands."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.datastructures import QueryParams

from gisgrid.cql import Language, read_filter
from gisgrid.cql.values import day, plain_text
from gisgrid.crs.served import CRS84, ServedCrs, box_to_stored, served_crs
from gisgrid.errors import InputError
from gisgrid.layer import Column, Kind, Layer
from gisgrid.store.layer_rows import ID, Days, Wanted
from gisgrid.text import Text

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 10_000
MAX_OFFSET: Final = 10_000_000
_MAX_SORT: Final = 8

COMMON: Final = frozenset({"f", "plan"})
ITEM: Final = COMMON | {"crs", "properties"}
ITEMS: Final = ITEM | {
    "limit",
    "offset",
    "bbox",
    "bbox-crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
}

_SEE: Final = Text(
    zh="参数及其取值列在 /ogc/api；字段列在图层的 queryables。",
    en="/ogc/api lists the parameters and their values; a layer's queryables list its fields.",
)


def bad_parameter(name: str, zh: str, en: str) -> InputError:
    """The error for a parameter that cannot be used."""
    return InputError(Text(zh=zh, en=en), where=plain_text(name[:60]), todo=_SEE)


@dataclass(frozen=True)
class Page:
    """Which rows of a layer, how they are shown, and which part of them."""

    wanted: Wanted
    columns: tuple[Column, ...]
    crs: ServedCrs
    limit: int
    offset: int


def given(query: QueryParams, known: Collection[str]) -> dict[str, str]:
    """The parameters by name.

    Raises
    ------
    InputError
        If one is unknown, comes twice, or asks for another format than JSON.
    """
    values: dict[str, str] = {}
    for name, value in query.multi_items():
        if name not in known:
            raise bad_parameter(_printable(name), "没有这个参数。", "There is no such parameter.")
        if name in values:
            raise bad_parameter(name, "参数重复。", "The parameter is given twice.")
        values[name] = value
    if values.get("f", "json") not in ("json", "geojson"):
        raise bad_parameter("f", "只提供 JSON。", "Only JSON is offered.")
    return values


def read_page(query: QueryParams, layer: Layer) -> Page:
    """The parameters of a request for items."""
    own = {column.name: column for column in (*layer.columns, ID) if column.name not in ITEMS}
    values = given(query, ITEMS | set(own))
    return Page(
        wanted=Wanted(
            place=_place(values),
            filter=_filter(values),
            filter_crs=_crs(values, "filter-crs"),
            equal=tuple((name, _value(own[name], values[name])) for name in own if name in values),
            days=_days(values["datetime"]) if "datetime" in values else None,
            sort=_sort(values["sortby"], layer) if "sortby" in values else (),
        ),
        columns=read_columns(values, layer),
        crs=_crs(values, "crs"),
        limit=_whole(values, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        offset=_whole(values, "offset", 0, 0, MAX_OFFSET),
    )


def read_place_and_filter(values: Mapping[str, str]) -> Wanted:
    """Box and filter alone, as downloads take them."""
    return Wanted(place=_place(values), filter=_filter(values), filter_crs=_crs(values, "filter-crs"))


def read_item(query: QueryParams, layer: Layer) -> tuple[tuple[Column, ...], ServedCrs]:
    """The parameters of a request for one item."""
    values = given(query, ITEM)
    return read_columns(values, layer), _crs(values, "crs")


def read_columns(values: Mapping[str, str], layer: Layer) -> tuple[Column, ...]:
    """The columns that are wanted; all unless `properties` says which."""
    if "properties" not in values:
        return layer.columns
    wanted = [each.strip() for each in values["properties"].split(",")]
    unknown = [each for each in wanted if each not in {column.name for column in layer.columns}]
    if unknown:
        shown = _printable(unknown[0])
        raise bad_parameter("properties", f"没有字段“{shown}”。", f'There is no field "{shown}".')
    return tuple(column for column in layer.columns if column.name in wanted)


def _crs(values: Mapping[str, str], name: str) -> ServedCrs:
    return served_crs(_printable(values[name])) if name in values else CRS84


def _place(values: Mapping[str, str]) -> Any:
    if "bbox" not in values:
        return None
    try:
        sides = [float(each) for each in values["bbox"].split(",", 7)]
    except ValueError:
        sides = []
    if len(sides) not in (4, 6) or not all(map(math.isfinite, sides)):
        raise bad_parameter("bbox", "bbox 应为 4 个或 6 个数字。", "bbox must be 4 or 6 numbers.")
    middle = len(sides) // 2
    return box_to_stored((sides[0], sides[1], sides[middle], sides[middle + 1]), _crs(values, "bbox-crs"))


def _filter(values: Mapping[str, str]) -> Any:
    said = values.get("filter-lang", Language.TEXT.value)
    if said not in list(Language):
        raise bad_parameter(
            "filter-lang", "只接受 cql2-text 与 cql2-json。", "Only cql2-text and cql2-json are accepted."
        )
    return read_filter(values["filter"], Language(said)) if "filter" in values else None


def _whole(values: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    said = values.get(name)
    if said is None:
        return default
    if not re.fullmatch(r"\+?[0-9]{1,12}", said) or not least <= int(said) <= most:
        raise bad_parameter(
            name, f"应为 {least} 到 {most} 的整数。", f"It must be a whole number from {least} to {most}."
        )
    return int(said)


def _sort(said: str, layer: Layer) -> tuple[tuple[str, bool], ...]:
    names = {column.name for column in (*layer.columns, ID)}
    sort: list[tuple[str, bool]] = []
    for part in said.split(","):
        # A "+" that was not encoded arrives as a space.
        name = part.strip().lstrip("+-").strip()
        if name not in names or part.strip().count("-", 0, 2) > 1:
            shown = _printable(name)
            raise bad_parameter("sortby", f"没有字段“{shown}”。", f'There is no field "{shown}".')
        sort.append((name, part.strip().startswith("-")))
    if len(sort) > _MAX_SORT:
        raise bad_parameter(
            "sortby", f"最多按 {_MAX_SORT} 个字段排序。", f"At most {_MAX_SORT} fields can be sorted by."
        )
    return tuple(sort)


def _value(column: Column, said: str) -> Any:
    """A parameter's value as what its column holds."""
    if column.kind is Kind.TEXT:
        return plain_text(said)
    if column.kind is Kind.DATE:
        return day(_printable(said))
    if column.kind is Kind.BOOLEAN and said in ("true", "false"):
        return said == "true"
    try:
        if column.kind is Kind.INTEGER and re.fullmatch(r"[+-]?[0-9]{1,18}", said):
            return int(said)
        if column.kind is Kind.NUMBER and math.isfinite(float(said)):
            return float(said)
    except ValueError:
        pass
    raise bad_parameter(column.name, "值的类型不对。", "The value is not of the field's kind.")


def _days(said: str) -> Days:
    ends = [_printable(each) for each in said.split("/", 2)]
    if len(ends) == 1:
        only = day(ends[0])
        return Days(only, only)
    if len(ends) != 2 or all(each in ("", "..") for each in ends):
        raise bad_parameter("datetime", "应为时刻或时间段。", "It must be an instant or an interval.")
    start, end = (_end(each) for each in ends)
    if start is not None and end is not None and start > end:
        raise bad_parameter("datetime", "时间段的起点晚于终点。", "The interval starts after it ends.")
    return Days(start, end)


def _end(said: str) -> date | None:
    return None if said in ("", "..") else day(said)


def _printable(said: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in said[:100])
