"""Who holds which post of a grid today: pieces of queries that several layers share.

They use only what anonymous visitors may read of posts, so that a public layer
can be built of them.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from gisgrid.model import Grid, Post, PostKind, Responsibility
from gisgrid.store.answering import holds_today


def held_today(post: type[Post]) -> ColumnElement[int]:
    """The id of the entry that says who holds a post today."""
    entry = aliased(Responsibility)
    return (
        select(entry.id)
        .where(entry.post_id == post.id, holds_today(entry))
        .order_by(entry.valid_from.desc())
        .limit(1)
        .correlate(post)
        .scalar_subquery()
    )


def staff_today() -> ColumnElement[int]:
    """How many supervisors' posts of the grid are held today."""
    post, entry = aliased(Post), aliased(Responsibility)
    return (
        select(func.count(post.id.distinct()))
        .join(entry, entry.post_id == post.id)
        .where(post.grid_uid == Grid.uid, post.kind == PostKind.SUPERVISOR, holds_today(entry))
        .correlate(Grid)
        .scalar_subquery()
    )


def duty_phone() -> ColumnElement[str]:
    """The grid's duty phone: the first post's, else the office's or a supervisor's."""
    post = aliased(Post)
    return (
        select(post.duty_phone)
        .where(post.grid_uid == Grid.uid, post.duty_phone.is_not(None))
        .order_by(
            (post.kind == PostKind.FIRST).desc(), (post.kind == PostKind.OFFICE).desc(), post.number, post.id
        )
        .limit(1)
        .correlate(Grid)
        .scalar_subquery()
    )
