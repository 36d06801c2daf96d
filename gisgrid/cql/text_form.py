"""CQL2 text to CQL2 JSON, in time linear in its length.

A parser of our own: the two that exist cannot be shown to strangers. The `cql2`
package (0.6, Rust) takes exponential time on unclosed parentheses (25 of them:
142 s) and kills the process at 3,000; pygeofilter (0.4) rejects doubled quotes.
This one never looks back, and stops at a depth. It yields the same JSON as
`cql2` for what it accepts; arithmetic and arrays it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gisgrid.cql.errors import BadFilter
from gisgrid.cql.limits import MAX_DEPTH, check_length, too_deep

Json = Any

_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<string>'(?:''|\\'|[^'])*')
  | (?P<quoted>"(?:""|[^"])+")
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d][\w.:]*)
  | (?P<sign><>|<=|>=|[=<>(),+\-*/^%])
  | (?P<end>$)
)""",
    re.VERBOSE,
)
_GEOMETRIES: Final = {
    "POINT": ("Point", 1),
    "LINESTRING": ("LineString", 2),
    "POLYGON": ("Polygon", 3),
    "MULTIPOINT": ("MultiPoint", 2),
    "MULTILINESTRING": ("MultiLineString", 3),
    "MULTIPOLYGON": ("MultiPolygon", 4),
}
_COMPARISONS: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
_RESERVED: Final = frozenset({"AND", "OR", "NOT", "LIKE", "IN", "BETWEEN", "IS", "NULL"})


class _Token(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """Its keyword, if it is one."""
        return self.text.upper() if self.kind == "name" else self.text if self.kind == "sign" else ""


def parse_text(source: str) -> Json:
    """CQL2 text as CQL2 JSON.

    Raises
    ------
    BadFilter
        If it is too long or too deep, or is not CQL2.
    """
    check_length(source)
    parser = _Parser(_tokens(source))
    found = parser.expression()
    parser.finish()
    return found


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while True:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            raise _unexpected(source[at : at + 20].strip(), at)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        if match.lastgroup == "end":
            return tokens
        at = match.end()


class _Parser:
    """Recursive descent over the tokens, one of look-ahead."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _took(self, *words: str) -> bool:
        if self._next.word in words and self._next.word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._took(word):
            raise self._unexpected(word)

    def _unexpected(self, wanted: str = "") -> BadFilter:
        return _unexpected(self._next.text, self._next.at, wanted)

    def finish(self) -> None:
        """Refuse what is left over."""
        if self._next.kind != "end":
            raise self._unexpected()

    def expression(self) -> Json:
        """One or more conditions joined by OR."""
        return self._joined("OR", lambda: self._joined("AND", self._negation))

    def _joined(self, word: str, part: Callable[[], Json]) -> Json:
        parts = [part()]
        while self._took(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {"op": word.lower(), "args": parts}

    def _negation(self) -> Json:
        if not self._took("NOT"):
            return self._predicate()
        return {"op": "not", "args": [self._deeper(self._negation)]}

    def _deeper(self, part: Callable[[], Json]) -> Json:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        found = part()
        self._depth -= 1
        return found

    def _predicate(self) -> Json:
        left = self._operand()
        if self._next.word in _COMPARISONS:
            return {"op": self._take().text, "args": [left, self._operand()]}
        if self._took("IS"):
            negated = self._took("NOT")
            self._expect("NULL")
            return _unless(negated, {"op": "isNull", "args": [left]})
        negated = self._took("NOT")
        if self._took("LIKE"):
            return _unless(negated, {"op": "like", "args": [left, self._operand()]})
        if self._took("BETWEEN"):
            low = self._operand()
            self._expect("AND")
            return _unless(negated, {"op": "between", "args": [left, low, self._operand()]})
        if self._took("IN"):
            return _unless(negated, {"op": "in", "args": [left, self._listed()]})
        if negated:
            raise self._unexpected("LIKE, BETWEEN, IN")
        return left

    def _listed(self) -> list[Json]:
        self._expect("(")
        values = [self._operand()]
        while self._took(","):
            values.append(self._operand())
        self._expect(")")
        return values

    def _operand(self) -> Json:
        token = self._next
        if self._took("("):
            found = self._deeper(self.expression)
            self._expect(")")
            return found
        if token.word in ("-", "+") or token.kind == "number":
            return self._number()
        if token.kind == "string":
            return _unquoted(self._take().text)
        if token.kind == "quoted":
            return {"property": self._take().text[1:-1].replace('""', '"')}
        if token.kind != "name" or token.word in _RESERVED:
            raise self._unexpected()
        self._take()
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        # "POINT Z (…)": the third coordinate is read and dropped later.
        if (token.word in _GEOMETRIES or token.word == "GEOMETRYCOLLECTION") and self._next.word == "Z":
            self._take()
        return self._call(token) if self._next.word == "(" else {"property": token.text}

    def _number(self) -> float | int:
        negative = self._next.word == "-"
        if self._next.word in ("-", "+"):
            self._take()
        if self._next.kind != "number":
            raise self._unexpected()
        text = self._take().text
        value = float(text)
        if text.isdecimal() and len(text) <= 18:
            return -int(text) if negative else int(text)
        return -value if negative else value

    def _call(self, token: _Token) -> Json:
        if token.word in _GEOMETRIES:
            return self._geometry(token.word)
        if token.word == "GEOMETRYCOLLECTION":
            return {"type": "GeometryCollection", "geometries": self._deeper(self._listed)}
        args = self._deeper(self._arguments)
        if token.word in ("DATE", "TIMESTAMP"):
            if len(args) != 1:
                raise _unexpected(token.text, token.at)
            return {token.word.lower(): args[0]}
        if token.word in ("INTERVAL", "BBOX"):
            return {token.word.lower(): args}
        return {"op": token.text.lower(), "args": args}

    def _arguments(self) -> list[Json]:
        self._expect("(")
        if self._took(")"):
            return []
        args = [self.expression()]
        while self._took(","):
            args.append(self.expression())
        self._expect(")")
        return args

    def _geometry(self, word: str) -> Json:
        kind, depth = _GEOMETRIES[word]
        coordinates = self._coordinates(depth, word == "MULTIPOINT")
        return {"type": kind, "coordinates": coordinates}

    def _coordinates(self, depth: int, is_loose: bool) -> list[Any]:
        """Positions inside `depth` brackets; those of a multipoint may do without their own."""
        self._expect("(")
        parts: list[Any] = []
        while True:
            if depth > 2:
                parts.append(self._coordinates(depth - 1, False))
            elif is_loose and self._took("("):
                parts.append(self._position())
                self._expect(")")
            else:
                parts.append(self._position())
            if depth == 1 or not self._took(","):
                break
        self._expect(")")
        return parts[0] if depth == 1 else parts

    def _position(self) -> list[float | int]:
        position = [self._number(), self._number()]
        while self._next.kind == "number" or self._next.word == "-":
            position.append(self._number())
        return position


def _unless(negated: bool, found: Json) -> Json:
    return {"op": "not", "args": [found]} if negated else found


def _unquoted(text: str) -> str:
    return re.sub(r"''|\\'", "'", text[1:-1])


def _unexpected(text: str, at: int, wanted: str = "") -> BadFilter:
    shown = text[:20]
    place_zh, place = (f"“{shown}”", f'"{shown}"') if shown else ("结尾", "the end")
    needs_zh, needs = (f"，应为 {wanted}", f"; {wanted} is expected") if wanted else ("", "")
    return BadFilter(
        f"看不懂筛选条件第 {at + 1} 个字符处的{place_zh}{needs_zh}。",
        f"The filter cannot be understood at {place}, character {at + 1}{needs}.",
    )
