"""The record of the edits of a draft: one at a time, what each did to every grid, and how many there were."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA
from gisgrid.store.draft_grids import Bounds, DraftGrid, GridChange, hex_of
from gisgrid.text import Text


def open_plan(session: Session, plan_id: int) -> Any:
    """Wait for others who change this plan, until the transaction ends; its `state` and `title_zh` then.

    Not by a lock on its row, which only those may take who oversee all of it. None if nobody may see it.
    """
    return session.execute(_OPEN, {"plan": plan_id}).one_or_none()


_OPEN = text(f"SELECT state, title_zh FROM {SCHEMA}.open_plan(:plan)")


def count_edit(session: Session, holders: Collection[int]) -> Mapping[str, int]:
    """Count one edit more among the members of these grids; their versions now, by uid."""
    counted: Mapping[str, int] = session.scalars(_COUNT, {"holders": list(holders)}).one()
    return counted


_COUNT = text(f"SELECT {SCHEMA}.count_edit(CAST(:holders AS bigint[]))")


@dataclass(frozen=True)
class Recorded:
    """An edit in the history of its draft: its number, when, and its holders' versions since, by uid."""

    number: int
    at: datetime
    holders: Mapping[str, int]


def record_edit(
    session: Session,
    plan_id: int,
    changes: Collection[GridChange],
    *,
    operation: str,
    summary: Text,
    account_id: int | None,
    login: str,
    holders: Collection[int],
    bounds: Bounds | None,
) -> Recorded:
    """Write an edit into the history of its draft, and count it among the members of its holders.

    What its author took back before can no longer be made again.
    """
    row = session.execute(
        _RECORD,
        {
            "plan": plan_id,
            "account": account_id,
            "login": login,
            "operation": operation,
            "zh": summary.zh,
            "en": summary.en,
            "holders": list(holders),
            "bounds": None if bounds is None else list(bounds),
            "touched": [each.uid for each in changes if not each.is_outline_kept],
            "changes": json.dumps([_row(each) for each in changes], ensure_ascii=False),
        },
    ).one()
    return Recorded(row.number, row.at, row.holders)


_RECORD = text(
    f"""SELECT number, at, holders FROM {SCHEMA}.record_edit(
        :plan, CAST(:account AS bigint), :login, :operation, :zh, :en, CAST(:holders AS bigint[]),
        CAST(:bounds AS float8[]), CAST(:touched AS text[]), CAST(:changes AS jsonb))"""
)


def _row(change: GridChange) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "grid_uid": change.uid,
        "before": None if before is None else before.columns,
        "before_geometry": None if before is None else hex_of([before.geometry])[0],
        "after": None if after is None else after.columns,
        "after_geometry": None if after is None else hex_of([after.geometry])[0],
        "is_outline_kept": change.is_outline_kept,
    }


def read_changes(session: Session, edit_id: int) -> list[GridChange]:
    """What an edit did to each grid."""
    rows = session.execute(
        text(
            f"""SELECT c.before, public.ST_AsBinary(c.before_geometry) AS before_wkb, c.after,
                public.ST_AsBinary(c.after_geometry) AS after_wkb, c.is_outline_kept
            FROM {SCHEMA}.edit_change c WHERE c.edit_id = :edit ORDER BY c.grid_uid"""
        ),
        {"edit": edit_id},
    ).all()

    def side(columns: dict[str, Any] | None, wkb: Any) -> DraftGrid | None:
        if columns is None:
            return None
        return DraftGrid(columns, shapely.from_wkb(bytes(wkb)), is_overseen="name" in columns)

    return [
        GridChange(side(row.before, row.before_wkb), side(row.after, row.after_wkb), row.is_outline_kept)
        for row in rows
    ]


def state_at(session: Session, plan_id: int, uid: str, holder: str, version: int) -> DraftGrid | None:
    """What a grid was at a version of its holder, if an edit that one sees changed it since."""
    row = session.execute(
        text(
            f"""SELECT c.before AS columns, public.ST_AsBinary(c.before_geometry) AS wkb
            FROM {SCHEMA}.edit_change c JOIN {SCHEMA}.edit e ON e.id = c.edit_id
            WHERE e.plan_id = :plan AND c.grid_uid = :uid AND (e.holders ->> :holder)::integer > :version
            ORDER BY e.number LIMIT 1"""
        ),
        {"plan": plan_id, "uid": uid, "holder": holder, "version": version},
    ).one_or_none()
    if row is None or row.columns is None or "name" not in row.columns:
        return None
    return DraftGrid(row.columns, shapely.from_wkb(bytes(row.wkb)))
