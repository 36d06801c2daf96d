"""Sources whose position is in doubt: swapped, ambiguous, or not where the register says."""

from __future__ import annotations

from sqlalchemy import Text as String
from sqlalchemy import case, literal, or_, select

from gisgrid.frames import Location
from gisgrid.layer import Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Source
from gisgrid.text import Text
from layers._look import CLASS, NAME, NUMBER, WARNING, match, ring
from layers._sources import LOCATED_BY, LOCATION, STATED_DISTANCE, STATED_NAME

DOUBTS = {
    "swapped": ("#3d6f9e", 6.0, Text(zh="经纬度颠倒，已更正", en="Lon/lat swapped, corrected")),
    "ambiguous": (WARNING, 7.5, Text(zh="经纬度次序存疑", en="Lon/lat order ambiguous")),
    "stated_elsewhere": ("#8a3d7a", 9.0, Text(zh="不在登记的网格内", en="Not in the grid it states")),
}

layer = Layer(
    id="doubtful-locations",
    title=Text(zh="存疑位置", en="Doubtful locations"),
    about=Text(
        zh="坐标颠倒、次序存疑或与登记网格不符的污染源；只提示，不擅自改动。",
        en="Sources with swapped or ambiguous coordinates or outside the grid they state; shown, not mended.",
    ),
    group=Group.SOURCES,
    audience=Audience.INTERNAL,
    shape=Shape.POINT,
    rows=select(
        Source.id,
        Source.geometry,
        Source.uid,
        Source.name,
        Source.source_class,
        case(
            (Source.location == Location.AMBIGUOUS.value, literal("ambiguous", String)),
            (Source.location == Location.SWAPPED.value, literal("swapped", String)),
            else_=literal("stated_elsewhere", String),
        ).label("doubt"),
        Source.stated_name,
        Source.stated_distance_m,
        Source.location,
        Source.located_by,
        Source.raw_x,
        Source.raw_y,
    ).where(or_(Source.location != Location.GIVEN.value, Source.stated_distance_m > 0)),
    columns=(
        NUMBER,
        NAME,
        CLASS,
        Column(
            "doubt", Text(zh="疑点", en="Doubt"), words={key: words for key, (_, _, words) in DOUBTS.items()}
        ),
        STATED_NAME,
        STATED_DISTANCE,
        LOCATION,
        LOCATED_BY,
        Column("raw_x", Text(zh="原始 X", en="X as given"), Kind.NUMBER),
        Column("raw_y", Text(zh="原始 Y", en="Y as given"), Kind.NUMBER),
    ),
    style=(
        ring(
            match("doubt", {key: color for key, (color, _, _) in DOUBTS.items()}, WARNING),
            match("doubt", {key: radius for key, (_, radius, _) in DOUBTS.items()}, 6.0),
        ),
    ),
    legend=tuple(
        Swatch(color, words, "ring", 2 * radius, ["==", ["get", "doubt"], key])
        for key, (color, radius, words) in DOUBTS.items()
    ),
    sort="-stated_distance_m",
    name_column="name",
    position=43,
)
