"""Remarks about places of a draft: made once, settled once, never rewritten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.errors import GisgridError
from gisgrid.model import Comment, Grid
from gisgrid.planning.planned import must_be_there
from gisgrid.text import Text


class UnknownComment(GisgridError):
    """There is no such remark, or it may not be seen by who is asking."""


@dataclass(frozen=True)
class CommentTold:
    """A remark: where, what, by whom, and whether it is settled."""

    id: int
    lon: float
    lat: float
    text: str
    grid: tuple[str, str] | None
    by: str
    at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


def comments_of(session: Session, plan_id: int, *, ids: Collection[int] | None = None) -> list[CommentTold]:
    """The remarks about a plan that the session sees, the latest first; all or these."""
    wanted = (
        select(
            Comment, Grid.name, func.ST_X(Comment.geometry).label("x"), func.ST_Y(Comment.geometry).label("y")
        )
        .outerjoin(Grid, (Grid.plan_id == Comment.plan_id) & (Grid.uid == Comment.grid_uid))
        .where(Comment.plan_id == plan_id)
        .order_by(Comment.id.desc())
    )
    if ids is not None:
        wanted = wanted.where(Comment.id.in_(ids))
    return [
        CommentTold(
            each.id,
            x,
            y,
            each.text,
            None if each.grid_uid is None else (each.grid_uid, name or each.grid_uid),
            each.by_login,
            each.at,
            each.resolved_at,
            each.resolved_by,
        )
        for each, name, x, y in session.execute(wanted)
    ]


def remark(
    session: Session, plan_id: int, place: tuple[float, float], text: str, *, grid: str | None = None
) -> CommentTold:
    """Make a remark about a place; the database says whose it is, and which grids are there.

    Raises
    ------
    UnknownGrid
        If it shall be about a grid that the plan has not, or that is not seen.
    """
    if grid is not None:
        must_be_there(session, plan_id, grid)
    made = Comment(
        plan_id=plan_id, grid_uid=grid, text=text, path=[], geometry=from_shape(Point(place), srid=4490)
    )
    session.add(made)
    session.flush()
    session.expire_all()
    return comments_of(session, plan_id, ids=[made.id])[0]


def settle(session: Session, plan_id: int, comment: int) -> CommentTold:
    """Mark a remark as settled; one that is settled stays as it is.

    Raises
    ------
    UnknownComment
    """
    found = session.scalars(
        select(Comment).where(Comment.plan_id == plan_id, Comment.id == comment)
    ).one_or_none()
    if found is None:
        raise UnknownComment(
            Text(zh="没有这条意见。", en="There is no such comment."),
            todo=Text(zh="请刷新。", en="Reload."),
        )
    if found.resolved_at is None:
        found.resolved_at = func.now()
        session.flush()
        session.expire_all()
    return comments_of(session, plan_id, ids=[comment])[0]
