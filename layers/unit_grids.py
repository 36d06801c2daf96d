"""Unit grids: a government's own subdivision of its land, not the next level down."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Grid, GridKind
from gisgrid.text import Text
from layers._look import AREA, BASIS_WORDS, INDICATIVE, LEVEL, NAME, UID, fill, match, names, outline

Owner = aliased(Grid)
COLORS = {"division": "#3d6f9e", "key_area": "#0b6e6e", "targets": "#7a5ea8"}
WIDTHS = {"division": 1.2, "key_area": 2.4, "targets": 1.8}

layer = Layer(
    id="unit-grids",
    title=Text(zh="单元网格", en="Unit grids"),
    about=Text(
        zh="各级政府自行划分的监管单元，可跨下级网格界线，不代替行政网格。",
        en="A government's own units of supervision; they may cross lower grids' lines and replace none.",
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
        Grid.code,
        Owner.name.label("owner_name"),
        Grid.basis,
        Grid.is_partial,
        Grid.is_indicative,
        Grid.area_m2,
    )
    .select_from(Grid)
    .outerjoin(Owner, Owner.id == Grid.owner_id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.UNIT),
    columns=(
        UID,
        NAME,
        LEVEL,
        Column("code", Text(zh="单元编码", en="Unit code")),
        Column("owner_name", Text(zh="划分主体", en="Drawn by")),
        Column("basis", Text(zh="划分依据", en="Basis"), words=BASIS_WORDS),
        Column("is_partial", Text(zh="未覆盖全境", en="Declared partial"), Kind.BOOLEAN),
        INDICATIVE,
        AREA,
    ),
    style=(
        fill(match("basis", COLORS, "#7d8a97"), 0.08),
        outline(
            match("basis", COLORS, "#7d8a97"), match("basis", WIDTHS, 0.8), layout={"line-join": "round"}
        ),
        names(size=11, color="#33414d"),
    ),
    legend=(
        *(
            Swatch(color, BASIS_WORDS[basis], "ring", WIDTHS[basis], ["==", ["get", "basis"], basis])
            for basis, color in COLORS.items()
        ),
        Swatch("#7d8a97", Text(zh="依据未填", en="No basis given"), "ring", 0.8, ["!", ["has", "basis"]]),
    ),
    sort="name",
    name_column="name",
    position=12,
)
