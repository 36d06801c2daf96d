"""Pollution sources as the public may see them: where, what kind, which class."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.layer import Audience, Group, Layer, Shape
from gisgrid.model import Source
from gisgrid.text import Text
from layers._look import CLASS, NAME, NUMBER, SECOND_INK, SOURCE_KIND, class_circles, class_legend, names
from layers._sources import WEIGHT

layer = Layer(
    id="sources",
    title=Text(zh="污染源", en="Pollution sources"),
    about=Text(
        zh="监管对象的位置与 A、B、C 分类；缩小时一处只画最重的一个。",
        en="Supervised targets by class A, B or C; zoomed out, the heaviest stands for those beside it.",
    ),
    group=Group.SOURCES,
    audience=Audience.PUBLIC,
    shape=Shape.POINT,
    rows=select(Source.id, Source.geometry, Source.uid, Source.name, Source.kind, Source.source_class),
    columns=(
        NUMBER,
        NAME,
        SOURCE_KIND,
        CLASS,
    ),
    style=(
        class_circles(),
        names(
            color=SECOND_INK,
            size=11,
            minzoom=14,
            layout={"text-anchor": "top", "text-offset": [0, 0.8], "text-optional": True},
        ),
    ),
    legend=class_legend(),
    sort="name",
    thin_below_zoom=11,
    weight=WEIGHT,
    name_column="name",
    position=40,
)
