"""Who is responsible for each grid today, as the public may know it.

A post comes first and a person second: the name appears only where the person
agreed to it (the database hides the others from the anonymous role), the phone
is the one answered on duty, and a post that nobody holds is vacant.
"""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Grid, GridKind, Person, PlanLevel, Post, Responsibility
from gisgrid.store.answering import first_post
from gisgrid.text import Text
from layers._look import (
    ACCENT,
    BAD,
    INDICATIVE,
    LEVEL,
    LEVEL_NAME,
    LEVEL_NAME_EN,
    NAME,
    PARENT,
    UID,
    fill,
    names,
    outline,
)
from layers._posts import duty_phone, held_today, staff_today

First = aliased(Post)
Held = aliased(Responsibility)
Parent = aliased(Grid)
IS_VACANT = ["==", ["get", "vacant"], True]
DEPTH = ["get", "level"]

layer = Layer(
    id="responsibility",
    title=Text(zh="责任人与值班电话", en="Who is responsible"),
    about=Text(
        zh="各级网格今天的第一责任人岗位、责任单位与值班电话；无人在岗标“空缺”。",
        en="Today's post of first responsible person, the body and the duty phone; "
        "a post that nobody holds is vacant.",
    ),
    group=Group.RESPONSIBILITY,
    audience=Audience.PUBLIC,
    shape=Shape.POLYGON,
    rows=select(
        Grid.id,
        Grid.geometry,
        Grid.uid,
        Grid.name,
        Grid.level,
        PlanLevel.name_zh.label("level_name"),
        PlanLevel.name_en.label("level_name_en"),
        Parent.name.label("parent_name"),
        First.body,
        First.title.label("post_title"),
        Held.id.is_(None).label("vacant"),
        Person.name.label("person"),
        duty_phone().label("duty_phone"),
        staff_today().label("staff_count"),
        Held.verified_on,
        Grid.is_indicative,
    )
    .select_from(Grid)
    .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
    .outerjoin(Parent, Parent.id == Grid.parent_id)
    .outerjoin(First, First.id == first_post())
    .outerjoin(Held, Held.id == held_today(First))
    .outerjoin(Person, Person.id == Held.person_id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.ADMINISTRATIVE),
    columns=(
        UID,
        NAME,
        LEVEL,
        LEVEL_NAME,
        LEVEL_NAME_EN,
        PARENT,
        Column("body", Text(zh="责任单位", en="Responsible body")),
        Column("post_title", Text(zh="第一责任人岗位", en="Post of first responsible person")),
        Column("vacant", Text(zh="空缺", en="Vacant"), Kind.BOOLEAN),
        Column("person", Text(zh="第一责任人", en="First responsible person")),
        Column("duty_phone", Text(zh="值班电话", en="Duty phone")),
        Column("staff_count", Text(zh="监管员人数", en="Supervisors"), Kind.INTEGER),
        Column("verified_on", Text(zh="核对日期", en="Verified on"), Kind.DATE),
        INDICATIVE,
    ),
    style=(
        fill(["case", IS_VACANT, BAD, ACCENT], ["case", IS_VACANT, 0.16, 0.04]),
        outline(
            ["case", IS_VACANT, BAD, ACCENT],
            ["case", IS_VACANT, 2.4, ["step", DEPTH, 2.2, 2, 1.8, 3, 0.8]],
            layout={"line-join": "round", "line-sort-key": ["case", IS_VACANT, 100, ["-", 0, DEPTH]]},
        ),
        names(layout={"symbol-sort-key": ["case", ["==", DEPTH, 1], 1000, DEPTH]}),
    ),
    legend=(
        Swatch(BAD, Text(zh="第一责任人空缺", en="First post vacant"), "ring", 2.4, IS_VACANT),
        Swatch(
            ACCENT,
            Text(zh="有第一责任人", en="First post held"),
            "ring",
            0.8,
            ["==", ["get", "vacant"], False],
        ),
    ),
    sort="level",
    name_column="name",
    position=15,
)
