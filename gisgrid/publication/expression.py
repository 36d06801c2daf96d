"""MapLibre's style expressions worked out for one feature, for outputs that MapLibre does not draw.

Only what the layers use; anything else raises, so that a new style cannot come
out wrong silently.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Feature:
    """What an expression may ask about.

    Attributes
    ----------
    properties : mapping
        The columns; None where a tile would have no value.
    geometry_type : str
        "Point", "LineString" or "Polygon".
    zoom : float
    """

    properties: Mapping[str, Any]
    geometry_type: str
    zoom: float


def evaluate(expression: Any, feature: Feature) -> Any:
    """The value of an expression for a feature.

    Raises
    ------
    ValueError
        If it uses an operator that is not known here.

    Examples
    --------
    >>> big = Feature({"level": 2}, "Polygon", 10)
    >>> evaluate(["step", ["get", "level"], "a", 2, "b", 3, "c"], big)
    'b'
    """
    if not isinstance(expression, list):
        return expression
    name, *arguments = expression
    if name in _COMPARE:
        return _compared(name, *(evaluate(each, feature) for each in arguments))
    if name not in _OPERATORS:
        raise ValueError(f"the expression operator {name!r} is not known")
    return _OPERATORS[name](arguments, feature)


def _compared(name: str, left: Any, right: Any) -> bool:
    if name in {"==", "!="}:
        return bool(_COMPARE[name](left, right))
    # As MapLibre does, a comparison with nothing holds for nothing.
    return left is not None and right is not None and bool(_COMPARE[name](left, right))


def _get(arguments: list[Any], feature: Feature) -> Any:
    return feature.properties.get(arguments[0])


def _has(arguments: list[Any], feature: Feature) -> bool:
    return feature.properties.get(arguments[0]) is not None


def _case(arguments: list[Any], feature: Feature) -> Any:
    for condition, result in zip(arguments[:-1:2], arguments[1::2], strict=False):
        if evaluate(condition, feature):
            return evaluate(result, feature)
    return evaluate(arguments[-1], feature)


def _match(arguments: list[Any], feature: Feature) -> Any:
    value = evaluate(arguments[0], feature)
    for label, result in zip(arguments[1:-1:2], arguments[2:-1:2], strict=True):
        if value == label or (isinstance(label, list) and value in label):
            return evaluate(result, feature)
    return evaluate(arguments[-1], feature)


def _step(arguments: list[Any], feature: Feature) -> Any:
    value = evaluate(arguments[0], feature)
    chosen = arguments[1]
    for stop, result in zip(arguments[2::2], arguments[3::2], strict=True):
        if value is not None and value >= stop:
            chosen = result
    return evaluate(chosen, feature)


def _interpolate(arguments: list[Any], feature: Feature) -> Any:
    if arguments[0] != ["linear"]:
        raise ValueError("only linear interpolation is known")
    value = evaluate(arguments[1], feature)
    stops = [
        (stop, evaluate(result, feature))
        for stop, result in zip(arguments[2::2], arguments[3::2], strict=True)
    ]
    if value is None or value <= stops[0][0]:
        return stops[0][1]
    for (low, at_low), (high, at_high) in pairwise(stops):
        if value <= high:
            return at_low + (at_high - at_low) * (value - low) / (high - low)
    return stops[-1][1]


def _coalesce(arguments: list[Any], feature: Feature) -> Any:
    return next((value for each in arguments if (value := evaluate(each, feature)) is not None), None)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _numbers(arguments: list[Any], feature: Feature) -> list[float]:
    return [float(evaluate(each, feature) or 0) for each in arguments]


def _product(arguments: list[Any], feature: Feature) -> float:
    product = 1.0
    for each in _numbers(arguments, feature):
        product *= each
    return product


_OPERATORS: Final[Mapping[str, Callable[[list[Any], Feature], Any]]] = {
    "get": _get,
    "has": _has,
    "zoom": lambda _, feature: feature.zoom,
    "geometry-type": lambda _, feature: feature.geometry_type,
    "literal": lambda arguments, _: arguments[0],
    "!": lambda arguments, feature: not evaluate(arguments[0], feature),
    "all": lambda arguments, feature: all(evaluate(each, feature) for each in arguments),
    "any": lambda arguments, feature: any(evaluate(each, feature) for each in arguments),
    "in": lambda arguments, feature: evaluate(arguments[0], feature) in evaluate(arguments[1], feature),
    "case": _case,
    "match": _match,
    "step": _step,
    "interpolate": _interpolate,
    "coalesce": _coalesce,
    "concat": lambda arguments, feature: "".join(_text(evaluate(each, feature)) for each in arguments),
    "to-string": lambda arguments, feature: _text(evaluate(arguments[0], feature)),
    "+": lambda arguments, feature: sum(_numbers(arguments, feature)),
    "-": lambda arguments, feature: operator.sub(*_numbers(arguments, feature)),
    "*": _product,
}
