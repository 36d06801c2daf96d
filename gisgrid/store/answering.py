"""Whether somebody answers for a grid today: pieces of queries that layers and the checks of a draft share.

They use only what anonymous visitors may read of posts, so that a public layer
can be built of them; a letter is for those who log in.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from gisgrid.model import Grid, Letter, Post, PostKind, Responsibility

TODAY: ColumnElement[Any] = func.current_date()


def holds_today(responsibility: type[Responsibility] = Responsibility) -> ColumnElement[bool]:
    """Whether somebody holds the post today."""
    return and_(
        responsibility.valid_from <= TODAY,
        or_(responsibility.valid_to.is_(None), responsibility.valid_to > TODAY),
    )


def first_post() -> ColumnElement[int]:
    """The id of the grid's post of first responsible person."""
    post = aliased(Post)
    return (
        select(post.id)
        .where(post.grid_uid == Grid.uid, post.kind == PostKind.FIRST)
        .order_by(post.number, post.id)
        .limit(1)
        .correlate(Grid)
        .scalar_subquery()
    )


def has_first() -> ColumnElement[bool]:
    """Whether somebody holds the grid's post of first responsible person today."""
    return exists().where(Responsibility.post_id == first_post(), holds_today()).correlate(Grid)


def is_signed(letter: type[Letter] = Letter) -> ColumnElement[bool]:
    """Whether a letter holds today."""
    return and_(letter.signed_on <= TODAY, or_(letter.valid_to.is_(None), letter.valid_to > TODAY))


def has_letter() -> ColumnElement[bool]:
    """Whether the grid has signed a letter with the one above it that holds today, or there is none above."""
    above = Grid.path[func.cardinality(Grid.path) - 1]
    signed = exists().where(Letter.lower_uid == Grid.uid, Letter.upper_uid == above, is_signed())
    return or_(Grid.parent_id.is_(None), signed.correlate(Grid))
