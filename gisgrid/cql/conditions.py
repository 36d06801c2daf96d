"""CQL2 JSON as a condition of a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    and_,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy import Text as String

from gisgrid.cql.errors import BadFilter
from gisgrid.cql.limits import MAX_DEPTH, too_deep
from gisgrid.cql.spatial import SPATIAL, spatial
from gisgrid.cql.values import day, interval, plain_number, plain_text, stored_shape
from gisgrid.crs.served import CRS84, ServedCrs
from gisgrid.layer import Kind

Sql = ColumnElement[Any]
Condition = ColumnElement[bool]

_COMPARISONS: Final[Mapping[str, Callable[[Sql, Sql], Condition]]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_KINDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.TEXT: ("文本", "text"),
    Kind.NUMBER: ("数字", "a number"),
    Kind.DATE: ("日期", "a date"),
    Kind.BOOLEAN: ("是否", "true or false"),
}


@dataclass(frozen=True)
class Field:
    """Something that filters may name."""

    kind: Kind
    sql: Sql


@dataclass(frozen=True)
class _Operand:
    """A value or a field, and its kind; `constant` is a value's own."""

    kind: Kind
    sql: Sql
    constant: Any = None


def condition(
    expression: Any, fields: Mapping[str, Field], geometry: Sql, crs: ServedCrs = CRS84
) -> Condition:
    """A filter as a condition with bound parameters.

    Parameters
    ----------
    expression : object
        As `read_filter` returns it.
    fields : mapping of str to Field
        All that may be named beside `geometry`.
    geometry : ColumnElement
        In EPSG:4490.
    crs : ServedCrs
        Of the geometries in the filter.

    Raises
    ------
    BadFilter, InputError
        If it names something else, or mixes kinds.
    """
    return _Walker(fields, geometry, crs).condition(expression)


class _Walker:
    def __init__(self, fields: Mapping[str, Field], geometry: Sql, crs: ServedCrs) -> None:
        self._fields = fields
        self._geometry = geometry
        self._crs = crs
        self._depth = 0

    def condition(self, node: Any) -> Condition:
        """A node that is true or false of a row."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        found = self._condition(node)
        self._depth -= 1
        return found

    def _condition(self, node: Any) -> Condition:
        if isinstance(node, bool):
            return true() if node else false()
        if isinstance(node, dict) and "op" in node:
            return self._operation(*_parts(node))
        if isinstance(node, dict) and "property" in node:
            operand = self._operand(node)
            if operand.kind is Kind.BOOLEAN:
                return operand.sql.is_(True)
        raise BadFilter("这里应为一个条件。", "A condition is expected here.", where=_shown(node))

    def _operation(self, op: str, args: list[Any]) -> Condition:
        if op in ("and", "or"):
            if len(args) < 2:
                raise _wrong_count(op)
            return (and_ if op == "and" else or_)(*(self.condition(each) for each in args))
        if op == "not":
            return not_(self.condition(*_exactly(1, op, args)))
        if op in _COMPARISONS:
            left, right = self._alike(_exactly(2, op, args))
            return _COMPARISONS[op](left.sql, right.sql)
        if op in SPATIAL:
            return self._spatial(op, *_exactly(2, op, args))
        if op in _TEMPORAL:
            return self._temporal(op, *_exactly(2, op, args))
        if op in ("between", "in", "isNull", "like"):
            return {"between": self._between, "in": self._in, "isNull": self._is_null, "like": self._like}[
                op
            ](args)
        raise BadFilter(
            f"没有或不允许运算符“{op[:40]}”。", f'There is no operator "{op[:40]}", or it is not allowed.'
        )

    def _between(self, args: list[Any]) -> Condition:
        value, low, high = self._alike(_exactly(3, "between", args))
        if value.kind not in (Kind.NUMBER, Kind.DATE):
            raise _mixed(Kind.NUMBER, value.kind)
        return value.sql.between(low.sql, high.sql)

    def _in(self, args: list[Any]) -> Condition:
        value, listed = _exactly(2, "in", args)
        if not isinstance(listed, list) or not listed:
            raise _wrong_count("in")
        first, *others = self._alike([value, *listed])
        return first.sql.in_([each.sql for each in others])

    def _is_null(self, args: list[Any]) -> Condition:
        (node,) = _exactly(1, "isNull", args)
        return (self._geometry if self._is_geometry(node) else self._operand(node).sql).is_(None)

    def _like(self, args: list[Any]) -> Condition:
        value, pattern = (self._operand(each) for each in _exactly(2, "like", args))
        for each in (value, pattern):
            if each.kind is not Kind.TEXT:
                raise _mixed(Kind.TEXT, each.kind)
        if not isinstance(pattern.constant, str):
            raise BadFilter("LIKE 的样式应为文本。", "The pattern of LIKE must be a text.")
        escapes = len(pattern.constant) - len(pattern.constant.rstrip("\\"))
        if escapes % 2:
            raise BadFilter("LIKE 的样式不能以“\\”结尾。", 'The pattern of LIKE must not end with "\\".')
        return value.sql.like(pattern.sql)

    def _spatial(self, op: str, left: Any, right: Any) -> Condition:
        if self._is_geometry(right) and not self._is_geometry(left):
            op, left, right = SPATIAL[op].turned_round, right, left
        if not self._is_geometry(left) or not isinstance(right, dict) or not {"type", "bbox"} & set(right):
            raise BadFilter(
                "空间条件应比较 geometry 与一个几何。", "A spatial condition compares geometry with a shape."
            )
        return spatial(op, self._geometry, stored_shape(right, self._crs))

    def _temporal(self, op: str, left: Any, right: Any) -> Condition:
        if _is_property(right) and not _is_property(left):
            op, left, right = _TURNED_ROUND.get(op, op), right, left
        field = self._operand(left)
        if not _is_property(left) or field.kind is not Kind.DATE:
            raise BadFilter(
                "时间条件应比较日期字段与时间。", "A temporal condition compares a date with a time."
            )
        if isinstance(right, dict) and "interval" in right:
            start, end = interval(right["interval"])
            return _TEMPORAL[op](field.sql, start, end)
        if op == "t_during":
            raise BadFilter("T_DURING 需要时间段。", "T_DURING needs an interval.")
        instant = self._operand(right).constant
        instant = day(instant) if isinstance(instant, str) else instant
        if not isinstance(instant, date):
            raise _mixed(Kind.DATE, self._operand(right).kind)
        return _TEMPORAL[op](field.sql, instant, instant)

    def _alike(self, nodes: list[Any]) -> list[_Operand]:
        """Operands of one kind; texts beside a date are read as dates."""
        operands = [self._operand(each) for each in nodes]
        if any(each.kind is Kind.DATE for each in operands):
            operands = [
                _dated(each.constant) if isinstance(each.constant, str) else each for each in operands
            ]
        for each in operands[1:]:
            if each.kind is not operands[0].kind:
                raise _mixed(operands[0].kind, each.kind)
        return operands

    def _operand(self, node: Any) -> _Operand:
        if isinstance(node, bool):
            return _Operand(Kind.BOOLEAN, literal(node, Boolean), node)
        if isinstance(node, int | float):
            number = plain_number(node)
            return _Operand(
                Kind.NUMBER, literal(number, BigInteger if isinstance(number, int) else Float), number
            )
        if isinstance(node, str):
            return _Operand(Kind.TEXT, literal(plain_text(node), String), node)
        if isinstance(node, dict):
            if "date" in node or "timestamp" in node:
                return _dated(node.get("date", node.get("timestamp")))
            if "property" in node:
                return self._field(node["property"])
            if node.get("op") == "casei":
                (inner,) = _exactly(1, "casei", _parts(node)[1])
                return self._case_insensitive(inner)
            if "op" in node:
                raise BadFilter(
                    f"没有或不允许函数“{_shown(node['op'])}”。",
                    f'There is no function "{_shown(node["op"])}", or it is not allowed.',
                )
        raise BadFilter("这里应为字段或值。", "A field or a value is expected here.", where=_shown(node))

    def _field(self, name: Any) -> _Operand:
        field = self._fields.get(name) if isinstance(name, str) else None
        if field is None:
            raise BadFilter(f"没有字段“{_shown(name)}”。", f'There is no field "{_shown(name)}".')
        return _Operand(Kind.NUMBER if field.kind is Kind.INTEGER else field.kind, field.sql)

    def _case_insensitive(self, node: Any) -> _Operand:
        # Operands nest only here: CASEI(CASEI(…)).
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        operand = self._operand(node)
        self._depth -= 1
        if operand.kind is not Kind.TEXT:
            raise _mixed(Kind.TEXT, operand.kind)
        return _Operand(Kind.TEXT, func.lower(operand.sql), operand.constant)

    def _is_geometry(self, node: Any) -> bool:
        return _is_property(node) and node["property"] == "geometry"


def _after(at: Sql, start: date | None, end: date | None) -> Condition:
    return false() if end is None else at > literal(end, Date)


def _before(at: Sql, start: date | None, end: date | None) -> Condition:
    return false() if start is None else at < literal(start, Date)


def _during(at: Sql, start: date | None, end: date | None) -> Condition:
    """Between the ends, which do not count, as the standard has it; T_INTERSECTS counts them."""
    sides = [at > literal(start, Date)] if start else []
    return and_(at.is_not(None), *sides, *([at < literal(end, Date)] if end else []))


def _meets(at: Sql, start: date | None, end: date | None) -> Condition:
    sides = [at >= literal(start, Date)] if start else []
    return and_(at.is_not(None), *sides, *([at <= literal(end, Date)] if end else []))


def _equals(at: Sql, start: date | None, end: date | None) -> Condition:
    return at == literal(start, Date) if start is not None and start == end else false()


_TEMPORAL: Final[Mapping[str, Callable[[Sql, date | None, date | None], Condition]]] = {
    "t_after": _after,
    "t_before": _before,
    "t_during": _during,
    "t_equals": _equals,
    "t_intersects": _meets,
    "t_disjoint": lambda at, start, end: and_(at.is_not(None), not_(_meets(at, start, end))),
}
_TURNED_ROUND: Final = {"t_after": "t_before", "t_before": "t_after"}


def _dated(value: Any) -> _Operand:
    found = day(value)
    return _Operand(Kind.DATE, literal(found, Date), found)


def _parts(node: dict[str, Any]) -> tuple[str, list[Any]]:
    op, args = node["op"], node.get("args")
    if not isinstance(op, str) or not isinstance(args, list):
        raise BadFilter("运算符缺少 op 或 args。", "An operator lacks its op or args.", where=_shown(op))
    return op, args


def _exactly(count: int, op: str, args: list[Any]) -> list[Any]:
    if len(args) != count:
        raise _wrong_count(op)
    return args


def _is_property(node: Any) -> bool:
    return isinstance(node, dict) and "property" in node


def _shown(value: Any) -> str:
    return plain_text(str(value)[:40].encode(errors="replace").decode().replace("\x00", ""))


def _wrong_count(op: str) -> BadFilter:
    return BadFilter(
        f"运算符“{op}”的参数个数不对。", f'The operator "{op}" has the wrong number of arguments.'
    )


def _mixed(wanted: Kind, found: Kind) -> BadFilter:
    (zh, en), (got_zh, got) = _KINDS[wanted], _KINDS[found]
    return BadFilter(f"这里应为{zh}，而不是{got_zh}。", f"This must be {en}, not {got}.")
