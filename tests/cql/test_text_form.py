"""CQL2 text becomes the JSON that another implementation makes of it, and never more than that."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import cql2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cql import BadFilter, Language, read_filter
from gisgrid.cql.text_form import parse_text

SAME = (
    "name = 'O''Brien'",
    "area_m2 BETWEEN 1 AND 5 AND level IN (1, 2)",
    "a = 1 OR b = 2 AND NOT c = 3",
    "(a = 1 OR b = 2) AND c <> -3.5",
    "a IS NULL OR b IS NOT NULL",
    "name LIKE '%镇' AND name NOT LIKE 'a_'",
    "name NOT IN ('a', 'b')",
    "a NOT BETWEEN 1 AND 2",
    "casei(name) = casei('ABC')",
    "\"中文\" = 1 and 名称 = '镇'",
    "flag = TRUE and other = false",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1)))",
    "s_within(geometry, BBOX(1, 2, 3, 4))",
    "s_intersects(geometry, MULTIPOINT((0 0), (1 1)))",
    "s_intersects(geometry, LINESTRING(0 0, -1.5 100))",
    "s_intersects(geometry, MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0))))",
    "s_intersects(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1)))",
    "t_after(d, DATE('2020-01-01'))",
    "t_before(d, TIMESTAMP('2020-01-01T00:00:00Z'))",
    "t_during(d, INTERVAL('2020-01-01', '..'))",
    "pg_sleep(10) = 1",
)


@pytest.mark.parametrize("text", SAME)
def test_text_becomes_the_json_that_another_parser_makes(text: str) -> None:
    assert parse_text(text) == cql2.parse_text(text).to_json()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a =",
        "a = 1 and",
        "(a = 1",
        "a = 1)",
        "a == 1",
        "a = 'x",
        "not",
        "a in ()",
        "a is",
        "1 + 1 = 2",
        "a; b",
    ],
)
def test_what_is_not_cql2_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        parse_text(text)


class Calls:
    """How many functions were called, which a busy machine does not change as it does the time."""

    count = 0

    def note(self, _frame: object, event: str, _argument: object) -> None:
        self.count += event in ("call", "c_call")


@contextlib.contextmanager
def counted() -> Iterator[Calls]:
    calls, before = Calls(), sys.getprofile()
    sys.setprofile(calls.note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


CALLS_A_CHARACTER = 40
"""At most 23 were seen; at thousands of characters, anything worse than linear makes many more."""


@pytest.mark.parametrize(
    "text",
    [
        "(" * 25 + "a = 1",
        "(" * 9_000 + "a = 1" + ")" * 9_000,
        "not " * 4_000 + "a = 1",
        "casei(" * 2_000 + "a" + ")" * 2_000 + " = 'x'",
        "a = " + "-" * 9_000 + "1",
        "s_intersects(geometry, " + "GEOMETRYCOLLECTION(" * 900,
        "'" * 19_999,
        "a = 1 or " * 2_000 + "a = 1",
        "a" * 1_000_000,
    ],
    ids=lambda text: text[:24],
)
def test_depth_and_size_are_refused_after_work_linear_in_their_length(text: str) -> None:
    with counted() as calls, pytest.raises(BadFilter):
        read_filter(text, Language.TEXT)
    assert calls.count < CALLS_A_CHARACTER * len(text)


@pytest.mark.parametrize(
    ("start", "again", "end"),
    [
        ("a = 1", " or a = 1", ""),
        ("a in (1", ", 1", ")"),
        ("a = 'x", "''", "'"),
        ("a = 1", " and (a = 1)", ""),
    ],
)
def test_twice_as_long_a_filter_takes_twice_the_work(start: str, again: str, end: str) -> None:
    def work(times: int) -> int:
        parse_text(start + end)  # patterns are compiled once
        with counted() as calls:
            parse_text(start + again * times + end)
        return calls.count

    assert work(800) < 2.2 * work(400)


@pytest.mark.parametrize(
    "source",
    [
        '{"op":"not","args":[' * 10_000,
        "[" * 10_000,
        "[" * 19_000 + "]" * 1_000,
        '{"a":NaN}',
        "{",
        '"\\ud800',
        "1" * 5_000,
    ],
    ids=lambda source: source[:12],
)
def test_json_that_is_too_deep_or_none_is_refused(source: str) -> None:
    with pytest.raises(BadFilter):
        read_filter(source, Language.JSON)


@given(st.text(max_size=300) | st.text(alphabet="()'\",=<>-. aANDORTinlike01中", max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadFilter):
        read_filter(text, Language.TEXT)
