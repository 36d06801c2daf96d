"""Sources that share one spot with four or more others: a centroid, not a place."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.layer import Audience, Group, Layer, Shape, Swatch
from gisgrid.model import Source
from gisgrid.text import Text
from layers._look import CLASS, INK, NAME, NUMBER, SOURCE_KIND, ring
from layers._sources import LOCATED_BY, STACK

layer = Layer(
    id="stacked-sources",
    title=Text(zh="重叠定位", en="Stacked sources"),
    about=Text(
        zh="五个及以上污染源共用同一坐标，多为中心点或地址库坐标，不是实际位置。",
        en="Five or more sources on one spot: mostly a centroid or an address's point, not where they are.",
    ),
    group=Group.SOURCES,
    audience=Audience.INTERNAL,
    shape=Shape.POINT,
    rows=select(
        Source.id,
        Source.geometry,
        Source.uid,
        Source.name,
        Source.kind,
        Source.source_class,
        Source.stack_size,
        Source.located_by,
    ).where(Source.stack_size.is_not(None)),
    columns=(NUMBER, NAME, SOURCE_KIND, CLASS, STACK, LOCATED_BY),
    style=(
        ring(INK, ["interpolate", ["linear"], ["get", "stack_size"], 5, 7, 50, 12, 500, 18]),
        {
            "type": "symbol",
            "layout": {
                "text-field": ["to-string", ["get", "stack_size"]],
                "text-font": ["sans-serif"],
                "text-size": 11,
            },
            "paint": {"text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.2},
        },
    ),
    legend=(
        Swatch(
            INK, Text(zh="同一坐标的污染源（数字为个数）", en="Sources on one spot (how many)"), "ring", 14
        ),
    ),
    sort="-stack_size",
    thin_below_zoom=24,
    weight=Source.stack_size.expression,
    name_column="name",
    position=42,
)
