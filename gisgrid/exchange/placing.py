"""Where a new grid of a file belongs: in the holder that it names, else in the one in which it lies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gisgrid.exchange.difference import Item, Refusal
from gisgrid.exchange.draft import DraftRow
from gisgrid.text import Text

_NAME_IT = Text(
    zh="请在 parent_uid 中写明上级网格的 uid。", en="Name the uid of its parent or owner in parent_uid."
)


def holder_of(item: Item, now: Mapping[str, DraftRow]) -> str | Refusal:
    """The uid of the holder of an item; empty for a coarsest grid; why there is none."""
    if item.uid is not None:
        return (now[item.uid].holder or "") if item.uid in now else ""
    if item.holder is not None:
        if item.holder in now and now[item.holder].kind == "administrative":
            return item.holder
        unknown = Text(
            zh=f"草稿里没有上级网格 {item.holder}。", en=f"The draft has no parent grid {item.holder}."
        )
        return Refusal(unknown, f"parent_uid {item.holder}", _NAME_IT)
    candidates = [each for each in now.values() if each.kind == "administrative" and _may_hold(item, each)]
    if not candidates or item.geometry is None:
        nowhere = (
            Text(
                zh="没有写明级别或上级网格，也无法从位置判断。",
                en="It names neither a level nor a parent, and its place does not tell.",
            )
            if item.level is None
            else Text(
                zh=f"这里没有能容纳第 {item.level} 级网格的上级网格。",
                en=f"No grid here could hold one of level {item.level}.",
            )
        )
        return Refusal(nowhere, f"第 {item.row} 行 row {item.row}", _NAME_IT)
    shapes = np.array([each.geometry for each in candidates], dtype=object)
    common = shapely.area(shapely.intersection(shapes, item.geometry)) / item.geometry.area
    # Of those in which as much of it lies, the finest.
    best = max(range(len(candidates)), key=lambda at: (round(float(common[at]), 3), candidates[at].level))
    if common[best] <= 0:
        outside = Text(zh="它不在任何上级网格内。", en="It lies in no grid that could hold it.")
        return Refusal(outside, f"第 {item.row} 行 row {item.row}", _NAME_IT)
    return candidates[best].uid


def _may_hold(item: Item, grid: DraftRow) -> bool:
    if item.kind == "administrative":
        return item.level is not None and grid.level == item.level - 1
    return grid.level == (item.level if item.level is not None else 1 if item.kind == "key" else grid.level)
