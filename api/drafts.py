"""What routes about drafts ask for: a plan that may be seen, a planner, and the versions drawn on."""

from __future__ import annotations

import math
import re
from typing import Annotated

from fastapi import Depends, Path
from sqlalchemy import select

from api.dependencies import BearerSession, LoggedIn, not_allowed
from api.errors import NotFound, Unprocessable
from api.layer_reading import MAX_PLAN
from gisgrid.accounts.identity import Asker, TokenKind
from gisgrid.errors import InputError
from gisgrid.model import AccountRole, Plan
from gisgrid.planning.errors import VersionNeeded
from gisgrid.text import Text

_ETAG = re.compile(r'"([^":]{1,64}):(\d{1,18})"')
NO_PLAN = NotFound(
    Text(zh="没有这个方案，或您不能查看。", en="There is no such plan, or you may not see it."),
    todo=Text(zh="可见的方案列在 /api/plans。", en="/api/plans lists those you may see."),
)


def _visible(session: BearerSession, plan_id: Annotated[int, Path(ge=1, le=MAX_PLAN)]) -> int:
    found = session.scalar(select(Plan.id).where(Plan.id == plan_id))
    if found is None:
        raise NO_PLAN
    return found


VisiblePlan = Annotated[int, Depends(_visible)]
"""The id of a plan that the session sees; 404 otherwise."""


def must_plan(asker: Asker) -> None:
    """Raise Forbidden unless the account, and the token that it came with, may change drafts."""
    if asker.role not in (AccountRole.ADMIN, AccountRole.PLANNER) or not asker.may_write:
        raise not_allowed(
            todo=Text(
                zh="修改草稿需要规划员账号。", en="Drafts are changed by planners; ask an administrator."
            )
        )


def _planner(asker: LoggedIn, plan: VisiblePlan) -> Asker:
    must_plan(asker)
    return asker


PLAN_READERS = (AccountRole.ADMIN, AccountRole.PLANNER, AccountRole.APPROVER, AccountRole.ANALYST)


def _plan_reader(asker: LoggedIn, plan: VisiblePlan) -> Asker:
    if asker.role not in PLAN_READERS:
        raise not_allowed()
    return asker


PlanReader = Annotated[Asker, Depends(_plan_reader)]
"""Somebody who sees how a plan came about: 404 where the plan may not be seen, then 403."""


def _commenter(asker: LoggedIn, plan: VisiblePlan) -> Asker:
    if asker.role not in PLAN_READERS or not asker.may_write:
        raise not_allowed()
    return asker


Commenter = Annotated[Asker, Depends(_commenter)]
"""Somebody who may remark something about a plan."""


def _approver(asker: LoggedIn, plan: VisiblePlan) -> Asker:
    if asker.role not in (AccountRole.ADMIN, AccountRole.APPROVER) or not asker.may_write:
        raise not_allowed(todo=Text(zh="审批需要审批员账号。", en="Plans are decided by approvers."))
    return asker


Approver = Annotated[Asker, Depends(_approver)]
"""Somebody who may decide about plans in review: 404 where the plan may not be seen, then 403."""


def _overseer(asker: LoggedIn, plan: VisiblePlan) -> Asker:
    if (
        asker.role not in (AccountRole.ADMIN, AccountRole.PLANNER, AccountRole.APPROVER)
        or not asker.may_write
    ):
        raise not_allowed(todo=Text(zh="需要规划员或审批员账号。", en="This is for planners and approvers."))
    return asker


Overseer = Annotated[Asker, Depends(_overseer)]
"""Somebody who may answer for a level above: 404 where the plan may not be seen, then 403."""


Planner = Annotated[Asker, Depends(_planner)]
"""Somebody who may change drafts: 404 where the plan may not be seen, then 403."""


def place_given(text: str, name: str) -> tuple[float, float]:
    """A longitude and latitude as an address gives them: `lon,lat`."""
    try:
        lon, lat = (float(each) for each in text.split(","))
    except ValueError:
        lon = lat = math.nan
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Unprocessable(
            Text(zh="应为经度,纬度（度）。", en="It is longitude,latitude in degrees."),
            where=f"{name}={text[:40]}",
            todo=Text(zh="请改正后重试。", en="Correct it, and try again."),
        )
    return lon, lat


def expected_versions(if_match: str | None, asker: Asker, *, is_needed: bool) -> dict[str, int] | None:
    """The versions that a request names in If-Match, by uid; None: the last writer wins.

    Raises
    ------
    VersionNeeded
        If it names none, and is not an access token's that says `*` or declares so for all its changes.
    InputError
        If what it says is no list of ETags of grids.
    """
    if if_match is None and asker.last_writer_wins:
        return None
    if if_match is None or (if_match.strip() == "*" and asker.kind is not TokenKind.ACCESS_TOKEN):
        if not is_needed:
            return None
        raise VersionNeeded(
            Text(zh="没有说明是在哪个版本上绘制的。", en="It does not say which version it was drawn on."),
            where="If-Match",
            todo=Text(
                zh='请在 If-Match 中给出上级网格的版本，如 "211122:5"。',
                en='Give the version of the holder in If-Match, such as "211122:5".',
            ),
        )
    if if_match.strip() == "*":
        return None
    found = _ETAG.findall(if_match)
    if not found or re.sub(r"[\s,]", "", _ETAG.sub("", if_match)):
        raise InputError(
            Text(zh="If-Match 无法识别。", en="If-Match cannot be understood."),
            where="If-Match",
            todo=Text(zh='应为网格的版本，如 "211122:5"。', en='Give versions of grids, such as "211122:5".'),
        )
    return {uid: int(version) for uid, version in found}
