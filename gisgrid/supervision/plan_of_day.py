"""Which plan was in force on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Date, Row, Select, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from gisgrid.model import Plan, PlanState
from gisgrid.supervision.errors import NothingPublished, UnusableDate
from gisgrid.text import Text

IN_FORCE: Final = (PlanState.PUBLISHED, PlanState.SUPERSEDED)
AHEAD: Final = timedelta(days=366)
"""How far into the future one may ask: a plan may change any time after."""


@dataclass(frozen=True)
class PlanOfDay:
    """A plan, and the day for which it was found."""

    id: int
    title: Text
    state: PlanState
    on: date


def _statement() -> Select[*tuple[Any, ...]]:
    day = func.coalesce(bindparam("on", type_=Date), func.current_date())
    found = (
        select(Plan.id, Plan.title_zh, Plan.title_en, Plan.state)
        .where(Plan.state.in_(IN_FORCE), Plan.valid_from <= day)
        .where(or_(Plan.valid_to.is_(None), Plan.valid_to > day))
        .order_by((Plan.state == PlanState.PUBLISHED).desc(), Plan.valid_from.desc(), Plan.id.desc())
        .limit(1)
        .subquery()
    )
    first = select(func.min(Plan.valid_from)).where(Plan.state.in_(IN_FORCE)).scalar_subquery()
    days = select(day.label("on"), func.current_date().label("today"), first.label("first")).subquery()
    return select(days, found).select_from(days.outerjoin(found, true()))


_PLAN: Final = _statement()


def plan_of_day(session: Session, on: date | None = None) -> PlanOfDay:
    """The plan in force on a day: today, by the database's calendar, unless told otherwise.

    Raises
    ------
    NothingPublished
        If there never was a plan.
    UnusableDate
        If the day lies before the first plan, between two, or over a year ahead.
    """
    row = session.execute(_PLAN, {"on": on}).one()
    if row.first is None:
        raise NothingPublished(
            Text(zh="尚未公布任何规划。", en="No plan has been published yet."),
            todo=Text(zh="请在规划公布后再查询。", en="Ask again when a plan is published."),
        )
    if row.on > row.today + AHEAD or row.id is None:
        raise _unusable(row)
    return PlanOfDay(row.id, Text(row.title_zh, row.title_en), PlanState(row.state), row.on)


def _unusable(row: Row[tuple[date, ...]]) -> UnusableDate:
    if row.on > row.today:
        what = Text(zh="日期太远，超过一年以后。", en="The date is more than a year ahead.")
    elif row.on < row.first:
        what = Text(zh="该日还没有规划。", en="There was no plan yet on that day.")
    else:
        what = Text(zh="该日没有规划在施行。", en="No plan was in force on that day.")
    first, last = row.first.isoformat(), (row.today + AHEAD).isoformat()
    return UnusableDate(
        what,
        where="on",
        todo=Text(zh=f"请用 {first} 至 {last} 的日期。", en=f"Ask for a day from {first} to {last}."),
    )
