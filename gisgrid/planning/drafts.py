"""Plans begun: anew, or as a copy of the one that is to be revised."""

# ruff: noqa: S608 -- no user's text is ever part of the SQL

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import SCHEMA, Plan, PlanLevel, PlanState
from gisgrid.text import Text

_ORDINALS = "一二三四五六七八九"


@dataclass(frozen=True)
class PlanName:
    """What a plan and its territory are called."""

    title: Text
    territory: Text


def level_name(level: int) -> Text:
    """What the grids of a level are called, unless a plan says otherwise.

    Examples
    --------
    >>> level_name(3).zh, level_name(12).zh
    ('三级网格', '12级网格')
    """
    ordinal = _ORDINALS[level - 1] if level <= len(_ORDINALS) else str(level)
    return Text(zh=f"{ordinal}级网格", en=f"Level-{level} grid")


def begin_plan(session: Session, name: PlanName, *, by: str | None = None) -> Plan:
    """A draft without grids."""
    plan = Plan(
        territory_zh=name.territory.zh,
        territory_en=name.territory.en,
        title_zh=name.title.zh,
        title_en=name.title.en,
        created_by=by,
    )
    session.add(plan)
    session.flush()
    return plan


def begin_revision(session: Session, base: Plan, title: Text, *, by: str | None = None) -> Plan:
    """A draft that is a copy of `base`: the same levels and grids, each with its uid."""
    plan = begin_plan(session, PlanName(title, Text(base.territory_zh, base.territory_en)), by=by)
    plan.base_id = base.id
    for level in session.scalars(select(PlanLevel).where(PlanLevel.plan_id == base.id)).all():
        session.add(
            PlanLevel(plan_id=plan.id, level=level.level, name_zh=level.name_zh, name_en=level.name_en)
        )
    session.flush()
    same = "uid, kind, level, code, name, category, path, is_overlay, supervising_level, basis, is_partial, is_indicative, area_m2, geometry"  # noqa: E501
    session.execute(
        text(
            f"""WITH copied AS MATERIALIZED (
                SELECT g.*, nextval(pg_get_serial_sequence('{SCHEMA}.grid', 'id')) AS new_id
                FROM (SELECT * FROM {SCHEMA}.grid WHERE plan_id = :base ORDER BY id) g)
            INSERT INTO {SCHEMA}.grid (id, plan_id, parent_id, owner_id, {same})
            SELECT c.new_id, :plan, p.new_id, o.new_id, {", ".join("c." + each for each in same.split(", "))}
            FROM copied c LEFT JOIN copied p ON p.id = c.parent_id LEFT JOIN copied o ON o.id = c.owner_id
            ORDER BY c.new_id"""
        ),
        {"base": base.id, "plan": plan.id},
    )
    return plan


def must_be_draft(plan: Plan) -> None:
    """Raise InputError unless the plan can be changed."""
    if plan.state is not PlanState.DRAFT:
        raise InputError(
            Text(
                zh="只有草稿可以修改；这个方案正在审核、已经发布或已弃用。",
                en="Only a draft can be changed; this plan is in review, published or discarded.",
            ),
            where=f"{plan.id} {plan.title_zh}",
            todo=Text(
                zh="请退回审核、恢复草稿，或另建修订稿。",
                en="Take it back from review, restore it, or begin a revision.",
            ),
        )
