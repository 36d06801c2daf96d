"""Rows of a layer as somebody sees them."""

from __future__ import annotations

from typing import Any

from gisgrid.store.database import Database
from layers import all_layers
from tests.city import TOKENS

Row = dict[str, Any]


def rows(database: Database, layer_id: str, plan: int, *, who: str | None = "analyst") -> list[Row]:
    """The rows of a layer; `who` is an account's login, None a visitor."""
    layer = all_layers()[layer_id]
    with database.anonymous() if who is None else database.bearer(TOKENS[who]) as session:
        found = session.execute(layer.rows, {"plan": plan} if layer.needs_plan else {})
        return [dict(each) for each in found.mappings()]


def column(found: list[Row], *names: str) -> set[tuple[Any, ...]]:
    """Some columns of the rows, without their order."""
    return {tuple(row[name] for name in names) for row in found}
