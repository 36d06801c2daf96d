"""What an operation, or several in a row, would make of the rows of a draft; nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import SCHEMA, Grid
from gisgrid.planning.errors import NotYours, UnknownGrid
from gisgrid.planning.operations import Operation
from gisgrid.planning.redrawing import changes_of
from gisgrid.planning.several import Bulk
from gisgrid.store.draft_grids import Around, DraftGrid, GridChange, frame_of, write_changes
from gisgrid.text import Text

BULK_S = 30.0
"""How long the steps of one edit may take; others who draw in the draft wait for 10 s at most."""


@dataclass(frozen=True)
class Planned:
    """The rows that change, the grids whose members those are, and how the history would put it.

    Attributes
    ----------
    changes : tuple of GridChange
        One a grid, those that only get vertices included.
    holders : tuple of DraftGrid
        Those that are there before.
    summary : Text
    notes : tuple of Text
        What one might not expect of it.
    around : Around or None
        The grids that were looked at; None where several steps looked at different ones.
    """

    changes: tuple[GridChange, ...]
    holders: tuple[DraftGrid, ...]
    summary: Text
    notes: tuple[Text, ...] = ()
    around: Around | None = None


def planned(session: Session, plan_id: int, operation: Operation) -> Planned:
    """What one operation, or a bulk of them, would change.

    Raises
    ------
    UnknownGrid, NotYours
    InputError
        If the geometry cannot be used; see `gisgrid.spatial.editing`.
    """
    if isinstance(operation, Bulk):
        return _in_turn(session, plan_id, operation)
    drawn = operation.drawn
    around = Around.targets(
        session,
        plan_id,
        operation.targets,
        drawn=None if drawn is None else drawn.bounds,
        spans=operation.spans_targets,
    )
    targets = _named(around, operation.targets)
    ids = {uid: grid.id for uid, grid in targets.items()}
    redrawn = operation.redraw(frame_of(around.grids, texts=("kind", "name")), ids)
    changes = changes_of(session, plan_id, operation, redrawn, around.grids)
    _must_oversee_all(session, changes)
    summary = operation.summary({uid: row.name for uid, row in targets.items()}, len(redrawn.added))
    holders = tuple(_holders(changes, around.grids))
    return Planned(tuple(changes), holders, summary, redrawn.notes, around)


def _in_turn(session: Session, plan_id: int, bulk: Bulk) -> Planned:
    """Each on what the former left, which is written and taken back; meanwhile nobody else draws there."""
    steps: list[Planned] = []
    end = time.monotonic() + BULK_S
    trial = session.begin_nested()
    try:
        for operation in bulk.operations:
            if time.monotonic() > end:
                raise _too_long(len(steps), len(bulk.operations))
            steps.append(planned(session, plan_id, operation))
            write_changes(session, plan_id, steps[-1].changes)
    finally:
        trial.rollback()
    return as_one(steps, bulk.summary_of([each.summary for each in steps]))


def _too_long(done: int, all_: int) -> InputError:
    return InputError(
        Text(
            zh=f"{all_} 步在 {BULK_S:g} 秒内没有做完，没有修改。",
            en=f"{all_} steps were not done within {BULK_S:g} s; nothing was changed.",
        ),
        where=f"{done + 1} / {all_}",
        todo=Text(zh="请分几次提交。", en="Send fewer of them at a time."),
    )


def as_one(steps: Sequence[Planned], summary: Text) -> Planned:
    """Steps, each of which began where the former ended, as one: grids before the first and after the last.

    What was added and removed on the way does not appear, nor what is in the end as it was.
    """
    first: dict[int, DraftGrid | None] = {}
    last: dict[int, DraftGrid | None] = {}
    is_kept: dict[int, bool] = {}
    for change in (each for step in steps for each in step.changes):
        side = change.before or change.after
        assert side is not None  # noqa: S101 -- a change has a side at least
        first.setdefault(side.id, change.before)
        last[side.id] = change.after
        is_kept[side.id] = is_kept.get(side.id, True) and change.is_outline_kept
    changes = [
        GridChange(first[key], last[key], is_kept[key]) for key in first if not is_same(first[key], last[key])
    ]
    new = {key for key, before in first.items() if before is None}
    holders = {each.id: each for step in reversed(steps) for each in step.holders if each.id not in new}
    notes = dict.fromkeys(note for step in steps for note in step.notes)
    return Planned(tuple(changes), tuple(holders.values()), summary, tuple(notes))


def is_same(before: DraftGrid | None, after: DraftGrid | None) -> bool:
    """Whether a grid stays as it is, to the last bit."""
    if before is None or after is None:
        return before is after
    return before.columns == after.columns and before.geometry.wkb == after.geometry.wkb


def must_be_there(session: Session, plan_id: int, uid: str) -> None:
    """Raise UnknownGrid unless the plan has this grid, as far as the session sees it."""
    asked = select(Grid.id).where(Grid.plan_id == plan_id, Grid.uid == uid)
    if session.scalar(asked) is None:
        raise _unknown([uid])


def _named(around: Around, uids: Collection[str]) -> dict[str, DraftGrid]:
    """The targets by uid, in the order asked for; UnknownGrid if one is not there, or not seen."""
    found = {grid.uid: grid for grid in around.grids.values() if grid.is_overseen}
    lacking = [uid for uid in dict.fromkeys(uids) if uid not in found]
    if lacking:
        raise _unknown(lacking)
    return {uid: found[uid] for uid in uids}


def _unknown(uids: list[str]) -> UnknownGrid:
    return UnknownGrid(
        Text(zh="草稿里没有这个网格。", en="The draft has no such grid."),
        where=", ".join(uids[:5]),
        todo=Text(zh="它可能已被合并或删除；请刷新。", en="It may be merged or gone; reload."),
    )


def _holders(changes: Sequence[GridChange], around: Mapping[int, DraftGrid]) -> list[DraftGrid]:
    """The grids whose members change, which must be the planner's own."""
    ids: dict[int, None] = {}
    for change in changes:
        if change.is_outline_kept:
            continue
        if not change.is_overseen:
            raise _not_yours(change.uid)
        for side in (change.before, change.after):
            if side is not None:
                ids.setdefault(side.counted_by)
    new = {change.after.id for change in changes if change.before is None and change.after is not None}
    found = [around[key] for key in ids if key not in new]
    for grid in found:
        if not grid.is_overseen:
            raise _not_yours(grid.uid)
    return found


def _must_oversee_all(session: Session, changes: Sequence[GridChange]) -> None:
    """A new grid of the coarsest level is nobody's but theirs who oversee the whole plan."""
    new = [each.after for each in changes if each.before is None and each.after is not None]
    top = next((each for each in new if each.holder is None), None)
    if top is not None and session.scalar(_JURISDICTION) not in (None, "*"):
        raise _not_yours(top.name)


_JURISDICTION = text(f"SELECT {SCHEMA}.acting_jurisdiction()")


def _not_yours(uid: str) -> NotYours:
    return NotYours(
        Text(
            zh="这会改变您辖区以外的网格。",
            en="This would change a grid beyond your jurisdiction.",
        ),
        where=uid,
        todo=Text(
            zh="请在辖区之内操作，或请上级修改边界。",
            en="Stay inside your own, or ask the level above to change the boundary.",
        ),
    )
