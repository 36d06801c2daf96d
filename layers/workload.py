"""How much each grid has to supervise, and with how many people."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, and_, case, cast, exists, func, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import (
    WORK,
    Assignment,
    Grid,
    GridKind,
    PlanLevel,
    Post,
    PostKind,
    Responsibility,
    Source,
    SourceClass,
)
from gisgrid.store.answering import holds_today
from gisgrid.store.overseen import IS_OVERSEEN
from gisgrid.text import Text
from layers._look import BAD, LEVEL, LEVEL_NAME, LEVEL_NAME_EN, NAME, PARENT, UID, fill, names, outline

Parent = aliased(Grid)
Child = aliased(Grid)
Below = aliased(Grid)


def _of_class(wanted: SourceClass) -> ColumnElement[int]:
    return func.count().filter(Source.source_class == wanted)


_weighted = func.coalesce(
    func.sum(case(*((Source.source_class == each, weight) for each, weight in WORK.items()), else_=0)), 0
)
work = (
    select(
        func.count().label("sources"),
        _of_class(SourceClass.A).label("a"),
        _of_class(SourceClass.B).label("b"),
        _of_class(SourceClass.C).label("c"),
        _of_class(SourceClass.UNDETERMINED).label("undetermined"),
        _weighted.label("weighted"),
    )
    .select_from(Assignment)
    .join(Source, Source.id == Assignment.source_id)
    .where(Assignment.plan_id == Grid.plan_id, Assignment.grid_id == Grid.id)
    .correlate(Grid)
    .lateral("work")
)
people = (
    select(func.count(Post.id.distinct()).label("officers"))
    .select_from(Below)
    .join(Post, and_(Post.grid_uid == Below.uid, Post.kind == PostKind.SUPERVISOR))
    .join(Responsibility, and_(Responsibility.post_id == Post.id, holds_today()))
    .where(Below.plan_id == Grid.plan_id, Below.path.contains(array([Grid.uid])))
    .correlate(Grid)
    .lateral("people")
)

_is_finest = ~(
    exists().where(Child.parent_id == Grid.id, Child.kind == GridKind.ADMINISTRATIVE).correlate(Grid)
)
LOAD = ["coalesce", ["get", "weighted_per_officer"], -1]
HAS_NOBODY = ["all", ["==", ["get", "officers"], 0], [">", ["get", "sources"], 0]]
STEPS = ((0, "#eef4f3"), (25, "#bfdcd9"), (50, "#7fb8b4"), (100, "#3d8f8c"), (200, "#0b5c5c"))
"""Weighted sources an officer; the same steps for every city, so that maps can be compared."""


def _swatch(number: int) -> Swatch:
    low, color = STEPS[number]
    if number + 1 == len(STEPS):
        words = Text(zh=f"每人 {low} 及以上", en=f"{low} or more an officer")
        return Swatch(color, words, "fill", None, [">=", LOAD, low])
    high = STEPS[number + 1][0]
    words = Text(zh=f"每人 {low} 至 {high}", en=f"{low} to {high} an officer")
    return Swatch(color, words, "fill", None, ["all", [">=", LOAD, low], ["<", LOAD, high]])


_step = ["step", LOAD, "#ffffff", *(each for step in STEPS for each in step)]

layer = Layer(
    id="workload",
    title=Text(zh="监管工作量", en="Workload"),
    about=Text(
        zh="网格内污染源按类加权（A 1、B 2、C 4、未定类 2），除以本网格及下级在岗监管员人数。",
        en="Sources weighted by class (A 1, B 2, C 4, undetermined 2) over the supervisors in post "
        "of the grid and all below it.",
    ),
    group=Group.WORKLOAD,
    audience=Audience.INTERNAL,
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
        work.c.sources,
        work.c.a,
        work.c.b,
        work.c.c,
        work.c.undetermined,
        work.c.weighted,
        people.c.officers,
        (cast(work.c.weighted, Float) / func.nullif(people.c.officers, 0)).label("weighted_per_officer"),
        _is_finest.label("is_finest"),
    )
    .select_from(Grid)
    .join(work, true())
    .join(people, true())
    .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
    .outerjoin(Parent, Parent.id == Grid.parent_id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.ADMINISTRATIVE, IS_OVERSEEN),
    columns=(
        UID,
        NAME,
        LEVEL,
        LEVEL_NAME,
        LEVEL_NAME_EN,
        PARENT,
        Column("sources", Text(zh="污染源", en="Sources"), Kind.INTEGER),
        Column("a", Text(zh="A 类", en="Class A"), Kind.INTEGER),
        Column("b", Text(zh="B 类", en="Class B"), Kind.INTEGER),
        Column("c", Text(zh="C 类", en="Class C"), Kind.INTEGER),
        Column("undetermined", Text(zh="未定类", en="Undetermined"), Kind.INTEGER),
        Column("weighted", Text(zh="加权合计", en="Weighted"), Kind.INTEGER),
        Column("officers", Text(zh="在岗监管员", en="Supervisors in post"), Kind.INTEGER),
        Column("weighted_per_officer", Text(zh="人均加权", en="Weighted an officer"), Kind.NUMBER),
        Column("is_finest", Text(zh="末级网格", en="Finest grid"), Kind.BOOLEAN),
    ),
    style=(
        fill(["case", HAS_NOBODY, BAD, _step], ["case", HAS_NOBODY, 0.25, 0.75], filter=["get", "is_finest"]),
        outline(["case", HAS_NOBODY, BAD, "#5f6f7a"], ["step", ["get", "level"], 2.4, 3, 1]),
        names(size=11),
    ),
    legend=(
        Swatch(BAD, Text(zh="有污染源而无监管员", en="Sources and nobody in post"), "ring", 1, HAS_NOBODY),
        *(_swatch(number) for number in range(len(STEPS))),
    ),
    sort="-weighted_per_officer",
    name_column="name",
    position=60,
)
