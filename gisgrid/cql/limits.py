"""How large a filter may be, checked before anything is built from it."""

from __future__ import annotations

from typing import Final

from gisgrid.cql.errors import BadFilter

MAX_CHARACTERS: Final = 20_000
"""A drawn outline of 500 vertices takes about half of it."""
MAX_DEPTH: Final = 32
"""Of operators inside operators."""
MAX_NODES: Final = 1_000
"""Operators, fields and values; coordinates not counted."""
_MAX_BRACKETS: Final = 4 * MAX_DEPTH
"""An operator opens two brackets in JSON, a geometry six."""


def check_length(source: str) -> None:
    """Refuse a filter that is too long."""
    if len(source) > MAX_CHARACTERS:
        raise BadFilter(
            f"筛选条件过长，最多 {MAX_CHARACTERS} 个字符。",
            f"The filter is longer than {MAX_CHARACTERS} characters.",
        )


def check_brackets(source: str) -> None:
    """Refuse JSON that is nested too deeply, without parsing it."""
    depth = 0
    in_string = escaped = False
    for character in source:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > _MAX_BRACKETS:
                raise too_deep()
        elif character in "]}":
            depth -= 1


def too_deep() -> BadFilter:
    """The error for nesting."""
    return BadFilter(
        f"筛选条件嵌套过深，最多 {MAX_DEPTH} 层。", f"The filter is nested deeper than {MAX_DEPTH} levels."
    )


def too_many() -> BadFilter:
    """The error for size."""
    return BadFilter(f"筛选条件过多，最多 {MAX_NODES} 项。", f"The filter has more than {MAX_NODES} parts.")
