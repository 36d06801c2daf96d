"""Which plan grids go into: a draft, since published plans never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import Plan, PlanState
from gisgrid.planning.drafts import PlanName, begin_plan, begin_revision, must_be_draft
from gisgrid.text import Text

NEW = "new"


@dataclass(frozen=True)
class Target:
    """The plan that an import is for.

    Attributes
    ----------
    plan : str or None
        A plan's number; "new": the one called `title`, begun if there is none;
        None: the only draft, else a revision of the published plan, else a new plan.
    title, territory : Text or None
    publish_from : date or None
        Publish it, valid from this day.
    approval_number : str or None
    """

    plan: str | None = None
    title: Text | None = None
    territory: Text | None = None
    publish_from: date | None = None
    approval_number: str | None = None


@dataclass(frozen=True)
class Chosen:
    """A plan to compare with, and whether it may be changed or must first be copied."""

    plan: Plan
    is_fixed: bool


def choose(session: Session, target: Target, city: str) -> Chosen:
    """The plan to import into; `city` names the territory where nobody did.

    A published plan is answered as it is, for the import may turn out to change
    nothing; `writable` makes a draft of it when it does.
    """
    if target.plan not in (None, NEW):
        return _fixed_or_not(session, _by_number(session, str(target.plan)))
    if target.plan is None and target.title is None:
        drafts = list(session.scalars(select(Plan).where(Plan.state == PlanState.DRAFT).order_by(Plan.id)))
        if len(drafts) > 1:
            raise _which(drafts)
        published = session.scalar(select(Plan).where(Plan.state == PlanState.PUBLISHED))
        found = drafts[0] if drafts else published
        if found is not None:
            return _fixed_or_not(session, found)
    title = target.title or Text(zh="网格划分方案", en="Grid division plan")
    alive = select(Plan).where(Plan.title_zh == title.zh, Plan.state != PlanState.DISCARDED)
    same = session.scalar(alive.order_by(Plan.id.desc()).limit(1))
    if same is not None:
        return _fixed_or_not(session, same)
    name = PlanName(title, target.territory or Text(zh=city, en=city))
    return Chosen(begin_plan(session, name, by="import"), is_fixed=False)


def writable(session: Session, chosen: Chosen, target: Target) -> Plan:
    """The plan itself if it is a draft, else a revision of it, begun now."""
    if not chosen.is_fixed:
        return chosen.plan
    base = chosen.plan
    title = Text(zh=f"{base.title_zh}（修订）", en=f"{base.title_en} (revision)")
    if target.title is not None and target.title.zh != base.title_zh:
        title = target.title
    return begin_revision(session, base, title, by="import")


def _fixed_or_not(session: Session, plan: Plan) -> Chosen:
    if plan.state in (PlanState.PUBLISHED, PlanState.SUPERSEDED):
        revision = session.scalar(
            select(Plan).where(Plan.base_id == plan.id, Plan.state == PlanState.DRAFT).order_by(Plan.id)
        )
        return Chosen(plan, is_fixed=True) if revision is None else Chosen(revision, is_fixed=False)
    must_be_draft(plan)
    return Chosen(plan, is_fixed=False)


def _by_number(session: Session, number: str) -> Plan:
    plan = (
        session.get(Plan, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    )
    if plan is None:
        raise InputError(
            Text(zh=f"没有编号为 {number} 的方案。", en=f"There is no plan {number}."),
            where="; ".join(_named(each) for each in session.scalars(select(Plan).order_by(Plan.id))),
            todo=Text(zh="请用 --plan 编号 或 --plan new。", en="Give --plan NUMBER, or --plan new."),
        )
    return plan


def _which(drafts: list[Plan]) -> InputError:
    return InputError(
        Text(zh="有几个草稿，不知道导入哪一个。", en="There are several drafts; which one is meant?"),
        where="; ".join(_named(each) for each in drafts),
        todo=Text(zh="请用 --plan 编号 指定。", en="Name it with --plan NUMBER."),
    )


def _named(plan: Plan) -> str:
    return f"{plan.id} {plan.title_zh} ({plan.state})"
