"""A draft made the plan in force: checked, sealed with a checksum, the previous one superseded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.errors import BrokenHierarchy, InputError
from gisgrid.model import Grid, Plan, PlanState
from gisgrid.planning.checksums import checksum
from gisgrid.planning.recompute import put_in_force
from gisgrid.store.turns import take_turn
from gisgrid.text import Text


def publish(session: Session, plan: Plan, valid_from: date, *, approval_number: str | None = None) -> None:
    """Publish a draft, or a plan in review: from now on it never changes.

    The plan that was in force ends the day before `valid_from`, and stays
    readable. Findings do not stand in the way: they are part of what is published.

    Parameters
    ----------
    session : Session
    plan : Plan
    valid_from : date
        Its first day.
    approval_number : str, optional
        Of its map (审图号); none means that the map has not been reviewed.

    Raises
    ------
    InputError
        If it was published before, or would begin before the plan that it supersedes.
    BrokenHierarchy
        If it has no grids, or grids without a parent.
    """
    take_turn_to_publish(session)
    session.refresh(plan)
    if plan.state not in (PlanState.DRAFT, PlanState.IN_REVIEW):
        raise InputError(
            Text(zh="这个方案已经发布过。", en="This plan was published before."),
            where=f"{plan.id} {plan.title_zh}",
            todo=Text(zh="请另建修订稿再发布。", en="Begin a revision, and publish that."),
        )
    _check(session, plan)
    previous = session.scalar(select(Plan).where(Plan.state == PlanState.PUBLISHED).with_for_update())
    if previous is not None:
        _supersede(session, previous, valid_from)
    plan.checksum = checksum(session, plan.id)
    plan.valid_from = valid_from
    plan.approval_number = approval_number
    plan.state = PlanState.PUBLISHED
    plan.published_at = func.now()
    plan.changed_at = func.now()
    session.flush()
    session.refresh(plan)
    put_in_force(session, plan.id)


def take_turn_to_publish(session: Session) -> None:
    """Wait until nobody else publishes; whoever looks only then at what is in force may rely on it."""
    take_turn(session, "publish")


def _check(session: Session, plan: Plan) -> None:
    levels = session.execute(
        select(Grid.level, func.count(), func.count(Grid.parent_id))
        .where(Grid.plan_id == plan.id, ~Grid.is_overlay)
        .group_by(Grid.level)
        .order_by(Grid.level)
    ).all()
    where = f"{plan.id} {plan.title_zh}"
    if not levels:
        raise BrokenHierarchy(
            Text(zh="方案里没有网格。", en="The plan has no grids."),
            where=where,
            todo=Text(zh="请先用 gisgrid import grids 导入。", en="Bring some in with gisgrid import grids."),
        )
    if [level for level, _, _ in levels] != list(range(1, len(levels) + 1)):
        raise BrokenHierarchy(
            Text(zh="网格级别不连续。", en="A level of grids is missing between others."),
            where=f"{where}: {', '.join(str(level) for level, _, _ in levels)}",
            todo=Text(zh="请补上缺少的级别。", en="Add the level that is missing."),
        )
    orphans = [f"{level}: {count - placed}" for level, count, placed in levels[1:] if placed < count]
    if orphans:
        raise BrokenHierarchy(
            Text(zh="有网格没有上级网格。", en="Some grids have no parent."),
            where=f"{where}; {'; '.join(orphans)}",
            todo=Text(zh="请给它们指定上级网格。", en="Give each of them a parent."),
        )


def _supersede(session: Session, previous: Plan, on: date) -> None:
    if previous.valid_from is not None and on <= previous.valid_from:
        raise InputError(
            Text(
                zh=f"生效日期应晚于现行方案的 {previous.valid_from}。",
                en=f"It must begin after the plan in force, which began on {previous.valid_from}.",
            ),
            where=f"{previous.id} {previous.title_zh}",
            todo=Text(zh="请改用更晚的日期。", en="Give a later date."),
        )
    previous.state = PlanState.SUPERSEDED
    previous.valid_to = on
    previous.changed_at = func.now()
    session.flush()
