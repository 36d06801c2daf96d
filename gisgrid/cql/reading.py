"""A filter as it was sent, read and measured."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Never

from gisgrid.cql.errors import BadFilter
from gisgrid.cql.limits import MAX_NODES, check_brackets, check_length, too_many
from gisgrid.cql.text_form import parse_text


class Language(StrEnum):
    """How a filter is written."""

    TEXT = "cql2-text"
    JSON = "cql2-json"


def read_filter(source: str, language: Language) -> Any:
    """A filter as CQL2 JSON, of a size that one may work with.

    Raises
    ------
    BadFilter
        If it is too long, too deep or too large, or not of its language.
    """
    found = parse_text(source) if language is Language.TEXT else _parse_json(source)
    if found is None:
        raise BadFilter("筛选条件为空。", "The filter is empty.")
    if _count(found) > MAX_NODES:
        raise too_many()
    return found


def _parse_json(source: str) -> Any:
    check_length(source)
    check_brackets(source)
    try:
        return json.loads(source, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadFilter("筛选条件不是有效的 JSON。", "The filter is not valid JSON.") from None


def _refuse(constant: str) -> Never:
    raise ValueError(constant)


def _count(node: Any) -> int:
    """Operators, fields and values; a geometry counts as one."""
    if isinstance(node, dict):
        return 1 if "coordinates" in node else 1 + sum(_count(each) for each in node.values())
    if isinstance(node, list):
        return 1 + sum(_count(each) for each in node)
    return 1
