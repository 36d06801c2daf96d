"""Colours, widths and names that several layers share; the tokens are those of the reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gisgrid.layer import Column, Kind, Swatch
from gisgrid.model import SourceClass, UnitBasis
from gisgrid.report.words import ACCENT, BAD, CLASSES, INK, SECOND_INK, UNDETERMINED, WARNING
from gisgrid.text import Text

__all__ = ["ACCENT", "BAD", "INK", "SECOND_INK", "WARNING"]

Style = Mapping[str, Any]
Expression = list[Any]

SOFT: Final = "#e3f0ee"
QUIET: Final = "#b9c2c0"

CLASS_LOOKS: Final = {
    each: CLASSES[UNDETERMINED if each is SourceClass.UNDETERMINED else each.value] for each in SourceClass
}
CLASS_RADIUS_PX: Final = {
    SourceClass.A: 3.5,
    SourceClass.B: 4.5,
    SourceClass.C: 6.5,
    SourceClass.UNDETERMINED: 3.0,
}
CLASS_WEIGHT: Final = {
    SourceClass.UNDETERMINED: 0,
    SourceClass.A: 1,
    SourceClass.B: 2,
    SourceClass.C: 3,
}
"""Which of two points stays when there is room for one."""

CLASS_WORDS: Final = {each.value: look.name for each, look in CLASS_LOOKS.items()}
BASIS_WORDS: Final = {
    UnitBasis.DIVISION.value: Text(zh="行政区划", en="Administrative division"),
    UnitBasis.KEY_AREA.value: Text(zh="重点区域及流域", en="Key area or river basin"),
    UnitBasis.TARGETS.value: Text(zh="重点监管对象分布", en="Key supervised targets"),
}

AREA: Final = Column("area_m2", Text(zh="面积", en="Area"), Kind.NUMBER, "m²")
INDICATIVE: Final = Column("is_indicative", Text(zh="界线为示意", en="Indicative boundary"), Kind.BOOLEAN)
UID: Final = Column("uid", Text(zh="网格编号", en="Grid id"))
NAME: Final = Column("name", Text(zh="名称", en="Name"))
LEVEL: Final = Column("level", Text(zh="层级", en="Level"), Kind.INTEGER)
LEVEL_NAME: Final = Column("level_name", Text(zh="层级名称", en="Level name (Chinese)"))
LEVEL_NAME_EN: Final = Column("level_name_en", Text(zh="层级英文名", en="Level name"))
PARENT: Final = Column("parent_name", Text(zh="上级网格", en="Parent grid"))
NUMBER: Final = Column("uid", Text(zh="编号", en="Number"))
SOURCE_KIND: Final = Column("kind", Text(zh="类型", en="Kind"))
CLASS: Final = Column("source_class", Text(zh="分类", en="Class"), words=CLASS_WORDS)


def match(column: str, values: Mapping[Any, Any], otherwise: Any) -> Expression:
    """A MapLibre expression that picks by a column's value; QGIS 3.22 wants the values in lists."""
    picked: Expression = ["match", ["get", column]]
    for value, result in values.items():
        picked += [[value], result]
    return [*picked, otherwise]


def by_level(first: Any, second: Any, third: Any, deeper: Any) -> Expression:
    """A MapLibre expression that picks by the grid's level."""
    return match("level", {1: first, 2: second, 3: third}, deeper)


def grown(size: Any) -> Expression:
    """A size in pixels at zoom 12, a little less when the whole city shows, more close by."""
    return ["interpolate", ["linear"], ["zoom"], 8, _times(0.6, size), 12, size, 16, _times(1.5, size)]


_RESULTS_FROM: Final = {"match": 2, "interpolate": 3}


def _times(factor: float, size: Any) -> Any:
    """A size, or each result of an expression, times a factor; QGIS 3.22 cannot multiply."""
    if isinstance(size, int | float):
        return round(factor * size, 2)
    first = _RESULTS_FROM[size[0]]
    picks = size[first:]
    last = len(picks) - 1
    results = [_times(factor, each) if at % 2 or at == last else each for at, each in enumerate(picks)]
    return [*size[:first], *results]


def fill(color: Any, opacity: Any = 0.25, **more: Any) -> Style:
    """Filled land."""
    return {"type": "fill", "paint": {"fill-color": color, "fill-opacity": opacity}, **more}


def outline(color: Any, width: Any = 1.5, **more: Any) -> Style:
    """The outline of land, or a line."""
    return {"type": "line", "paint": {"line-color": color, "line-width": width}, **more}


def circle(color: Any, radius: Any = 4.5, **more: Any) -> Style:
    """A dot with a white rim, the heaviest drawn last where `circle-sort-key` says so."""
    paint = {
        "circle-color": color,
        "circle-radius": grown(radius),
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1,
    }
    return {"type": "circle", "paint": paint, **more}


def ring(color: Any, radius: Any = 7.0, width: float = 2.0, **more: Any) -> Style:
    """An open circle around a point, that leaves what lies inside to be seen."""
    paint = {
        "circle-color": color,
        "circle-opacity": 0.12,
        "circle-radius": grown(radius),
        "circle-stroke-color": color,
        "circle-stroke-width": width,
    }
    return {"type": "circle", "paint": paint, **more}


def names(column: str = "name", size: Any = 12, color: Any = INK, **more: Any) -> Style:
    """Names that never overlap; the browser's own fonts draw them."""
    layout = {
        "text-field": ["coalesce", ["get", column], ""],
        "text-font": ["sans-serif"],
        "text-size": size,
        "text-max-width": 8,
        "text-padding": 4,
        **more.pop("layout", {}),
    }
    paint = {"text-color": color, "text-halo-color": "#ffffff", "text-halo-width": 1.4}
    return {"type": "symbol", "layout": layout, "paint": paint, **more}


def class_circles(**more: Any) -> Style:
    """Sources by class: the colour and the size say the same, heavier classes lie on top."""
    return circle(
        match("source_class", {each.value: look.colour for each, look in CLASS_LOOKS.items()}, "#9aa4ad"),
        match("source_class", {each.value: size for each, size in CLASS_RADIUS_PX.items()}, 3.0),
        layout={
            "circle-sort-key": match(
                "source_class", {each.value: rank for each, rank in CLASS_WEIGHT.items()}, 0
            )
        },
        **more,
    )


def class_legend() -> tuple[Swatch, ...]:
    """One line a class, the heaviest first."""
    return tuple(
        Swatch(
            CLASS_LOOKS[each].colour,
            Text(
                zh=f"{CLASS_LOOKS[each].name.zh} {CLASS_LOOKS[each].meaning.zh}",
                en=f"{CLASS_LOOKS[each].name.en}: {CLASS_LOOKS[each].meaning.en}",
            ),
            "circle",
            2 * CLASS_RADIUS_PX[each],
            ["==", ["get", "source_class"], each.value],
        )
        for each in (SourceClass.C, SourceClass.B, SourceClass.A, SourceClass.UNDETERMINED)
    )
