"""The drawings: valid for MapLibre, explained by the legend, never by colour alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gisgrid.layer import Layer, Shape
from gisgrid.publication.mapstyle import describe, style_document, style_layers
from layers import all_layers

each_layer = pytest.mark.parametrize("layer", all_layers().values(), ids=list(all_layers()))

# From the MapLibre style specification, version 8.
PAINT = {
    "fill": {"fill-antialias", "fill-color", "fill-opacity"},
    "line": {"line-color", "line-width", "line-dasharray", "line-offset", "line-opacity"},
    "circle": {
        "circle-color",
        "circle-opacity",
        "circle-radius",
        "circle-stroke-color",
        "circle-stroke-width",
    },
    "symbol": {"text-color", "text-halo-color", "text-halo-width"},
}
LAYOUT = {
    "fill": set[str](),
    "line": {"line-join", "line-sort-key"},
    "circle": {"circle-sort-key"},
    "symbol": {
        "text-field",
        "text-font",
        "text-size",
        "text-max-width",
        "text-padding",
        "text-anchor",
        "text-offset",
        "text-optional",
        "symbol-sort-key",
    },
}
OPERATORS = {
    *("get", "has", "!", "==", "!=", "<", "<=", ">", ">=", "all", "any", "in", "case", "match", "step"),
    *("interpolate", "linear", "zoom", "coalesce", "literal", "concat", "to-string", "geometry-type"),
    *("*", "+", "-", "/"),
}
PLAIN_LISTS = {"text-font", "text-offset", "line-dasharray"}


def expressions(value: Any) -> list[list[Any]]:
    """All expressions inside an expression."""
    if not isinstance(value, list) or (value and value[0] == "literal"):
        return []
    inside = [each for at, each in enumerate(value) if not _is_label(value, at)]
    return [value, *(inner for each in inside for inner in expressions(each))]


def _is_label(value: list[Any], at: int) -> bool:
    """Whether this part of a match is what the input is compared with."""
    return value[:1] == ["match"] and at % 2 == 0 and 2 <= at < len(value) - 1


@each_layer
def test_a_style_uses_properties_that_maplibre_knows(layer: Layer) -> None:
    for each in layer.style:
        assert set(each) <= {"type", "paint", "layout", "filter", "minzoom", "maxzoom"}
        assert set(each.get("paint", {})) <= PAINT[each["type"]]
        assert set(each.get("layout", {})) <= LAYOUT[each["type"]]


@each_layer
def test_expressions_use_operators_that_exist_and_columns_that_the_tiles_hold(layer: Layer) -> None:
    known = {column.name for column in layer.columns}
    values = [
        value
        for each in layer.style
        for name, value in {**each.get("paint", {}), **each.get("layout", {})}.items()
        if name not in PLAIN_LISTS
    ]
    values += [each["filter"] for each in layer.style if "filter" in each]
    values += [list(swatch.filter) for swatch in layer.legend if swatch.filter is not None]
    for expression in (inner for value in values for inner in expressions(value)):
        assert expression[0] in OPERATORS, expression
        if expression[0] in {"get", "has"}:
            assert expression[1] in known


@each_layer
def test_zoom_stands_only_at_the_top_of_an_expression(layer: Layer) -> None:
    """MapLibre refuses it elsewhere."""
    for each in layer.style:
        for value in {**each.get("paint", {}), **each.get("layout", {})}.values():
            for inner in expressions(value)[1:]:
                if inner == ["zoom"]:
                    assert value[0] in {"interpolate", "step"}
                    assert ["zoom"] in value
                else:
                    assert ["zoom"] not in inner


@each_layer
def test_no_two_lines_of_a_legend_look_the_same_but_for_colour(layer: Layer) -> None:
    if layer.id in {"workload", "responsibility-gaps"}:
        return  # a ramp from light to dark, and lines set side by side
    looks = [(swatch.shape, swatch.size_px) for swatch in layer.legend]
    assert len(set(looks)) == len(looks)


@each_layer
def test_names_are_drawn_by_fonts_of_the_browser(layer: Layer) -> None:
    for each in layer.style:
        if each["type"] == "symbol":
            assert each["layout"]["text-font"] == ["sans-serif"]


def test_a_style_document_asks_no_other_host_for_anything() -> None:
    layers = list(all_layers().values())
    document = style_document(layers, [f"https://site/tiles/{layer.id}.json" for layer in layers])
    assert document["version"] == 8
    assert "glyphs" not in document
    assert "sprite" not in document
    ids = [each["id"] for each in document["layers"]]
    assert len(set(ids)) == len(ids)
    assert {each["source"] for each in document["layers"]} == {*document["sources"]}  # and no background


@each_layer
def test_a_description_is_json(layer: Layer) -> None:
    assert json.loads(json.dumps(describe(layer)))["id"] == layer.id


@each_layer
def test_polygons_are_named_and_marked_from_their_points(layer: Layer) -> None:
    for each in style_layers(layer):
        on_points = layer.shape is Shape.POLYGON and each["type"] in {"symbol", "circle"}
        assert each["source-layer"] == (f"{layer.id}-points" if on_points else layer.id)


@each_layer
def test_qgis_3_22_can_read_the_style(layer: Layer) -> None:
    """It knows neither products inside an interpolation nor a match whose values are no lists."""
    drawn = [
        value
        for each in layer.style
        for value in {**each.get("paint", {}), **each.get("layout", {})}.values()
    ]
    for expression in (inner for value in drawn for inner in expressions(value) if inner):
        if expression[0] == "interpolate":
            assert not [each for each in expressions(expression)[1:] if each[0] in {"*", "step"}]
        if expression[0] == "match":
            assert all(isinstance(value, list) for value in expression[2:-1:2])
