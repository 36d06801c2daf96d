"""The administrative grids of a plan, whatever number of levels it has."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Layer, Shape, Swatch
from gisgrid.model import Grid, GridKind, PlanLevel
from gisgrid.text import Text
from layers._look import (
    AREA,
    INDICATIVE,
    INK,
    LEVEL,
    LEVEL_NAME,
    LEVEL_NAME_EN,
    NAME,
    PARENT,
    SECOND_INK,
    UID,
    by_level,
    fill,
    names,
    outline,
)

DEPTH = ["get", "level"]
Parent = aliased(Grid)

layer = Layer(
    id="grids",
    title=Text(zh="网格", en="Grids"),
    about=Text(
        zh="规划中的各级行政网格。标“示意”的界线为推算，不作权属依据。",
        en="The administrative grids of the plan, level by level. Boundaries marked indicative are derived "
        "and prove nothing.",
    ),
    group=Group.GRIDS,
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
        Grid.category,
        Grid.code,
        Parent.name.label("parent_name"),
        Grid.is_indicative,
        Grid.area_m2,
    )
    .select_from(Grid)
    .outerjoin(PlanLevel, and_(PlanLevel.plan_id == Grid.plan_id, PlanLevel.level == Grid.level))
    .outerjoin(Parent, Parent.id == Grid.parent_id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.ADMINISTRATIVE),
    columns=(
        UID,
        NAME,
        LEVEL,
        LEVEL_NAME,
        LEVEL_NAME_EN,
        Column("category", Text(zh="类别", en="Category")),
        Column("code", Text(zh="区划代码", en="Division code")),
        PARENT,
        INDICATIVE,
        AREA,
    ),
    style=(
        # Only to be clicked on: the outlines carry the map, whatever lies under them.
        fill("#ffffff", paint={"fill-color": "#ffffff", "fill-opacity": 0.01, "fill-antialias": False}),
        outline(
            by_level(INK, "#5f6f7a", "#8f9b9d", "#b9c2c0"),
            [
                "interpolate",
                ["linear"],
                ["zoom"],
                6,
                by_level(1.6, 1, 0.4, 0.4),
                10,
                by_level(3, 2.4, 1, 0.6),
                15,
                by_level(4, 3.4, 2, 1.2),
            ],
            layout={"line-join": "round", "line-sort-key": ["-", 0, DEPTH]},
        ),
        names(
            size=by_level(16, 16, 12, 11),
            color=by_level(INK, INK, SECOND_INK, SECOND_INK),
            # The smaller the key, the sooner a name takes its place: level 2, 3, …, and level 1 last.
            layout={"symbol-sort-key": ["case", ["==", DEPTH, 1], 1000, DEPTH]},
        ),
    ),
    legend=(
        Swatch(INK, Text(zh="一级网格", en="Level 1"), "line", 3, ["==", DEPTH, 1]),
        Swatch("#5f6f7a", Text(zh="二级网格", en="Level 2"), "line", 2.4, ["==", DEPTH, 2]),
        Swatch("#8f9b9d", Text(zh="三级网格", en="Level 3"), "line", 1, ["==", DEPTH, 3]),
        Swatch("#b9c2c0", Text(zh="四级及以下网格", en="Level 4 and below"), "line", 0.6, [">=", DEPTH, 4]),
    ),
    sort="level",
    name_column="name",
    position=10,
)
