"""Who holds the posts of first responsible persons (第一责任人), today and on any day before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.model import Person, Post, PostKind, Responsibility


@dataclass(frozen=True)
class Tenure:
    """A person in a post, from a day until the day before another."""

    person_id: int
    name: str
    valid_from: date
    valid_to: date | None

    def holds(self, on: date) -> bool:
        """Whether they hold the post on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class FirstPost:
    """The post of a grid's first responsible person, and all who held it, the latest first."""

    title: str
    body: str | None
    tenures: tuple[Tenure, ...] = ()

    def holder(self, on: date) -> Tenure | None:
        """Who holds it on that day; None where it is vacant."""
        return next((each for each in self.tenures if each.holds(on)), None)


def first_posts(session: Session, grid_uids: Collection[str]) -> dict[str, FirstPost]:
    """The posts of the first responsible persons of these grids, by uid; a grid may have none."""
    posts: dict[str, tuple[int, FirstPost]] = {}
    rows = session.execute(
        select(
            Post.grid_uid,
            Post.id,
            Post.title,
            Post.body,
            Responsibility.person_id,
            Person.name,
            Responsibility.valid_from,
            Responsibility.valid_to,
        )
        .outerjoin(Responsibility, Responsibility.post_id == Post.id)
        .outerjoin(Person, Person.id == Responsibility.person_id)
        .where(Post.grid_uid.in_(sorted(set(grid_uids))), Post.kind == PostKind.FIRST)
        .order_by(Post.number, Post.id, Responsibility.valid_from.desc())
    )
    for row in rows:
        post_id, post = posts.setdefault(row.grid_uid, (row.id, FirstPost(row.title, row.body)))
        if row.id == post_id and row.person_id is not None:
            tenure = Tenure(row.person_id, row.name, row.valid_from, row.valid_to)
            posts[row.grid_uid] = post_id, replace(post, tenures=(*post.tenures, tenure))
    return {uid: post for uid, (_, post) in posts.items()}
