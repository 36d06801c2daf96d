"""Sensitive places: schools, hospitals, homes, water sources, reserves, rivers."""

from __future__ import annotations

from sqlalchemy import select

from gisgrid.layer import Audience, Column, Group, Layer, Shape, Swatch
from gisgrid.model import Receptor
from gisgrid.text import Text
from layers._look import ACCENT, NAME, NUMBER, fill, grown, match, names, outline

KINDS = {
    "学校": ("#3d6f9e", 5.0, Text(zh="学校", en="School")),
    "医院": ("#8a3d7a", 5.5, Text(zh="医院", en="Hospital")),
    "居民区": ("#6f6a3c", 4.0, Text(zh="居民区", en="Homes")),
    "饮用水水源地": ("#1f7fb5", 7.0, Text(zh="饮用水水源地", en="Drinking-water source")),
    "自然保护区": ("#2e7d4f", 6.2, Text(zh="自然保护区", en="Nature reserve")),
    "河流": ("#4aa3c7", 3.4, Text(zh="河流", en="River")),
}
"""The usual kinds; a register may hold others, which are drawn alike."""

COLOR = match("kind", {kind: color for kind, (color, _, _) in KINDS.items()}, ACCENT)
RADIUS = match("kind", {kind: radius for kind, (_, radius, _) in KINDS.items()}, 4.5)
IS_POINT = ["==", ["geometry-type"], "Point"]
IS_LAND = ["==", ["geometry-type"], "Polygon"]

layer = Layer(
    id="receptors",
    title=Text(zh="敏感目标", en="Sensitive receptors"),
    about=Text(
        zh="学校、医院、居民区、水源地、保护区等需要保护的目标。",
        en="Schools, hospitals, homes, water sources, reserves and other places to be protected.",
    ),
    group=Group.SURROUNDINGS,
    audience=Audience.INTERNAL,
    shape=Shape.POINT,
    rows=select(
        Receptor.id, Receptor.geometry, Receptor.uid, Receptor.name, Receptor.kind, Receptor.location
    ),
    columns=(
        NUMBER,
        NAME,
        Column("kind", Text(zh="类型", en="Kind")),
        Column("location", Text(zh="位置来源", en="How located")),
    ),
    style=(
        fill(COLOR, 0.2, filter=IS_LAND),
        outline(COLOR, 1.6, filter=["!", IS_POINT]),
        # White inside, coloured rim: told from sources without the colour.
        {
            "type": "circle",
            "filter": IS_POINT,
            "paint": {
                "circle-color": "#ffffff",
                "circle-radius": grown(RADIUS),
                "circle-stroke-color": COLOR,
                "circle-stroke-width": 2,
            },
        },
        names(
            size=11,
            minzoom=14,
            layout={"text-anchor": "top", "text-offset": [0, 0.8], "text-optional": True},
        ),
    ),
    legend=(
        *(
            Swatch(color, words, "ring", 2 * radius, ["==", ["get", "kind"], kind])
            for kind, (color, radius, words) in KINDS.items()
        ),
        Swatch(
            ACCENT,
            Text(zh="其他类型", en="Other kinds"),
            "ring",
            9,
            ["!", ["in", ["coalesce", ["get", "kind"], ""], ["literal", list(KINDS)]]],
        ),
    ),
    sort="name",
    mixes_shapes=True,
    name_column="name",
    position=50,
)
