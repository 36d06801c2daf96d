"""The plans there are, in figures; and the territory of the one in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, and_, false, func, literal, null, select
from sqlalchemy.orm import Session

from gisgrid.model import (
    AccountRole,
    Edit,
    Finding,
    Grid,
    GridKind,
    Plan,
    PlanLevel,
    PlanState,
    Responsibility,
)
from gisgrid.text import Text

Bounds: TypeAlias = tuple[float, float, float, float]
_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class PlanHead:
    """What a plan is called, and how it stands."""

    id: int
    title: Text
    state: PlanState
    valid_from: date | None
    valid_to: date | None
    approval_number: str | None


@dataclass(frozen=True)
class LastEdit:
    """The latest edit in a plan's history, whether or not it was taken back since."""

    by: str
    at: datetime


@dataclass(frozen=True)
class PlanEntry:
    """A plan with its figures: administrative grids by level, findings by kind.

    `updated_at` is when it was last edited, or changed its state. The public is not
    told when a plan was begun and edited; `updated_at` is then the time of its
    publication, and there are no findings. `may_discard`, `may_withdraw` and
    `may_restore` are about who is asking: a planner of the whole plan.
    """

    head: PlanHead
    base: int | None
    grids: dict[str, int]
    findings: dict[str, int]
    created_at: datetime | None
    updated_at: datetime | None
    edited: LastEdit | None
    may_discard: bool
    may_withdraw: bool
    may_restore: bool


@dataclass(frozen=True)
class LevelCount:
    """A level of the plan: what it is called, and how many grids it has."""

    level: int
    name: Text
    count: int


@dataclass(frozen=True)
class Territory:
    """The territory of the published plan."""

    name: Text
    plan: PlanHead
    bounds: Bounds | None
    levels: tuple[LevelCount, ...]
    verified_on: date | None


_HEAD = (
    Plan.id,
    Plan.title_zh,
    Plan.title_en,
    Plan.state,
    Plan.valid_from,
    Plan.valid_to,
    Plan.approval_number,
)


def list_plans(
    session: Session, *, is_public: bool, with_discarded: bool = False, only: int | None = None
) -> list[PlanEntry]:
    """The plans that the session sees, the latest first.

    Parameters
    ----------
    is_public : bool
        Whether the session is a visitor's, who may read fewer columns.
    with_discarded : bool
        Also those that were put away.
    only : int, optional
        The id of the one that is wanted, whatever its state.
    """
    wanted = _as_seen_by_the_public() if is_public else _as_seen_by_planners()
    if only is not None:
        wanted = wanted.where(Plan.id == only)
    elif not with_discarded:
        wanted = wanted.where(Plan.state != PlanState.DISCARDED)
    plans = session.execute(wanted.order_by(Plan.id.desc())).all()
    ids = [row.id for row in plans]
    grids = _counts(
        session.execute(
            select(Grid.plan_id, Grid.level, func.count())
            .where(Grid.kind == GridKind.ADMINISTRATIVE, Grid.plan_id.in_(ids))
            .group_by(Grid.plan_id, Grid.level)
            .order_by(Grid.level)
        ).all()
    )
    found: dict[int, dict[str, int]] = {}
    if not is_public:
        found = _counts(
            session.execute(
                select(Finding.plan_id, Finding.kind, func.count())
                .where(Finding.plan_id.in_(ids))
                .group_by(Finding.plan_id, Finding.kind)
                .order_by(Finding.kind)
            ).all()
        )
    return [
        PlanEntry(
            head=_head(row),
            base=row.base_id,
            grids=grids.get(row.id, {}),
            findings=found.get(row.id, {}),
            created_at=row.created_at,
            updated_at=row.updated_at,
            edited=None if row.edited_at is None else LastEdit(row.edited_by, row.edited_at),
            may_discard=row.may_plan_all and row.state == PlanState.DRAFT,
            may_withdraw=row.may_plan_all and row.state == PlanState.IN_REVIEW,
            may_restore=row.may_plan_all and row.state == PlanState.DISCARDED,
        )
        for row in plans
    ]


def _as_seen_by_the_public() -> Select[*tuple[Any, ...]]:
    return select(
        *_HEAD,
        Plan.base_id,
        Plan.published_at.label("updated_at"),
        null().label("created_at"),
        null().label("edited_at"),
        false().label("may_plan_all"),
    )


def _as_seen_by_planners() -> Select[*tuple[Any, ...]]:
    last = (
        select(Edit.at, Edit.by_login)
        .where(Edit.plan_id == Plan.id)
        .order_by(Edit.number.desc())
        .limit(1)
        .lateral("last")
    )
    planners = (AccountRole.ADMIN.value, AccountRole.PLANNER.value)
    may_plan_all = and_(
        Plan.state.in_((PlanState.DRAFT, PlanState.IN_REVIEW, PlanState.DISCARDED)),
        func.coalesce(func.gisgrid.writing_role().in_(planners), literal(False)),
        func.gisgrid.oversees_plan(Plan.id),
    )
    return select(
        *_HEAD,
        Plan.base_id,
        Plan.created_at,
        func.greatest(Plan.changed_at, last.c.at).label("updated_at"),
        last.c.at.label("edited_at"),
        last.c.by_login.label("edited_by"),
        may_plan_all.label("may_plan_all"),
    ).outerjoin(last, literal(True))


def _counts(rows: Sequence[_Row]) -> dict[int, dict[str, int]]:
    counted: dict[int, dict[str, int]] = {}
    for plan, of, number in rows:
        counted.setdefault(plan, {})[str(of)] = number
    return counted


def _head(row: _Row) -> PlanHead:
    return PlanHead(
        id=row.id,
        title=Text(row.title_zh, row.title_en),
        state=PlanState(row.state),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        approval_number=row.approval_number,
    )


def published_territory(session: Session) -> Territory | None:
    """The territory of the published plan; None before there is one."""
    plan = session.execute(
        select(*_HEAD, Plan.territory_zh, Plan.territory_en).where(Plan.state == PlanState.PUBLISHED)
    ).one_or_none()
    if plan is None:
        return None
    levels = session.execute(
        select(
            Grid.level,
            func.count().label("number"),
            func.max(PlanLevel.name_zh).label("zh"),
            func.max(PlanLevel.name_en).label("en"),
        )
        .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
        .where(Grid.plan_id == plan.id, Grid.kind == GridKind.ADMINISTRATIVE)
        .group_by(Grid.level)
        .order_by(Grid.level)
    ).all()
    return Territory(
        name=Text(plan.territory_zh, plan.territory_en),
        plan=_head(plan),
        bounds=_bounds(session, plan.id, levels[0].level) if levels else None,
        levels=tuple(
            LevelCount(
                each.level,
                Text(each.zh or f"第 {each.level} 级", each.en or f"Level {each.level}"),
                each.number,
            )
            for each in levels
        ),
        verified_on=session.execute(select(func.max(Responsibility.verified_on))).scalar_one(),
    )


def _bounds(session: Session, plan: int, level: int) -> Bounds:
    """Those of the coarsest grids."""
    west, south, east, north = session.execute(
        select(
            func.min(func.ST_XMin(Grid.geometry)),
            func.min(func.ST_YMin(Grid.geometry)),
            func.max(func.ST_XMax(Grid.geometry)),
            func.max(func.ST_YMax(Grid.geometry)),
        ).where(Grid.plan_id == plan, Grid.level == level, Grid.kind == GridKind.ADMINISTRATIVE)
    ).one()
    return west, south, east, north
