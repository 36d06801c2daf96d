"""Style expressions worked out as MapLibre does."""

from __future__ import annotations

from typing import Any

import pytest

from gisgrid.publication.expression import Feature, evaluate
from layers import all_layers

TOWN = Feature({"level": 3, "name": "一镇", "vacant": True, "area": None}, "Polygon", 12)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("#fff", "#fff"),
        (["get", "name"], "一镇"),
        (["get", "nothing"], None),
        (["has", "area"], False),
        (["==", ["get", "vacant"], True], True),
        (["!=", ["get", "name"], "二镇"], True),
        ([">", ["get", "area"], 1], False),
        (["<=", ["get", "level"], 3], True),
        (["!", ["get", "vacant"]], False),
        (["all", ["get", "vacant"], [">=", ["get", "level"], 4]], False),
        (["any", ["get", "vacant"], [">=", ["get", "level"], 4]], True),
        (["case", ["has", "area"], 1, ["get", "vacant"], 2, 3], 2),
        (["case", ["has", "area"], 1, 3], 3),
        (["match", ["get", "name"], "一镇", "a", "b"], "a"),
        (["match", ["get", "level"], [2, 3], "a", "b"], "a"),
        (["match", ["get", "nothing"], "x", "a", "b"], "b"),
        (["step", ["get", "level"], "a", 2, "b", 3, "c", 4, "d"], "c"),
        (["interpolate", ["linear"], ["zoom"], 10, 1, 14, 3], 2),
        (["interpolate", ["linear"], ["zoom"], 13, 1, 14, 3], 1),
        (["interpolate", ["linear"], ["zoom"], 8, 1, 9, 3], 3),
        (["coalesce", ["get", "area"], "none"], "none"),
        (["in", ["get", "name"], ["literal", ["一镇", "二镇"]]], True),
        (["concat", ["get", "name"], " ", ["to-string", ["get", "level"]]], "一镇 3"),
        (["*", 0.5, ["get", "level"]], 1.5),
        (["-", 0, ["get", "level"]], -3),
        (["==", ["geometry-type"], "Polygon"], True),
    ],
)
def test_an_expression_has_the_value_that_maplibre_gives_it(expression: Any, value: Any) -> None:
    assert evaluate(expression, TOWN) == value


@pytest.mark.parametrize("expression", [["rgb", 1, 2, 3], ["interpolate", ["exponential", 2], 1, 1, 1]])
def test_what_is_not_known_is_refused(expression: Any) -> None:
    with pytest.raises(ValueError, match="known"):
        evaluate(expression, TOWN)


@pytest.mark.parametrize("layer", all_layers().values(), ids=list(all_layers()))
def test_every_expression_of_every_layer_can_be_worked_out(layer: Any) -> None:
    empty = Feature({column.name: None for column in layer.columns}, "Polygon", 12)
    for style in layer.style:
        for name, value in {**style.get("paint", {}), **style.get("layout", {})}.items():
            if name not in {"text-font", "text-offset", "line-dasharray"}:
                evaluate(value, empty)
    for swatch in layer.legend:
        evaluate(None if swatch.filter is None else list(swatch.filter), empty)
