"""Sources that lie in no grid of some level: nobody is responsible for them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Grid, Source, UncoveredSource
from gisgrid.report.words import REASONS
from gisgrid.text import Text
from layers._look import BAD, CLASS, NAME, NUMBER, SOURCE_KIND, class_circles, ring
from layers._sources import WEIGHT

Nearest = aliased(Grid)

layer = Layer(
    id="uncovered-sources",
    title=Text(zh="未覆盖污染源", en="Uncovered sources"),
    about=Text(
        zh="不在任何网格内、或落在覆盖空白里的污染源，以及最近的网格。",
        en="Sources outside every grid or inside a gap, with the nearest grid.",
    ),
    group=Group.COVERAGE,
    audience=Audience.INTERNAL,
    shape=Shape.POINT,
    rows=select(
        Source.id,
        Source.geometry,
        Source.uid,
        Source.name,
        Source.kind,
        Source.source_class,
        UncoveredSource.reason,
        UncoveredSource.level,
        Nearest.name.label("nearest_name"),
        UncoveredSource.distance_m,
        UncoveredSource.finding_id,
    )
    .select_from(Source)
    .join(UncoveredSource, UncoveredSource.source_id == Source.id)
    .outerjoin(Nearest, Nearest.id == UncoveredSource.nearest_id)
    .where(UncoveredSource.plan_id == PLAN),
    columns=(
        NUMBER,
        NAME,
        SOURCE_KIND,
        CLASS,
        Column("reason", Text(zh="原因", en="Why"), words=REASONS),
        Column("level", Text(zh="缺失层级", en="Missing level"), Kind.INTEGER),
        Column("nearest_name", Text(zh="最近网格", en="Nearest grid")),
        Column("distance_m", Text(zh="距最近网格", en="Distance to it"), Kind.NUMBER, "m"),
        Column("finding_id", Text(zh="所在空白", en="Gap"), Kind.INTEGER),
    ),
    style=(ring(BAD, 9), class_circles()),
    legend=(Swatch(BAD, Text(zh="未覆盖污染源", en="Uncovered source"), "ring", 18),),
    sort="-distance_m",
    weight=WEIGHT,
    name_column="name",
    position=24,
)
