"""Edits of drafts: each is one transaction that leaves the coverage valid at every level, or changes nothing.

    lock the plan → read what lies around → redraw (gisgrid.spatial.editing) → write → what follows → record

Edits of one draft take turns, for milliseconds. Who drew on grids that somebody else changed since is told
so: versions are counted for each holder (parent or owner), so that planners of two counties never collide.
"""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.model import SCHEMA, Edit, EditState, Grid, PlanState
from gisgrid.planning.effects import Effects, Follow
from gisgrid.planning.errors import ChangesNothing, EditSince, NotADraft, StaleVersion, VersionNeeded
from gisgrid.planning.operations import Operation
from gisgrid.planning.planned import Planned, is_same, planned
from gisgrid.planning.recompute import placing_plan
from gisgrid.planning.repairing import prepared
from gisgrid.planning.weighing import weigh, weigh_moved
from gisgrid.store.behind import Behind
from gisgrid.store.draft_grids import Around, Bounds, DraftGrid, GridChange, bounds_of, write_changes
from gisgrid.store.edit_record import Recorded, open_plan, record_edit
from gisgrid.text import Text

T = TypeVar("T")

_RELOAD = Text(
    zh="请查看改动后，在新的状态上重新操作。", en="Look at what changed, and draw again on the new state."
)


@dataclass(frozen=True)
class Author:
    """Who edits: the account, or None for the operator's shell."""

    account_id: int | None
    login: str


@dataclass(frozen=True)
class Load:
    """The sources in a grid before and after an edit, by class."""

    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True)
class Edited:
    """What an edit did.

    Attributes
    ----------
    number : int or None
        In the history of the draft; None for one that was only tried.
    holders : mapping of uid to int
        The versions since.
    changes : tuple of GridChange
        All grids, those that only got vertices included.
    loads : mapping of uid to Load
        Of the grids whose land changed.
    notes : tuple of Text
        What one might not expect of it.
    """

    number: int | None
    operation: str
    summary: Text
    at: datetime | None
    by: str
    state: EditState
    holders: Mapping[str, int]
    changes: tuple[GridChange, ...]
    effects: Effects
    loads: Mapping[str, Load]
    names: Mapping[int, tuple[str, str]]
    notes: tuple[Text, ...] = ()


def edit(
    session: Session,
    plan_id: int,
    operation: Operation,
    *,
    by: Author,
    expected: Mapping[str, int] | None,
    rehearse: bool = False,
) -> Edited:
    """Do one operation on a draft.

    Parameters
    ----------
    session : Session
    plan_id : int
        A plan that the session sees.
    operation : Operation
    by : Author
    expected : mapping of uid to int, or None
        The version of each holder whose members change, as whoever drew knew it.
        None declares that the last writer wins.
    rehearse : bool
        Try it, and take everything back: what would come of it.

    Raises
    ------
    NotADraft, UnknownGrid, NotYours, StaleVersion, VersionNeeded
        Nothing was changed.
    InputError
        If the geometry cannot be used, see `gisgrid.spatial.editing`, or nothing would change.
    """
    open_draft(session, plan_id)
    operation = prepared(session, plan_id, operation)
    if expected is not None:
        check_versions(session, plan_id, expected)
    plan = planned(session, plan_id, operation)
    if all(is_same(each.before, each.after) for each in plan.changes):
        raise ChangesNothing(
            Text(zh="这样没有改动任何网格。", en="This changes no grid."),
            where=plan.summary.zh,
            todo=Text(zh="请改动界线或属性后再确认。", en="Change a boundary or an attribute, then confirm."),
        )
    return settle(session, plan_id, plan, operation.operation, by=by, expected=expected, rehearse=rehearse)


def settle(
    session: Session,
    plan_id: int,
    plan: Planned,
    operation: str,
    *,
    by: Author,
    expected: Mapping[str, int] | None,
    rehearse: bool,
) -> Edited:
    """Carry out what was planned, and write it into the history of the draft; or try it, as `edit` says."""
    if not rehearse:
        if expected is not None:
            _all_expected(plan.holders, expected)
        return record(session, plan_id, plan, operation, by=by)
    trial = session.begin_nested()
    try:
        done = carry_out(session, plan_id, plan.changes, lambda _: None, known=plan.around)
    finally:
        trial.rollback()
    versions = {grid.uid: grid.version for grid in plan.holders}
    return _edited(plan, operation, by, done, number=None, at=None, holders=versions)


@dataclass(frozen=True)
class Carried(Generic[T]):
    """What follows from changes that were written: effects, loads, and (uid, name) of grids by id.

    `recorded` is what recording them gave.
    """

    recorded: T
    effects: Effects
    loads: Mapping[str, Load]
    names: Mapping[int, tuple[str, str]]


def carry_out(
    session: Session,
    plan_id: int,
    changes: Sequence[GridChange],
    recording: Callable[[Session], T],
    *,
    known: Around | None = None,
) -> Carried[T]:
    """Write changes, and all that follows from them.

    Parameters
    ----------
    session : Session
    plan_id : int
    changes : sequence of GridChange
    recording : callable
        Writes down that they were made.
    known : Around, optional
        Grids that were read already.
    """
    moving = [each for each in changes if not each.is_outline_kept]
    follow = Follow.of(session, plan_id, changes, known=known)
    with Behind(session) as behind:
        placing = behind.do(placing_plan)
        weighed = behind.do(weigh, [each.before.columns for each in moving if each.before is not None])
        behind.do(write_changes, plan_id, changes)
        recorded = behind.do(recording)
        effects = follow.up(behind, placing)
    before, since = weighed.result(), [each.after.columns for each in moving if each.after is not None]
    moved = None if effects.is_of_all else effects.moved
    after = weigh(session, since) if moved is None else weigh_moved(session, since, before, moved)
    loads = {each.uid: Load(before.get(each.uid, {}), after.get(each.uid, {})) for each in moving}
    return Carried(recorded.result(), effects, loads, _names(session, changes, effects))


def record(session: Session, plan_id: int, plan: Planned, operation: str, *, by: Author) -> Edited:
    """Carry out what was planned, and write it into the history of the draft.

    Whoever edits anew can no longer redo what they took back before.
    """

    def recording(session: Session) -> Recorded:
        return record_edit(
            session,
            plan_id,
            plan.changes,
            operation=operation,
            summary=plan.summary,
            account_id=by.account_id,
            login=by.login,
            holders=[each.id for each in plan.holders],
            bounds=_bounds(plan.changes),
        )

    done = carry_out(session, plan_id, plan.changes, recording, known=plan.around)
    made = done.recorded
    return _edited(plan, operation, by, done, number=made.number, at=made.at, holders=made.holders)


def _edited(
    plan: Planned,
    operation: str,
    by: Author,
    done: Carried[Any],
    *,
    number: int | None,
    at: datetime | None,
    holders: Mapping[str, int],
) -> Edited:
    return Edited(
        number,
        operation,
        plan.summary,
        at,
        by.login,
        EditState.APPLIED,
        holders,
        plan.changes,
        done.effects,
        done.loads,
        done.names,
        plan.notes,
    )


_STATE = text(f"SELECT state, title_zh FROM {SCHEMA}.plan WHERE id = :plan")


def must_be_draft(session: Session, plan_id: int) -> None:
    """Raise NotADraft unless the plan can be changed."""
    _must_be_draft(plan_id, session.execute(_STATE, {"plan": plan_id}).one_or_none())


def open_draft(session: Session, plan_id: int) -> None:
    """Wait for others who edit the plan, until the transaction ends; NotADraft unless it can be changed."""
    _must_be_draft(plan_id, open_plan(session, plan_id))


def _must_be_draft(plan_id: int, row: Any) -> None:
    if row is not None and row.state == PlanState.DRAFT:
        return
    raise NotADraft(
        Text(
            zh="只有草稿可以修改；这个方案正在审核、已经发布或已弃用。",
            en="Only a draft can be changed; this plan is in review, published or discarded.",
        ),
        where="" if row is None else f"{plan_id} {row.title_zh}",
        todo=Text(
            zh="请退回审核、恢复草稿，或另建修订稿。",
            en="Take it back from review, restore it, or begin a revision.",
        ),
    )


def check_versions(session: Session, plan_id: int, expected: Mapping[str, int]) -> None:
    """Raise StaleVersion if somebody edited the members of one of these holders since."""
    rows = session.execute(
        select(Grid.uid, Grid.name, Grid.version).where(Grid.plan_id == plan_id, Grid.uid.in_(list(expected)))
    ).all()
    stale = [row for row in rows if row.version != expected[row.uid]]
    if not stale:
        return
    changed = [
        EditSince(each.number, each.by_login, each.at, Text(each.summary_zh, each.summary_en))
        for each in session.scalars(select(Edit).where(Edit.plan_id == plan_id).order_by(Edit.number))
        if any(each.holders.get(row.uid, 0) > expected[row.uid] for row in stale)
    ]
    who = "、".join(dict.fromkeys(each.by for each in changed))
    raise StaleVersion(
        Text(
            zh=f"{who or '有人'}在您绘制期间修改了{'、'.join(row.name for row in stale)}。",
            en=f"{who or 'Somebody'} changed {', '.join(row.name for row in stale)} while you were drawing.",
        ),
        where=", ".join(f"{row.uid}:{row.version}" for row in stale),
        todo=_RELOAD,
        changed=changed,
    )


def _all_expected(holders: Iterable[DraftGrid], expected: Mapping[str, int]) -> None:
    lacking = [grid for grid in holders if grid.uid not in expected]
    if lacking:
        raise VersionNeeded(
            Text(
                zh="没有说明是在哪个版本上绘制的。",
                en="It does not say which version it was drawn on.",
            ),
            where=", ".join(f'"{grid.uid}:{grid.version}"' for grid in lacking),
            todo=Text(
                zh="请在 If-Match 中给出这些网格的版本。",
                en="Give the versions of these grids in If-Match.",
            ),
        )


def _bounds(changes: Iterable[GridChange]) -> Bounds | None:
    return bounds_of(
        [
            side.geometry.bounds
            for each in changes
            if not each.is_outline_kept
            for side in (each.before, each.after)
            if side is not None
        ]
    )


def _names(session: Session, changes: Iterable[GridChange], effects: Effects) -> dict[int, tuple[str, str]]:
    """(uid, name) of every grid that the answer speaks of, by id."""
    names = {
        side.id: (side.uid, side.name)
        for each in changes
        for side in (each.before, each.after)
        if side is not None
    }
    asked = {each for moved in effects.moved for each in (moved.before, moved.after) if each is not None}
    for finding in (*effects.findings_before, *effects.findings_after):
        asked |= {*finding.owner_ids, *(() if finding.parent_id is None else (finding.parent_id,))}
    asked -= names.keys()
    if asked:
        rows = session.execute(select(Grid.id, Grid.uid, Grid.name).where(Grid.id.in_(asked)))
        names |= {row.id: (row.uid, row.name) for row in rows}
    return names
