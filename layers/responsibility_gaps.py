"""What is missing before somebody answers for a grid: one row a grid and kind of lack."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Integer, and_, column, exists, or_, select, true, values
from sqlalchemy import Text as String
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Grid, GridKind, PlanLevel, Post, PostKind, Responsibility
from gisgrid.store.answering import TODAY, has_first, has_letter, holds_today
from gisgrid.store.overseen import IS_OVERSEEN
from gisgrid.text import Text
from layers._look import (
    BAD,
    LEVEL,
    LEVEL_NAME,
    LEVEL_NAME_EN,
    NAME,
    PARENT,
    UID,
    WARNING,
    fill,
    match,
    outline,
)
from layers._posts import staff_today

ENOUGH_STAFF = 2
"""Named staff where there is no environmental office (the plan's clause on staffing)."""

A_YEAR_D = 365

LACKS = {
    "no_first": (BAD, Text(zh="没有第一责任人", en="No first responsible person")),
    "understaffed": (
        WARNING,
        Text(zh="没有环保所且监管员不足 2 人", en="Fewer than 2 supervisors and no office"),
    ),
    "unverified": ("#3d6f9e", Text(zh="超过一年未核对", en="Not verified for a year")),
    "no_letter": ("#7a5ea8", Text(zh="没有环境监管责任状", en="No responsibility letter")),
}
WORDS = {lack: words for lack, (_, words) in LACKS.items()}
COLORS = {lack: color for lack, (color, _) in LACKS.items()}
INSET_PX = {lack: 1.5 + 2 * number for number, lack in enumerate(LACKS)}
"""Lines side by side inside the outline, since one grid may lack several things."""

Parent = aliased(Grid)
Child = aliased(Grid)
lacks = values(column("lack", String), column("number", Integer), name="lacks").data(
    [(lack, number) for number, lack in enumerate(LACKS, 1)]
)


def _is_staffed() -> ColumnElement[bool]:
    """Asked of the finest grids: an office, or enough supervisors."""
    office = exists().where(Post.grid_uid == Grid.uid, Post.kind == PostKind.OFFICE).correlate(Grid)
    is_divided = (
        exists().where(Child.parent_id == Grid.id, Child.kind == GridKind.ADMINISTRATIVE).correlate(Grid)
    )
    return or_(is_divided, office, staff_today() >= ENOUGH_STAFF)


def _verified() -> ColumnElement[date | None]:
    """When the entry that was verified longest ago was; null: one never was, or there is none."""
    entry, post = aliased(Responsibility), aliased(Post)
    return (
        select(entry.verified_on)
        .join(post, post.id == entry.post_id)
        .where(post.grid_uid == Grid.uid, holds_today(entry))
        .order_by(entry.verified_on.nulls_first())
        .limit(1)
        .correlate(Grid)
        .scalar_subquery()
    )


def _is_stale() -> ColumnElement[bool]:
    entry, post = aliased(Responsibility), aliased(Post)
    return (
        exists()
        .where(
            post.id == entry.post_id,
            post.grid_uid == Grid.uid,
            holds_today(entry),
            or_(entry.verified_on.is_(None), entry.verified_on < TODAY.op("-")(A_YEAR_D)),
        )
        .correlate(Grid)
    )


_lack = lacks.c.lack

layer = Layer(
    id="responsibility-gaps",
    title=Text(zh="责任缺口", en="Responsibility gaps"),
    about=Text(
        zh="没有第一责任人、人手不足、一年未核对或没有责任状的网格；一种缺项一行。",
        en="Grids without a first responsible person, staff, a check within a year or a letter; "
        "one row a lack.",
    ),
    group=Group.RESPONSIBILITY,
    audience=Audience.INTERNAL,
    shape=Shape.POLYGON,
    rows=select(
        (Grid.id * 10 + lacks.c.number).label("id"),
        Grid.geometry,
        Grid.uid,
        Grid.name,
        Grid.level,
        PlanLevel.name_zh.label("level_name"),
        PlanLevel.name_en.label("level_name_en"),
        Parent.name.label("parent_name"),
        _lack,
        staff_today().label("staff_count"),
        _verified().label("verified_on"),
    )
    .select_from(Grid)
    .join(lacks, true())
    .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
    .outerjoin(Parent, Parent.id == Grid.parent_id)
    .where(
        Grid.plan_id == PLAN,
        Grid.kind == GridKind.ADMINISTRATIVE,
        IS_OVERSEEN,
        or_(
            and_(_lack == "no_first", ~has_first()),
            and_(_lack == "understaffed", ~_is_staffed()),
            and_(_lack == "unverified", _is_stale()),
            and_(_lack == "no_letter", ~has_letter()),
        ),
    ),
    columns=(
        UID,
        NAME,
        LEVEL,
        LEVEL_NAME,
        LEVEL_NAME_EN,
        PARENT,
        Column("lack", Text(zh="缺项", en="What is missing"), words=WORDS),
        Column("staff_count", Text(zh="监管员人数", en="Supervisors"), Kind.INTEGER),
        Column("verified_on", Text(zh="最早核对日期", en="Verified at the earliest"), Kind.DATE),
    ),
    style=(
        fill(match("lack", COLORS, BAD), match("lack", {"no_first": 0.14}, 0.01)),
        outline(
            match("lack", COLORS, BAD),
            paint={
                "line-color": match("lack", COLORS, BAD),
                "line-width": match("lack", {"no_first": 2.4}, 1.2),
                "line-opacity": match("lack", {"no_first": 1}, 0.75),
                "line-offset": match("lack", INSET_PX, 0),
            },
            layout={"line-join": "round"},
        ),
    ),
    legend=tuple(
        Swatch(color, words, "line", 2.4 if lack == "no_first" else 1.2, ["==", ["get", "lack"], lack])
        for lack, (color, words) in LACKS.items()
    ),
    sort="level",
    position=16,
)
