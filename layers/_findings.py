"""The layers of findings: one look, one set of columns, one kind each."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Float, column, func, literal, select
from sqlalchemy import Text as String
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.layer import PLAN, Audience, Column, Group, Kind, Layer, Rows, Shape, Swatch
from gisgrid.model import Finding, Grid, Source, UncoveredSource
from gisgrid.report.words import KINDS, SIZES
from gisgrid.text import Text
from layers._look import AREA, Style, circle, fill, match, outline

OUTLINE_PX: Final = {SizeClass.REAL: 2.4, SizeClass.STRIP: 1.8, SizeClass.SLIVER: 1.2, SizeClass.NOISE: 0.8}
"""The wider a finding is, the heavier its outline: the class does not hang on colour."""
FILL: Final = {SizeClass.REAL: 0.42, SizeClass.STRIP: 0.34, SizeClass.SLIVER: 0.26, SizeClass.NOISE: 0.18}

COLUMNS: Final = (
    Column("finding_id", Text(zh="编号", en="Number"), Kind.INTEGER),
    Column("kind", Text(zh="种类", en="Kind"), words={kind.value: look.name for kind, look in KINDS.items()}),
    Column(
        "size_class",
        Text(zh="大小", en="Size class"),
        words={size.value: name for size, name in SIZES.items()},
    ),
    Column("level", Text(zh="层级", en="Level"), Kind.INTEGER),
    Column("parent_name", Text(zh="所在上级网格", en="Parent grid")),
    Column("owner_names", Text(zh="涉及网格", en="Grids concerned")),
    Column("neighbours", Text(zh="相邻网格（占边界比例）", en="Neighbours (share of the border)")),
    AREA,
    Column("width_m", Text(zh="宽度", en="Width"), Kind.NUMBER, "m"),
    Column("sources_inside", Text(zh="其中污染源", en="Sources inside"), Kind.INTEGER),
    Column("enclosed", Text(zh="四面封闭", en="Enclosed"), Kind.BOOLEAN),
)

_Parent = aliased(Grid)
_Owner = aliased(Grid)
_Neighbour = aliased(Grid)


def _owners() -> Any:
    return (
        select(func.string_agg(_Owner.name, aggregate_order_by(literal("、"), _Owner.id)))
        .where(_Owner.id == func.any(Finding.owner_ids))
        .scalar_subquery()
    )


def _neighbours() -> Any:
    """`三镇 62%、二镇 38%`, the longest border first."""
    borders = (
        func.jsonb_array_elements(Finding.neighbours)
        .table_valued(column("border", JSONB), with_ordinality="place", name="borders")
        .render_derived()
    )
    share = func.round(borders.c.border[1].astext.cast(Float) * 100).cast(BigInteger)
    words = _Neighbour.name + " " + share.cast(String) + "%"
    return (
        select(func.string_agg(words, aggregate_order_by(literal("、"), borders.c.place)))
        .select_from(borders)
        .join(_Neighbour, _Neighbour.id == borders.c.border[0].astext.cast(BigInteger))
        .correlate(Finding)
        .scalar_subquery()
    )


def _sources_inside(kind: FindingKind) -> ColumnElement[int]:
    """How many sources lie in it: those of a gap have been counted by the audit."""
    if kind is FindingKind.GAP:
        inside = select(func.count()).where(UncoveredSource.finding_id == Finding.id)
    else:
        inside = select(func.count()).where(
            Source.geometry.op("&&")(Finding.geometry),
            func.ST_Intersects(Source.geometry, Finding.geometry),
        )
    return inside.correlate(Finding).scalar_subquery()


def _rows(kind: FindingKind) -> Rows:
    return (
        select(
            Finding.id,
            Finding.geometry,
            Finding.id.label("finding_id"),
            Finding.kind,
            Finding.size_class,
            Finding.child_level.label("level"),
            _Parent.name.label("parent_name"),
            _owners().label("owner_names"),
            _neighbours().label("neighbours"),
            Finding.area_m2,
            Finding.width_m,
            _sources_inside(kind).label("sources_inside"),
            Finding.is_enclosed.label("enclosed"),
        )
        .select_from(Finding)
        .outerjoin(_Parent, _Parent.id == Finding.parent_id)
        .where(Finding.plan_id == PLAN, Finding.kind == kind)
    )


def _style(color: str) -> tuple[Style, ...]:
    by_size = {size.value: opacity for size, opacity in FILL.items()}
    marks = {size.value: 1.5 + 1.8 * width for size, width in OUTLINE_PX.items()}
    widths = {size.value: width for size, width in OUTLINE_PX.items()}
    return (
        fill(color, match("size_class", by_size, 0.3)),
        outline(color, match("size_class", widths, 1.2), layout={"line-join": "round"}),
        circle(color, match("size_class", marks, 3.0)),
    )


def _legend(color: str) -> tuple[Swatch, ...]:
    meaning = {
        SizeClass.REAL: Text(zh="大块：宽 50 米以上", en="Real: 50 m wide or more"),
        SizeClass.STRIP: Text(zh="条带：宽 5 至 50 米", en="Strip: 5 to 50 m wide"),
        SizeClass.SLIVER: Text(zh="细缝：宽不足 5 米", en="Sliver: under 5 m wide"),
        SizeClass.NOISE: Text(zh="噪声：宽不足 0.2 米", en="Noise: under 0.2 m wide"),
    }
    return tuple(
        Swatch(color, words, "fill", OUTLINE_PX[size], ["==", ["get", "size_class"], size.value])
        for size, words in meaning.items()
    )


def findings_layer(id: str, kind: FindingKind, *, title: Text, about: Text, position: int) -> Layer:  # noqa: A002
    """The layer of one kind of finding, the largest first."""
    color = KINDS[kind].colour
    return Layer(
        id=id,
        title=title,
        about=about,
        group=Group.COVERAGE,
        audience=Audience.INTERNAL,
        shape=Shape.POLYGON,
        rows=_rows(kind),
        columns=COLUMNS,
        style=_style(color),
        legend=_legend(color),
        sort="-area_m2",
        marks_small=True,
        maxzoom=18,  # slivers under a metre are what one zooms in for
        position=position,
    )
