"""Which plan a request is about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import NotFound
from api.layer_reading import plan_in_force
from gisgrid.model import Plan
from gisgrid.text import Text


def chosen_plan(session: Session, stated: int | None) -> int:
    """The plan that is named, if the session sees it; else the published one.

    Raises
    ------
    NotFound
        If there is none.
    """
    if stated is None:
        found = plan_in_force(session)
    else:
        found = session.execute(select(Plan.id).where(Plan.id == stated)).scalar_one_or_none()
    if found is None:
        raise NotFound(
            Text(zh="没有这个规划，或尚未公布。", en="There is no such plan, or it is not published."),
            todo=Text(zh="可见的规划列在 /api/plans。", en="/api/plans lists those you may see."),
        )
    return found
