"""Pollution sources with what the register says of them and how they were located."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.layer import Audience, Column, Group, Layer, Shape
from gisgrid.model import Enterprise, Source
from gisgrid.text import Text
from layers._look import CLASS, NAME, NUMBER, SOURCE_KIND, class_circles, class_legend
from layers._sources import LOCATED_BY, LOCATION, STACK, STATED_DISTANCE, STATED_NAME, WEIGHT

layer = Layer(
    id="sources-internal",
    title=Text(zh="污染源台账", en="Register of sources"),
    about=Text(
        zh="污染源的登记内容与定位质量，限本辖区。",
        en="What the register holds of each source and how well it is located, inside one's jurisdiction.",
    ),
    group=Group.SOURCES,
    audience=Audience.INTERNAL,
    shape=Shape.POINT,
    rows=select(
        Source.id,
        Source.geometry,
        Source.uid,
        Source.name,
        Enterprise.name.label("enterprise"),
        Enterprise.credit_code,
        Source.kind,
        Source.industry,
        Source.source_class,
        Source.stated_name,
        Source.stated_distance_m,
        Source.location,
        Source.located_by,
        Source.stack_size,
    )
    .select_from(Source)
    .outerjoin(Enterprise, Enterprise.id == Source.enterprise_id),
    columns=(
        NUMBER,
        NAME,
        Column("enterprise", Text(zh="企业", en="Enterprise")),
        Column("credit_code", Text(zh="统一社会信用代码", en="Credit code")),
        SOURCE_KIND,
        Column("industry", Text(zh="行业", en="Industry")),
        CLASS,
        STATED_NAME,
        STATED_DISTANCE,
        LOCATION,
        LOCATED_BY,
        STACK,
    ),
    style=(class_circles(),),
    legend=class_legend(),
    sort="name",
    thin_below_zoom=11,
    weight=WEIGHT,
    name_column="name",
    position=41,
)
