"""The history of a draft: what was done to it, taken back and made again, after a restart too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.model import Edit, EditState
from gisgrid.planning.editing import Author, Edited, carry_out, open_draft
from gisgrid.planning.errors import ChangedSince, NothingToUndo
from gisgrid.planning.replaying import ChangedMeanwhile, replayed
from gisgrid.store.draft_grids import Around, Bounds, GridChange
from gisgrid.store.edit_record import count_edit, read_changes
from gisgrid.text import Text


@dataclass(frozen=True)
class HistoryEntry:
    """An edit of a draft: who did what and when, and whether it holds."""

    number: int
    operation: str
    summary: Text
    by: str
    at: datetime
    state: EditState
    bounds: tuple[float, ...] | None
    touched: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """The edits of a draft, the latest first, and which of them its reader can take back or make again."""

    entries: tuple[HistoryEntry, ...]
    can_undo: int | None
    can_redo: int | None


def history(
    session: Session, plan_id: int, *, by: Author, grid: str | None = None, limit: int = 50
) -> History:
    """The edits of a plan that its reader may know of, of one grid or of all.

    Parameters
    ----------
    session : Session
    plan_id : int
    by : Author
        Whose undo and redo are told.
    grid : str, optional
        The uid of a grid whose history is wanted; all grids otherwise.
    limit : int
        How many edits at most.
    """
    wanted = select(Edit).where(Edit.plan_id == plan_id)
    if grid is not None:
        wanted = wanted.where(Edit.touched.contains([grid]))
    rows = session.scalars(wanted.order_by(Edit.number.desc()).limit(limit)).all()
    undo, redo = _next_undo(session, plan_id, by), _next_redo(session, plan_id, by)
    return History(
        tuple(_entry(row) for row in rows),
        None if undo is None else undo.number,
        None if redo is None else redo.number,
    )


def _entry(row: Edit) -> HistoryEntry:
    return HistoryEntry(
        row.number,
        row.operation,
        Text(row.summary_zh, row.summary_en),
        row.by_login,
        row.at,
        row.state,
        None if row.bounds is None else tuple(row.bounds),
        tuple(row.touched),
    )


def undo(session: Session, plan_id: int, *, by: Author) -> Edited:
    """Take back the latest edit of one's own: every grid is again what it was, to the last bit.

    Only vertices that others need since stay; see `gisgrid.planning.replaying`.

    Raises
    ------
    NothingToUndo
    ChangedSince
        If a later edit changed one of its grids.
    """
    open_draft(session, plan_id)
    wanted = _next_undo(session, plan_id, by)
    if wanted is None:
        raise NothingToUndo(
            Text(zh="没有可以撤销的操作。", en="There is nothing of yours to take back."),
            todo=Text(zh="只能撤销自己的操作。", en="Only one's own edits can be taken back."),
        )
    changes = [each.reversed() for each in read_changes(session, wanted.id)]
    return _turn(session, plan_id, wanted, changes, EditState.UNDONE)


def redo(session: Session, plan_id: int, *, by: Author) -> Edited:
    """Make again what was taken back last. Raises as `undo`."""
    open_draft(session, plan_id)
    wanted = _next_redo(session, plan_id, by)
    if wanted is None:
        raise NothingToUndo(
            Text(zh="没有可以重做的操作。", en="There is nothing to make again."),
            todo=Text(
                zh="撤销之后又有新的操作时，不能再重做。",
                en="After a new edit, what was taken back before stays so.",
            ),
        )
    return _turn(session, plan_id, wanted, read_changes(session, wanted.id), EditState.APPLIED)


def _next_undo(session: Session, plan_id: int, by: Author) -> Edit | None:
    own = select(Edit).where(
        Edit.plan_id == plan_id,
        Edit.account_id.is_not_distinct_from(by.account_id),
        Edit.state == EditState.APPLIED,
    )
    return session.scalars(own.order_by(Edit.number.desc()).limit(1)).one_or_none()


def _next_redo(session: Session, plan_id: int, by: Author) -> Edit | None:
    own = select(Edit).where(
        Edit.plan_id == plan_id,
        Edit.account_id.is_not_distinct_from(by.account_id),
        Edit.state == EditState.UNDONE,
    )
    return session.scalars(own.order_by(Edit.number).limit(1)).one_or_none()


def _turn(
    session: Session, plan_id: int, wanted: Edit, changes: list[GridChange], state: EditState
) -> Edited:
    """Carry recorded changes out, if all grids are still as they begin, but for vertices."""
    around = _around(session, plan_id, wanted, changes)
    try:
        changes = replayed(changes, around.grids)
    except ChangedMeanwhile as changed:
        raise _changed_since(session, plan_id, wanted, changed.uid) from None
    holders = {
        side.counted_by
        for each in changes
        if not each.is_outline_kept
        for side in (each.before, each.after)
        if side is not None
    }
    done = carry_out(session, plan_id, changes, lambda session: count_edit(session, holders), known=around)
    wanted.state = state
    session.flush()
    said = Text(wanted.summary_zh, wanted.summary_en)
    summary = said if state is EditState.APPLIED else Text(zh=f"撤销：{said.zh}", en=f"Taken back: {said.en}")
    return Edited(
        wanted.number,
        wanted.operation,
        summary,
        wanted.at,
        wanted.by_login,
        state,
        done.recorded,
        tuple(changes),
        done.effects,
        done.loads,
        done.names,
    )


def _around(session: Session, plan_id: int, wanted: Edit, changes: Sequence[GridChange]) -> Around:
    """All grids that recorded changes touch, what lies around them, and the holders of those that move."""
    sides = [
        (side, each.is_outline_kept)
        for each in changes
        for side in (each.before, each.after)
        if side is not None
    ]
    kin = {side.id for side, _ in sides}
    kin |= {side.holder for side, is_kept in sides if not is_kept and side.holder is not None}
    bounds = None if wanted.bounds is None else cast(Bounds, tuple(wanted.bounds))
    return Around.read(session, plan_id, bounds, kin)


def _changed_since(session: Session, plan_id: int, wanted: Edit, uid: str) -> ChangedSince:
    later: Sequence[Edit] = session.scalars(
        select(Edit)
        .where(Edit.plan_id == plan_id, Edit.number > wanted.number, Edit.state == EditState.APPLIED)
        .order_by(Edit.number.desc())
    ).all()
    who = next((each for each in later if uid in each.touched), later[0] if later else None)
    zh = f"{who.by_login}的“{who.summary_zh}”" if who else "之后的改动"
    en = f"“{who.summary_en}” by {who.by_login}" if who else "a later change"
    return ChangedSince(
        Text(zh=f"{zh}建立在这次操作之上，不能撤销。", en=f"It cannot be taken back: {en} stands on it."),
        where=uid,
        todo=Text(zh="请先撤销后来的操作。", en="Take the later edit back first."),
    )
