"""Land inside which one department exercises the powers of others, today."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, aliased

from gisgrid.layer import Audience, Column, Group, Kind, Layer, Shape, Swatch
from gisgrid.model import Department, DutyTransfer, Topic
from gisgrid.store.answering import TODAY
from gisgrid.text import Text
from layers._look import NAME, NUMBER, fill, names, outline

COLOR = "#5b4b8a"


def _listed(
    table: type[Department] | type[Topic], ids: InstrumentedAttribute[list[int]], lang: str
) -> ColumnElement[str]:
    """The names of departments or topics, in their own order; null where all are meant."""
    each = aliased(table)
    separator = "、" if lang == "zh" else ", "
    name = each.name_zh if lang == "zh" else each.name_en
    return (
        select(func.string_agg(name, aggregate_order_by(literal(separator), each.position, each.id)))
        .where(each.id == func.any(ids))
        .correlate(DutyTransfer)
        .scalar_subquery()
    )


layer = Layer(
    id="duty-transfers",
    title=Text(zh="职责移交区域", en="Transferred duties"),
    about=Text(
        zh="由一个部门统一行使其他部门环境职责的区域，如自然保护区。",
        en="Land where one department exercises the environmental powers of others, such as a reserve.",
    ),
    group=Group.RESPONSIBILITY,
    audience=Audience.PUBLIC,
    shape=Shape.POLYGON,
    rows=select(
        DutyTransfer.id,
        DutyTransfer.geometry,
        DutyTransfer.uid,
        DutyTransfer.name,
        Department.name_zh.label("to_department"),
        Department.name_en.label("to_department_en"),
        _listed(Department, DutyTransfer.from_department_ids, "zh").label("instead_of"),
        _listed(Department, DutyTransfer.from_department_ids, "en").label("instead_of_en"),
        _listed(Topic, DutyTransfer.topic_ids, "zh").label("topics"),
        _listed(Topic, DutyTransfer.topic_ids, "en").label("topics_en"),
        DutyTransfer.valid_from,
        DutyTransfer.valid_to,
        DutyTransfer.basis,
    )
    .select_from(DutyTransfer)
    .join(Department, Department.id == DutyTransfer.to_department_id)
    .where(
        or_(DutyTransfer.valid_from.is_(None), DutyTransfer.valid_from <= TODAY),
        or_(DutyTransfer.valid_to.is_(None), DutyTransfer.valid_to > TODAY),
    ),
    columns=(
        NUMBER,
        NAME,
        Column("to_department", Text(zh="行使部门", en="Exercised by (Chinese)")),
        Column("to_department_en", Text(zh="行使部门英文名", en="Exercised by")),
        Column("instead_of", Text(zh="代替部门", en="Instead of (Chinese)")),
        Column("instead_of_en", Text(zh="代替部门英文名", en="Instead of")),
        Column("topics", Text(zh="事项（空为全部）", en="Topics (Chinese; empty: all)")),
        Column("topics_en", Text(zh="事项英文名", en="Topics (empty: all)")),
        Column("valid_from", Text(zh="自", en="From"), Kind.DATE),
        Column("valid_to", Text(zh="至（不含）", en="Until (not included)"), Kind.DATE),
        Column("basis", Text(zh="依据", en="Basis")),
    ),
    style=(
        fill(COLOR, 0.12),
        outline(COLOR, paint={"line-color": COLOR, "line-width": 2, "line-dasharray": [1, 1.5]}),
        names(color=COLOR),
    ),
    legend=(Swatch(COLOR, Text(zh="职责移交区域", en="Duties transferred"), "hatch", 2),),
    sort="name",
    name_column="name",
    position=17,
)
