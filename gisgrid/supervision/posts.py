"""Who holds which post of a grid on a day, as far as who is asking may know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, Select, bindparam, or_, select, true
from sqlalchemy.orm import Session

from gisgrid.model import Person, Post, PostKind, Responsibility


@dataclass(frozen=True)
class PostHeld:
    """A post on a day; `person` is None where it is vacant or the name is not public."""

    kind: PostKind
    title: str
    body: str | None
    is_vacant: bool
    person: str | None
    duty_phone: str | None
    verified_on: date | None


@dataclass(frozen=True)
class GridPosts:
    """The posts of one grid."""

    first: PostHeld | None = None
    staff: tuple[PostHeld, ...] = field(default=())
    office: PostHeld | None = None

    @property
    def body(self) -> str | None:
        """The body that the first responsible person heads."""
        return self.first.body if self.first else None

    @property
    def staff_count(self) -> int:
        """How many supervisors' posts are held."""
        return sum(not each.is_vacant for each in self.staff)

    @property
    def duty_phone(self) -> str | None:
        """The first post's, else the office's, else a supervisor's."""
        posts = (self.first, self.office, *self.staff)
        return next((each.duty_phone for each in posts if each is not None and each.duty_phone), None)

    @property
    def verified_on(self) -> date | None:
        """When the entry of the first responsible person was last verified."""
        return self.first.verified_on if self.first else None


NOBODY = GridPosts()


def posts_of(session: Session, grid_uids: Iterable[str], on: date) -> Mapping[str, GridPosts]:
    """The posts of some grids on a day, by the grid's uid, in one statement."""
    rows = session.execute(_POSTS, {"uids": sorted(set(grid_uids)), "on": on})
    found: dict[str, list[PostHeld]] = {}
    for row in rows:
        found.setdefault(row.grid_uid, []).append(
            PostHeld(
                kind=PostKind(row.kind),
                title=row.title,
                body=row.body,
                is_vacant=row.is_vacant,
                person=row.person,
                duty_phone=row.duty_phone,
                verified_on=row.verified_on,
            )
        )
    return {uid: _sorted(posts) for uid, posts in found.items()}


def _sorted(posts: list[PostHeld]) -> GridPosts:
    def first(kind: PostKind) -> PostHeld | None:
        return next((each for each in posts if each.kind is kind), None)

    staff = tuple(each for each in posts if each.kind is PostKind.SUPERVISOR)
    return GridPosts(first(PostKind.FIRST), staff, first(PostKind.OFFICE))


_ON: Final = bindparam("on", type_=Date)


def _statement() -> Select[*tuple[Any, ...]]:
    held = (
        select(Responsibility.id, Responsibility.person_id, Responsibility.verified_on)
        .where(
            Responsibility.post_id == Post.id,
            Responsibility.valid_from <= _ON,
            or_(Responsibility.valid_to.is_(None), Responsibility.valid_to > _ON),
        )
        .order_by(Responsibility.valid_from.desc())
        .limit(1)
        .lateral("held")
    )
    return (
        select(
            Post.grid_uid,
            Post.kind,
            Post.title,
            Post.body,
            Post.duty_phone,
            held.c.id.is_(None).label("is_vacant"),
            Person.name.label("person"),
            held.c.verified_on,
        )
        .select_from(Post)
        .outerjoin(held, true())
        .outerjoin(Person, Person.id == held.c.person_id)
        .where(Post.grid_uid.in_(bindparam("uids", expanding=True)))
        .order_by(Post.grid_uid, Post.number, Post.id)
    )


_POSTS: Final = _statement()
