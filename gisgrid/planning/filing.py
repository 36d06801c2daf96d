"""Filing upward (备案): a grid's part of a plan is filed with the level above, which accepts or returns it.

Who may do which step, the database judges once more; see `review.sql`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gisgrid.model import Filing, FilingState, Plan, PlanState
from gisgrid.planning.checks import GridName
from gisgrid.planning.checksums import part_checksums
from gisgrid.planning.errors import NotYours, WrongStep
from gisgrid.planning.pairs import Pair, every_pair_of, pair_of, pairs_of
from gisgrid.text import Text

IS_FILED: Final = frozenset({FilingState.FILED, FilingState.ACCEPTED})
_FILES: Final = frozenset({"admin", "planner"})
_ANSWERS: Final = frozenset({"admin", "planner", "approver"})
_RELOAD: Final = Text(zh="请刷新，查看它的状态。", en="Reload, and see how it stands.")


@dataclass(frozen=True)
class FilingTold:
    """How the filing of a grid's part of a plan stands.

    Attributes
    ----------
    with_grid : GridName
        The grid above, with which it is filed.
    overdue_days : int
        Days since the deadline, while it is not filed or was returned; else 0.
    has_changed : bool
        Whether the part is no longer what was filed.
    is_own : bool
        Whether who asks filed it, and so cannot answer it.
    may_file, may_answer, may_set_deadline : bool
        What who asks may do next.
    """

    grid: GridName
    level: int
    with_grid: GridName
    state: FilingState
    deadline: date | None
    overdue_days: int
    filed_by: str | None
    filed_at: datetime | None
    answered_by: str | None
    answered_at: datetime | None
    note: str | None
    has_changed: bool
    is_own: bool
    may_file: bool
    may_answer: bool
    may_set_deadline: bool


@dataclass(frozen=True)
class FilingCount:
    """How many grids must file, and how far they have come; `filed` counts what was accepted too."""

    total: int
    filed: int
    accepted: int
    returned: int
    not_filed: int
    overdue: int


@dataclass(frozen=True)
class _Asker:
    """Who asks, as the database knows them."""

    account: int | None
    role: str | None
    is_of_all: bool

    def may_answer_own(self) -> bool:
        return self.role == "admin" and self.is_of_all


def filings_of(
    session: Session, plan_id: int, *, grids: Collection[str] | None = None, today: date | None = None
) -> list[FilingTold]:
    """The filings that the asker sees, one a grid below another: what is overdue first, what is settled last.

    Parameters
    ----------
    grids : collection of str, optional
        Uids; by default all.
    today : date, optional
        By which deadlines are judged; by default the database's.
    """
    pairs = pairs_of(session, plan_id, lower=grids)
    on = today or session.scalars(select(func.current_date())).one()
    rows = {
        row.grid_uid: row for row in session.scalars(select(Filing).where(Filing.plan_id == plan_id)).all()
    }
    sums = part_checksums(
        session, plan_id, [pair.lower.uid for pair in pairs if _is_sealed(rows.get(pair.lower.uid))]
    )
    asker = _asker(session)
    is_over = _state_of(session, plan_id) in _OVER
    told = [
        _told(pair, rows.get(pair.lower.uid), sums.get(pair.lower.uid), asker, on, is_over=is_over)
        for pair in pairs
    ]
    return sorted(told, key=_most_urgent_first)


def _is_sealed(row: Filing | None) -> bool:
    return row is not None and row.checksum is not None


def _told(
    pair: Pair, row: Filing | None, checksum: str | None, asker: _Asker, on: date, *, is_over: bool
) -> FilingTold:
    row = row or Filing(plan_id=0, grid_uid=pair.lower.uid, state=FilingState.NOT_FILED)
    late = 0 if row.deadline is None or row.state in IS_FILED else (on - row.deadline).days
    has_changed = row.checksum is not None and row.checksum != checksum
    is_own = row.filed_account_id is not None and row.filed_account_id == asker.account
    answers = not is_over and pair.is_below and asker.role in _ANSWERS
    return FilingTold(
        grid=pair.lower,
        level=pair.level,
        with_grid=pair.upper,
        state=row.state,
        deadline=row.deadline,
        overdue_days=max(late, 0),
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        note=row.note,
        has_changed=has_changed,
        is_own=is_own,
        may_file=not is_over and asker.role in _FILES and (row.state not in IS_FILED or has_changed),
        may_answer=answers and row.state is FilingState.FILED and (not is_own or asker.may_answer_own()),
        may_set_deadline=answers,
    )


_OVER: Final = (PlanState.SUPERSEDED, PlanState.DISCARDED)
_ORDER: Final = (FilingState.RETURNED, FilingState.NOT_FILED, FilingState.FILED, FilingState.ACCEPTED)


def _most_urgent_first(told: FilingTold) -> tuple[int, int, date]:
    return -told.overdue_days, _ORDER.index(told.state), told.deadline or date.max


def _asker(session: Session) -> _Asker:
    account, role, jurisdiction = session.execute(
        select(func.gisgrid.acting_account(), func.gisgrid.writing_role(), func.gisgrid.acting_jurisdiction())
    ).one()
    return _Asker(account, role, jurisdiction == "*")


def _state_of(session: Session, plan_id: int) -> PlanState | None:
    return session.scalar(select(Plan.state).where(Plan.id == plan_id))


def count_filings(told: Iterable[FilingTold]) -> FilingCount:
    """How many of these are filed, and how many are late."""
    each = list(told)
    in_state = [one.state for one in each]
    return FilingCount(
        total=len(each),
        filed=sum(state in IS_FILED for state in in_state),
        accepted=in_state.count(FilingState.ACCEPTED),
        returned=in_state.count(FilingState.RETURNED),
        not_filed=in_state.count(FilingState.NOT_FILED),
        overdue=sum(one.overdue_days > 0 for one in each),
    )


def file_part(session: Session, plan_id: int, grid: str, *, note: str | None = None) -> FilingTold:
    """File a grid's part of a plan with the level above, as it is now.

    What was returned is filed again; what was filed or accepted only when the part has changed since.

    Raises
    ------
    UnknownGrid
    WrongStep
        If it is filed already and the same, or the plan holds no longer.
    """
    pair_of(session, plan_id, grid)
    _must_hold(session, plan_id)
    session.execute(insert(Filing).values(plan_id=plan_id, grid_uid=grid).on_conflict_do_nothing())
    filing = _locked(session, plan_id, grid)
    assert filing is not None  # noqa: S101 -- it was just put there
    checksum = part_checksums(session, plan_id, [grid])[grid]
    if filing.state in IS_FILED and filing.checksum == checksum:
        raise _wrong_step(
            Text(zh="已经报过备案，此后没有变化。", en="It is filed already, and has not changed since."),
            grid,
            filing.state,
        )
    filing.state = FilingState.FILED
    filing.checksum = checksum
    filing.note = note
    return _after(session, plan_id, grid)


def accept(session: Session, plan_id: int, grid: str, *, note: str | None = None) -> FilingTold:
    """Accept what a grid below has filed.

    Raises
    ------
    UnknownGrid, NotYours
    WrongStep
        If nothing is filed.
    """
    return _answer(session, plan_id, grid, FilingState.ACCEPTED, note)


def give_back(session: Session, plan_id: int, grid: str, *, note: str) -> FilingTold:
    """Return what a grid below has filed, with what should change; see `accept` for the errors."""
    return _answer(session, plan_id, grid, FilingState.RETURNED, note)


def _answer(session: Session, plan_id: int, grid: str, state: FilingState, note: str | None) -> FilingTold:
    pair = pair_of(session, plan_id, grid)
    _must_be_above([pair])
    _must_hold(session, plan_id)
    filing = _locked(session, plan_id, grid)
    if filing is None or filing.state is not FilingState.FILED:
        raise _wrong_step(
            Text(
                zh="只有已报送、尚未答复的备案可以接受或退回。",
                en="Only what is filed and not yet answered is accepted or returned.",
            ),
            grid,
            FilingState.NOT_FILED if filing is None else filing.state,
        )
    asker = _asker(session)
    if filing.filed_account_id == asker.account and not asker.may_answer_own():
        raise NotYours(
            Text(zh="自己报送的备案不能由自己答复。", en="Nobody answers what they filed themselves."),
            where=f"{pair.lower.name} {grid}",
            todo=Text(zh="请由上级的其他账号答复。", en="Another account of the level above answers it."),
        )
    filing.state = state
    filing.note = note
    return _after(session, plan_id, grid)


def set_deadline(
    session: Session, plan_id: int, grids: Collection[str], deadline: date | None
) -> list[FilingTold]:
    """Set by which day these grids must file, or that there is no such day.

    Raises
    ------
    UnknownGrid, WrongStep
    NotYours
        If one of them does not lie below the asker's. Nothing is kept then.
    """
    _must_be_above(every_pair_of(session, plan_id, grids))
    _must_hold(session, plan_id)
    rows = insert(Filing).values(
        [{"plan_id": plan_id, "grid_uid": each, "deadline": deadline} for each in sorted(set(grids))]
    )
    session.execute(
        rows.on_conflict_do_update(
            index_elements=["plan_id", "grid_uid"], set_={"deadline": rows.excluded.deadline}
        )
    )
    session.expire_all()
    return filings_of(session, plan_id, grids=grids)


def _must_be_above(pairs: Iterable[Pair]) -> None:
    own = [each for each in pairs if not each.is_below]
    if own:
        raise NotYours(
            Text(
                zh="期限和答复由上级网格决定。",
                en="Deadlines and answers are for the level above.",
            ),
            where=", ".join(f"{each.lower.name} {each.lower.uid}" for each in own[:5]),
            todo=Text(zh="请联系上级。", en="Ask the level above."),
        )


def _must_hold(session: Session, plan_id: int) -> None:
    state = _state_of(session, plan_id)
    if state in _OVER:
        raise WrongStep(
            Text(
                zh="方案已废止或弃用，不再备案。",
                en="The plan is superseded or discarded; nothing is filed of it any more.",
            ),
            where=f"{plan_id}: {state}",
            todo=Text(zh="请在现行方案或草稿里备案。", en="File the plan in force, or a draft."),
        )


def _locked(session: Session, plan_id: int, grid: str) -> Filing | None:
    return session.scalars(
        select(Filing)
        .where(Filing.plan_id == plan_id, Filing.grid_uid == grid)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _wrong_step(what: Text, grid: str, state: FilingState) -> WrongStep:
    return WrongStep(what, where=f"{grid}: {state}", todo=_RELOAD)


def _after(session: Session, plan_id: int, grid: str) -> FilingTold:
    session.flush()
    session.expire_all()
    return filings_of(session, plan_id, grids=[grid])[0]
