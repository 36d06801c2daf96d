"""Key unit grids, which level 1 supervises itself over whatever grid lies under them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Grid, GridKind
from gisgrid.text import Text
from layers._look import ACCENT, AREA, BASIS_WORDS, INDICATIVE, NAME, UID, fill, names, outline

Owner = aliased(Grid)

layer = Layer(
    id="key-grids",
    title=Text(zh="重点监管单元", en="Key unit grids"),
    about=Text(
        zh="由上级直接监管的重点单元，叠加在所在网格之上，不代替它。",
        en="Units that a higher level supervises itself, laid over the grid under them without replacing it.",
    ),
    group=Group.GRIDS,
    audience=Audience.PUBLIC,
    shape=Shape.POLYGON,
    rows=select(
        Grid.id,
        Grid.geometry,
        Grid.uid,
        Grid.name,
        Owner.name.label("owner_name"),
        Grid.supervising_level,
        Grid.basis,
        Grid.is_indicative,
        Grid.area_m2,
    )
    .select_from(Grid)
    .outerjoin(Owner, Owner.id == Grid.owner_id)
    .where(Grid.plan_id == PLAN, Grid.kind == GridKind.KEY),
    columns=(
        UID,
        NAME,
        Column("owner_name", Text(zh="划定主体", en="Designated by")),
        Column("supervising_level", Text(zh="监管层级", en="Supervised by level"), Kind.INTEGER),
        Column("basis", Text(zh="划分依据", en="Basis"), words=BASIS_WORDS),
        INDICATIVE,
        AREA,
    ),
    style=(
        fill(ACCENT, 0.1),
        outline(ACCENT, 2.2, paint={"line-color": ACCENT, "line-width": 2.2, "line-dasharray": [3, 1.5]}),
        names(size=12, color=ACCENT),
    ),
    legend=(Swatch(ACCENT, Text(zh="重点监管单元", en="Key unit grid"), "ring", 2.2),),
    sort="name",
    name_column="name",
    position=11,
)
