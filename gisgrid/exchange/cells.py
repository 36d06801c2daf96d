"""The cells of a row as values of a grid, hostile until checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from gisgrid.planning.operations import Values
from gisgrid.text import Text

_YES: Final = frozenset({"1", "true", "t", "yes", "y", "是"})
_NO: Final = frozenset({"0", "false", "f", "no", "n", "否", ""})


class Unusable(Exception):
    """A cell that no grid can have."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        self.todo = Text(zh="请改正这一格。", en="Correct the cell.")
        super().__init__(reason.en)


def _text(cell: str | None) -> str | None:
    return cell or None


def _yes(cell: str | None) -> bool:
    said = (cell or "").lower()
    if said not in _YES | _NO:
        raise Unusable(Text(zh="is_partial 应为 1 或 0。", en="is_partial is 1 or 0."))
    return said in _YES


def _level(cell: str | None) -> int | None:
    if not cell:
        return None
    if not cell.isascii() or not cell.isdecimal() or len(cell) > 2:
        raise Unusable(Text(zh="superv_lvl 应为级别的数字。", en="superv_lvl is the number of a level."))
    return int(cell)


_READ: Final[Mapping[str, tuple[str, Callable[[str | None], Any]]]] = {
    "code": ("code", _text),
    "name": ("name", _text),
    "category": ("category", _text),
    "basis": ("basis", _text),
    "is_partial": ("is_partial", _yes),
    "superv_lvl": ("supervising_level", _level),
}


def values_of(cells: Mapping[str, str | None]) -> dict[str, Any]:
    """What a row says of its grid beside the outline; of columns that the file lacks, nothing.

    Raises
    ------
    Unusable
        If a text has control characters or is too long, or a value is none of those possible.
    """
    values = {name: read(cells[column]) for column, (name, read) in _READ.items() if column in cells}
    if values.get("name", "") is None:
        del values["name"]  # an empty name is no wish to have none
    if not values:
        return {}
    try:
        Values.model_validate(values)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else ""
        raise Unusable(
            Text(
                zh=f"{column} 的值不可用（过长、含控制字符，或不在可选值之中）。",
                en=f"The value of {column} cannot be used: too long, with control characters, or no choice.",
            )
        ) from None
    return values
