"""The course of a draft: submitted, returned or approved, published; or put away.

Each step is a decision, kept for good, and the plan's state follows it in the same transaction. Who may
decide, the database judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import CheckReason, Decision, DecisionAction, Edit, Grid, Plan, PlanState
from gisgrid.planning.checks import Check, checks_of, checks_of_base
from gisgrid.planning.errors import StandsAgainst, WrongStep
from gisgrid.planning.publishing import publish, take_turn_to_publish
from gisgrid.planning.recompute import placing_plan, put_in_force, recompute_plan
from gisgrid.store.answering import TODAY
from gisgrid.store.edit_record import open_plan
from gisgrid.text import Text

_FROM = {
    DecisionAction.SUBMIT: PlanState.DRAFT,
    DecisionAction.WITHDRAW: PlanState.IN_REVIEW,
    DecisionAction.RETURN: PlanState.IN_REVIEW,
    DecisionAction.APPROVE: PlanState.IN_REVIEW,
    DecisionAction.PUBLISH: PlanState.IN_REVIEW,
    DecisionAction.DISCARD: PlanState.DRAFT,
    DecisionAction.RESTORE: PlanState.DISCARDED,
}


@dataclass(frozen=True)
class DecisionTold:
    """A step of a plan's course."""

    action: DecisionAction
    by: str
    at: datetime
    note: str | None


def decisions_of(session: Session, plan_id: int) -> list[DecisionTold]:
    """The steps so far, the first one first."""
    rows = session.scalars(select(Decision).where(Decision.plan_id == plan_id).order_by(Decision.id))
    return [DecisionTold(row.action, row.by_login, row.at, row.note) for row in rows]


def submit(
    session: Session, plan_id: int, *, reasons: Mapping[str, str] | None = None, note: str | None = None
) -> None:
    """Hand a draft to the approver; from now on it stays as it is.

    Parameters
    ----------
    reasons : mapping of a check's key to text
        Why it is submitted although the check stands against it.

    Raises
    ------
    WrongStep
        If it is no draft.
    StandsAgainst
        If a check blocks it and no reason is given; nothing is kept then.
    """
    plan = _at(session, plan_id, DecisionAction.SUBMIT)
    _look_again(session, plan_id)
    reasons = reasons or {}
    stands = checks_of(session, plan_id)
    todo = Text(zh="请逐项处理，或写明理由。", en="Mend them, or give a reason for each.")
    _must_be_answered([each for each in stands if not reasons.get(each.key)], todo)
    for check in stands:
        if check.key in reasons:
            session.add(_reason(session, plan_id, check, reasons[check.key]))
    _decide(session, plan, DecisionAction.SUBMIT, note)
    _put(session, plan, PlanState.IN_REVIEW)


def _must_be_answered(checks: Iterable[Check], todo: Text) -> None:
    open_ = [each for each in checks if each.blocks and not each.reason]
    if open_:
        raise StandsAgainst(
            Text(
                zh=f"还有 {len(open_)} 项没有处理，也没有说明理由。",
                en=f"{len(open_)} checks stand against it, without a reason.",
            ),
            where="; ".join(_told(each) for each in open_[:5]),
            todo=todo,
            keys=tuple(each.key for each in open_),
        )


def _told(check: Check) -> str:
    """What stands against it and where, in words that both languages can do with."""
    name = "" if check.grid is None or check.grid.name in check.title.zh else f" · {check.grid.name}"
    return f"{check.title.zh} / {check.title.en}{name}"


def _look_again(session: Session, plan_id: int) -> None:
    """Bring up to date where others edited: sources that they could not see still lie where they lay."""
    sides = (
        func.min(Edit.bounds[1]),
        func.min(Edit.bounds[2]),
        func.max(Edit.bounds[3]),
        func.max(Edit.bounds[4]),
    )
    by_others = Edit.account_id.is_distinct_from(func.gisgrid.acting_account())
    west, south, east, north = session.execute(select(*sides).where(Edit.plan_id == plan_id, by_others)).one()
    if west is not None:
        recompute_plan(session, plan_id, within=(west, south, east, north))


def _reason(session: Session, plan_id: int, check: Check, reason: str) -> CheckReason:
    """A reason is read by whoever oversees the grid; of a check of no grid, the coarsest ones."""
    grids = select(Grid.path).where(Grid.plan_id == plan_id, ~Grid.is_overlay)
    if check.grid is None:
        path = [uid for each in session.scalars(grids.where(Grid.level == 1)) for uid in each]
    else:
        path = list(session.scalars(grids.where(Grid.uid == check.grid.uid)).first() or ())
    return CheckReason(plan_id=plan_id, key=check.key, reason=reason, path=path)


def withdraw(session: Session, plan_id: int, *, note: str | None = None) -> None:
    """Take a plan back from review, as those who submitted it may."""
    _step(session, plan_id, DecisionAction.WITHDRAW, note, becoming=PlanState.DRAFT)


def give_back(session: Session, plan_id: int, *, note: str) -> None:
    """Return a plan to its planners, with what they should change."""
    _step(session, plan_id, DecisionAction.RETURN, note, becoming=PlanState.DRAFT)


def approve(session: Session, plan_id: int, *, note: str | None = None) -> None:
    """Approve a plan in review; it waits for its publication."""
    _step(session, plan_id, DecisionAction.APPROVE, note, becoming=None)


def publish_plan(
    session: Session,
    plan_id: int,
    valid_from: date,
    *,
    approval_number: str | None = None,
    note: str | None = None,
) -> None:
    """Publish an approved plan, approving it first where that was not done yet; see `publishing.publish`.

    Raises
    ------
    StandsAgainst
        If it revises a plan that is no longer in force, and nobody gave a reason for that.
    InputError
        If it would hold before today, and no note says why; or as `publishing.publish`.
    """
    take_turn_to_publish(session)
    plan = _at(session, plan_id, DecisionAction.PUBLISH)
    _must_be_answered(
        checks_of_base(session, plan_id),
        Text(
            zh="请退回，在现行方案的修订稿里导入本稿并核对差异；或由规划员写明理由后重新提交。",
            en="Return it, and bring it into a revision of the plan in force, the difference first; "
            "or have a planner give the reason and submit it again.",
        ),
    )
    if valid_from < session.scalars(select(TODAY)).one() and not note:
        raise InputError(
            Text(
                zh=f"生效日期 {valid_from} 在今天之前：从那天起的查询都会改用这份方案。",
                en=f"It would hold from {valid_from}, before today, and answer questions about days since.",
            ),
            where=f"{plan.id} {plan.title_zh}",
            todo=Text(zh="请改用今天或以后的日期，或写明理由。", en="Give a date from today on, or say why."),
        )
    last = session.scalars(
        select(Decision.action).where(Decision.plan_id == plan_id).order_by(Decision.id.desc()).limit(1)
    ).one_or_none()
    if last is not DecisionAction.APPROVE:
        _decide(session, plan, DecisionAction.APPROVE, note)
    _decide(session, plan, DecisionAction.PUBLISH, note)
    publish(session, plan, valid_from, approval_number=approval_number)


def discard(session: Session, plan_id: int, *, note: str) -> None:
    """Put a draft away, with why. Nothing of it is lost: `restore` takes it up again.

    What is in review is withdrawn or returned first; what was ever published stays.
    Where no plan is in force and sources lay where this draft said, they lie where the
    newest draft that is left says.
    """
    placed_by_it = placing_plan(session) == plan_id
    _step(session, plan_id, DecisionAction.DISCARD, note, becoming=PlanState.DISCARDED)
    heir = placing_plan(session) if placed_by_it else None
    if heir is not None:
        put_in_force(session, heir)


def restore(session: Session, plan_id: int, *, note: str | None = None) -> None:
    """Take up a discarded draft again; what changed around it since is looked at anew."""
    _step(session, plan_id, DecisionAction.RESTORE, note, becoming=PlanState.DRAFT)
    recompute_plan(session, plan_id)


def _step(
    session: Session, plan_id: int, action: DecisionAction, note: str | None, *, becoming: PlanState | None
) -> None:
    plan = _at(session, plan_id, action)
    _decide(session, plan, action, note)
    if becoming is not None:
        _put(session, plan, becoming)


def _put(session: Session, plan: Plan, state: PlanState) -> None:
    plan.state = state
    plan.changed_at = func.now()
    session.flush()


def _at(session: Session, plan_id: int, action: DecisionAction) -> Plan:
    """The plan, if it stands where this step begins."""
    open_plan(session, plan_id)
    plan = session.get_one(Plan, plan_id, populate_existing=True)
    if plan.state is not _FROM[action]:
        raise WrongStep(
            Text(
                zh="方案不在这一步：只有草稿可以提交和弃用，只有审核中的可以撤回、退回、批准和发布，"
                "只有已弃用的可以恢复。",
                en="The plan does not stand there: drafts are submitted or discarded; what is in review is "
                "withdrawn, returned, approved and published; what is discarded is restored.",
            ),
            where=f"{plan.id} {plan.title_zh}: {plan.state}",
            todo=Text(zh="请刷新后查看它的状态。", en="Reload, and see how it stands."),
        )
    return plan


def _decide(session: Session, plan: Plan, action: DecisionAction, note: str | None) -> None:
    session.add(Decision(plan_id=plan.id, action=action, note=note or None))
    session.flush()
