"""How QGIS draws the layers of audit.gpkg: QML styles in its table layer_styles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as Xml

from gisgrid.frames import FindingKind, SizeClass
from gisgrid.report.columns import column
from gisgrid.report.words import (
    ACCENT,
    BAD,
    CLASSES,
    KINDS,
    REASONS,
    SECOND_INK,
    SIZES,
    THIRD_INK,
    level_name,
)
from gisgrid.text import Text

_QGIS_VERSION: Final = "3.22.0"
_DOCTYPE: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

Properties = Mapping[str, str]


@dataclass(frozen=True)
class Symbol:
    """What QGIS draws for one class of features: the kind of symbol and its layers from bottom to top."""

    kind: str  # "fill", "line" or "marker"
    layers: Sequence[tuple[str, Properties]]


@dataclass(frozen=True)
class Category:
    """One value of the field that decides, its label and its symbol."""

    value: str
    label: Text
    symbol: Symbol


@dataclass(frozen=True)
class Style:
    """A layer's style: one category for all if `field` is empty."""

    field: str
    categories: Sequence[Category]
    label_field: str = ""


def _rgba(colour: str, alpha: int = 255) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def _hatched(colour: str, *, width_mm: float, angle_deg: int) -> Symbol:
    """A soft fill with hatching and an outline: readable without its colour."""
    fill = {"color": _rgba(colour, 70), "style": "solid", "outline_style": "no"}
    hatch = {"angle": str(angle_deg), "color": _rgba(colour), "distance": "1.6", "line_width": "0.3"}
    outline = {"line_color": _rgba(colour), "line_width": str(width_mm), "line_style": "solid"}
    return Symbol("fill", [("SimpleFill", fill), ("LinePatternFill", hatch), ("SimpleLine", outline)])


def _outline(colour: str, width_mm: float) -> Symbol:
    line = {"line_color": _rgba(colour), "line_width": str(width_mm), "line_style": "solid"}
    return Symbol("fill", [("SimpleLine", line | {"joinstyle": "round"})])


def _marker(colour: str, size_mm: float, shape: str = "circle", outline: str = "#ffffff") -> Symbol:
    marker = {"name": shape, "color": _rgba(colour), "size": str(size_mm), "size_unit": "MM"}
    return Symbol(
        "marker", [("SimpleMarker", marker | {"outline_color": _rgba(outline), "outline_width": "0.2"})]
    )


_HATCH_ANGLES: Final = {
    FindingKind.GAP: 45,
    FindingKind.OVERLAP: 135,
    FindingKind.PROTRUSION: 0,
    FindingKind.MISNESTED: 90,
}
_OUTLINE_WIDTHS_MM: Final = {SizeClass.REAL: 0.8, SizeClass.STRIP: 0.6, SizeClass.SLIVER: 0.5}
_CLASS_SIZES_MM: Final = {"A": 1.6, "B": 2.0, "C": 3.0, "-": 1.6}
_EVERYTHING: Final = Text(zh="全部", en="all")


def finding_style(kind: FindingKind) -> Style:
    """Findings of one kind, by size class; outlines keep slivers visible at any scale."""
    look = KINDS[kind]
    return Style(
        "size_class",
        [
            Category(
                str(size),
                Text(zh=f"{look.name.zh}·{SIZES[size].zh}", en=f"{look.name.en}, {SIZES[size].en}"),
                _hatched(look.colour, width_mm=width_mm, angle_deg=_HATCH_ANGLES[kind]),
            )
            for size, width_mm in _OUTLINE_WIDTHS_MM.items()
        ],
    )


def grid_style(levels: Sequence[int]) -> Style:
    """Grids by level: the coarser, the heavier the outline."""
    return Style(
        "level",
        [
            Category(
                str(level),
                level_name(level),
                _outline(SECOND_INK if level < max(levels) else THIRD_INK, max(0.2, 1.1 - 0.4 * at)),
            )
            for at, level in enumerate(levels)
        ],
        label_field="name",
    )


def class_style() -> Style:
    """Sources by class: class C larger."""
    return Style(
        "class_abc",
        [
            Category(letter, look.name, _marker(look.colour, _CLASS_SIZES_MM[letter]))
            for letter, look in CLASSES.items()
        ],
    )


def uncovered_style() -> Style:
    """Sources in no grid, by the reason."""
    shapes = {"gap": "diamond", "outside": "triangle"}
    return Style(
        "reason", [Category(each, REASONS[each], _marker(BAD, 3.4, shape)) for each, shape in shapes.items()]
    )


def stack_style() -> Style:
    """Stacked sources: a frame around the point."""
    hollow = {"name": "square", "color": _rgba("#ffffff", 0), "size": "4.2", "size_unit": "MM"}
    outline = {"outline_color": _rgba(SECOND_INK), "outline_width": "0.5"}
    return Style("", [Category("", _EVERYTHING, Symbol("marker", [("SimpleMarker", hollow | outline)]))])


def surroundings_style() -> Style:
    """Sources that have receptors around them."""
    return Style("", [Category("", _EVERYTHING, _marker(ACCENT, 2.2, "square"))])


def mismatch_style() -> Style:
    """Edges whose vertices differ between neighbours."""
    line = {"line_color": _rgba(THIRD_INK), "line_width": "0.5", "line_style": "dash"}
    return Style("", [Category("", _EVERYTHING, Symbol("line", [("SimpleLine", line)]))])


def qml(style: Style, fields: Sequence[str]) -> str:
    """The style as a QML document, with Chinese aliases for the layer's fields."""
    root = Xml.Element("qgis", version=_QGIS_VERSION, styleCategories="Symbology|Labeling|Fields")
    renderer = Xml.SubElement(root, "renderer-v2", forceraster="0", enableorderby="0", symbollevels="0")
    if style.field:
        renderer.set("type", "categorizedSymbol")
        renderer.set("attr", style.field)
        categories = Xml.SubElement(renderer, "categories")
        for at, category in enumerate(style.categories):
            label = str(category.label)
            Xml.SubElement(
                categories, "category", value=category.value, label=label, symbol=str(at), render="true"
            )
    else:
        renderer.set("type", "singleSymbol")
    symbols = Xml.SubElement(renderer, "symbols")
    for at, category in enumerate(style.categories):
        _add_symbol(symbols, str(at), category.symbol)
    if style.label_field:
        _add_labels(root, style.label_field)
    aliases = Xml.SubElement(root, "aliases")
    for at, field in enumerate(fields):
        Xml.SubElement(aliases, "alias", field=field, index=str(at), name=column(field).title.zh)
    return _DOCTYPE + Xml.tostring(root, encoding="unicode")


def _add_symbol(parent: Xml.Element, name: str, symbol: Symbol) -> None:
    element = Xml.SubElement(
        parent, "symbol", type=symbol.kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    for kind, properties in symbol.layers:
        layer = Xml.SubElement(element, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
        _add_options(layer, properties)
        if kind == "LinePatternFill":
            line = {"line_color": properties["color"], "line_width": properties["line_width"]}
            _add_symbol(layer, f"@{name}@1", Symbol("line", [("SimpleLine", line)]))


def _add_options(parent: Xml.Element, properties: Properties) -> None:
    options = Xml.SubElement(parent, "Option", type="Map")
    for key, value in properties.items():
        Xml.SubElement(options, "Option", type="QString", name=key, value=value)
        Xml.SubElement(parent, "prop", k=key, v=value)


def _add_labels(root: Xml.Element, field: str) -> None:
    labeling = Xml.SubElement(root, "labeling", type="simple")
    settings = Xml.SubElement(labeling, "settings", calloutType="simple")
    text = Xml.SubElement(
        settings, "text-style", fieldName=field, fontSize="9", textColor=_rgba(SECOND_INK), isExpression="0"
    )
    halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferColor": _rgba("#ffffff")}
    Xml.SubElement(text, "text-buffer", halo)
    # placement 1 is "around the centroid": one label a grid, and none that collides
    Xml.SubElement(settings, "placement", placement="1", centroidInside="1", priority="5")
    Xml.SubElement(settings, "rendering", displayAll="0", obstacle="0")


_TABLE: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)"""
"""As QGIS itself makes it in a GeoPackage."""


def add_styles(package: sqlite3.Connection, styles: Mapping[str, tuple[str, Style, Sequence[str]]]) -> None:
    """Store each layer's style as its default.

    Parameters
    ----------
    package : Connection
        An open GeoPackage.
    styles : mapping
        Layer name to (geometry column, style, names of the fields).
    """
    package.execute(_TABLE)
    package.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '')"
    )
    package.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
        "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
        "VALUES ('', '', ?, ?, 'gisgrid', ?, '', 1, '', '')",
        [(layer, geometry, qml(style, fields)) for layer, (geometry, style, fields) in styles.items()],
    )
