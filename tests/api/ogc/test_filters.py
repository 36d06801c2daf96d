"""OGC API Features, part 3: CQL2 in text and JSON, and what people try with it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gisgrid.layer import Kind
from gisgrid.store.database import Database
from layers import all_layers
from tests.api.ogc.conftest import Accounts

SOURCES = "/ogc/collections/sources/items"
POSTS = "/ogc/collections/responsibility/items"


def _matching(visitor: TestClient, path: str, source: Any, language: str = "cql2-text") -> list[str]:
    said = source if isinstance(source, str) else json.dumps(source)
    answer = visitor.get(path, params={"filter": said, "filter-lang": language, "sortby": "uid"})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["numberMatched"] == len(page["features"])
    return [feature["properties"]["uid"] for feature in page["features"]]


@pytest.mark.parametrize(
    ("source", "uids"),
    [
        ("uid = 'S1'", ["S1"]),
        ("uid <> 'S1' AND source_class = 'C'", ["S4"]),
        ("source_class = 'A' OR source_class = 'B'", ["S2", "S3"]),
        ("NOT (source_class = 'C')", ["S2", "S3", "S5"]),
        ("uid IN ('S1', 'S5', 'x')", ["S1", "S5"]),
        ("uid NOT IN ('S1', 'S5')", ["S2", "S3", "S4"]),
        ("name LIKE '示例S_厂'", ["S1", "S2", "S3", "S4", "S5"]),
        ("name LIKE '示例s1%'", []),
        ("CASEI(name) LIKE CASEI('示例s1%')", ["S1"]),
        ("name IS NULL", []),
        ("name IS NOT NULL AND uid >= 'S4'", ["S4", "S5"]),
        ("id BETWEEN 0 AND 1000000 AND uid < 'S2'", ["S1"]),
        ("TRUE", ["S1", "S2", "S3", "S4", "S5"]),
        ("1 = 2", []),
        ("name = 'it''s'", []),
        ("name = 'x'' OR 1=1 --'", []),
        ("source_class = 'no such class'", []),
        ("id = 1.5", []),
        ("id < 99999999999999999999999", ["S1", "S2", "S3", "S4", "S5"]),
        ("geometry IS NULL", []),
    ],
)
def test_text_filters_choose_rows(visitor: TestClient, source: str, uids: list[str]) -> None:
    assert _matching(visitor, SOURCES, source) == uids


@pytest.mark.parametrize(
    ("source", "uids"),
    [
        ("verified_on = DATE('2026-11-02') AND level = 3", ["T1"]),
        ("vacant = TRUE AND level = 3", ["T2", "T3"]),
        ("vacant AND level = 3", ["T2", "T3"]),
        ("T_AFTER(verified_on, DATE('2026-11-01'))", ["CITY", "T1", "WEST"]),
        ("T_AFTER(verified_on, DATE('2026-11-02'))", []),
        ("T_BEFORE(verified_on, TIMESTAMP('2026-11-03T00:00:00Z'))", ["CITY", "T1", "WEST"]),
        ("T_DURING(verified_on, INTERVAL('2026-11-01', '2026-11-03'))", ["CITY", "T1", "WEST"]),
        ("T_DURING(verified_on, INTERVAL('2026-11-02', '..'))", []),
        ("T_INTERSECTS(verified_on, INTERVAL('2026-11-02', '..'))", ["CITY", "T1", "WEST"]),
        ("T_DISJOINT(verified_on, INTERVAL('2026-11-02', '..'))", []),
        ("verified_on BETWEEN DATE('2026-01-01') AND DATE('2026-12-31') AND level > 2.5", ["T1"]),
    ],
)
def test_days_and_truth_can_be_asked_for(visitor: TestClient, source: str, uids: list[str]) -> None:
    assert _matching(visitor, POSTS, source) == uids


def test_json_says_the_same_as_text(visitor: TestClient) -> None:
    tree = {
        "op": "and",
        "args": [
            {"op": "in", "args": [{"property": "uid"}, ["S1", "S2", "S3"]]},
            {"op": "not", "args": [{"op": "=", "args": [{"property": "source_class"}, "B"]}]},
            {"op": "like", "args": [{"property": "name"}, "示例%"]},
        ],
    }
    assert _matching(visitor, SOURCES, tree, "cql2-json") == ["S1", "S3"]


@pytest.mark.parametrize(
    ("operator", "uids"),
    [
        ("S_INTERSECTS", ["S2"]),
        ("S_WITHIN", ["S2"]),
        ("S_DISJOINT", ["S1", "S3", "S4", "S5"]),
        ("S_CONTAINS", []),
    ],
)
def test_shapes_choose_rows(visitor: TestClient, operator: str, uids: list[str]) -> None:
    x, y = visitor.get(SOURCES, params={"uid": "S2"}).json()["features"][0]["geometry"]["coordinates"]
    box = [x - 0.01, y - 0.01, x + 0.01, y + 0.01]
    assert _matching(visitor, SOURCES, f"{operator}(geometry, BBOX({','.join(map(str, box))}))") == uids
    ring = [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]], [box[0], box[1]]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    tree = {"op": operator.lower(), "args": [{"property": "geometry"}, shape]}
    assert _matching(visitor, SOURCES, tree, "cql2-json") == uids


def test_a_shape_may_stand_first(visitor: TestClient) -> None:
    x, y = visitor.get(SOURCES, params={"uid": "S2"}).json()["features"][0]["geometry"]["coordinates"]
    box = f"BBOX({x - 0.01},{y - 0.01},{x + 0.01},{y + 0.01})"
    assert _matching(visitor, SOURCES, f"S_CONTAINS({box}, geometry)") == ["S2"]


ATTACKS = (
    "pg_sleep(10) = 1",
    "set_config('role', 'gisgrid_owner', false) = 'x'",
    "set_config('gisgrid.token', 'x', true) IS NULL",
    "query_to_xml('select 1', true, true, '') IS NULL",
    "current_setting('gisgrid.token') = ''",
    "password_hash = 'x'",
    "grid_path = 'x'",
    "raw_x = 0",
    "enterprise_id = 1",
    '"id"" OR 1=1 --" = 1',
    '"rows.id" = 1',
    '"source"."raw_x" = 0',
    "gisgrid.account.password_hash = 'x'",
    "uid = 'S1'; DROP TABLE gisgrid.source",
    "uid = 'S1' -- and more",
    "uid = 'S1' /* */",
    "uid = $1",
    "uid = %(plan)s",
    "uid = :plan",
    "uid || 'x' = 'y'",
    "uid LIKE '\\'",
    "uid LIKE uid",
    "uid = 1",
    "uid = TRUE",
    "id = 'x'",
    "id = DATE('2020-01-01')",
    "uid BETWEEN 'a' AND 'b'",
    "id IN (1, 'x')",
    "1e400 = id",
    "geometry = 1",
    "S_INTERSECTS(uid, POINT(0 0))",
    "S_INTERSECTS(geometry, geometry)",
    "S_INTERSECTS(geometry, 'POINT(0 0)')",
    "S_INTERSECTS(geometry, POINT(999 0))",
    "S_INTERSECTS(geometry, POINT(1e999 0))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))",
    "S_INTERSECTS(geometry, LINESTRING(0 0))",
    "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(0 0)))",
    "S_BUFFER(geometry, POINT(0 0))",
    "T_AFTER(uid, DATE('2020-01-01'))",
    "T_AFTER(DATE('2020-01-01'), DATE('2020-01-01'))",
    "uid",
    "'x'",
    "1",
    "NOT uid",
    "uid = 'S1' AND",
    "AND",
    "",
    "   ",
    "\x00",
    "uid = '\x00'",
    "(" * 10_000 + "TRUE" + ")" * 10_000,
    "(" * 28 + "uid = 'a'",
    "NOT " * 4_000 + "TRUE",
    "uid = '" + "x" * 50_000 + "'",
    " OR ".join(["uid = 'a'"] * 1_500),
)


@pytest.mark.parametrize("source", ATTACKS, ids=lambda source: ascii(source[:40]))
def test_attempts_are_refused_with_a_reason(visitor: TestClient, source: str) -> None:
    began = time.process_time()
    answer = visitor.get(SOURCES, params={"filter": source})
    assert answer.status_code == 400
    assert time.process_time() - began < 10
    assert answer.json()["detail"]
    assert "SELECT" not in answer.text
    assert "psycopg" not in answer.text


@pytest.mark.parametrize(
    "tree",
    [
        [],
        1,
        None,
        {},
        {"op": "pg_sleep", "args": [10]},
        {"op": ["="], "args": []},
        {"op": "=", "args": None},
        {"op": "=", "args": [1]},
        {"op": "=", "args": [{"property": ["uid"]}, "x"]},
        {"op": "=", "args": [{"property": {"a": 1}}, "x"]},
        {"op": "=", "args": [{"function": {"name": "pg_sleep", "args": [10]}}, 1]},
        {"op": "and", "args": []},
        {"op": "and", "args": [True]},
        {"op": "in", "args": [{"property": "uid"}, []]},
        {"op": "in", "args": [{"property": "uid"}, "S1"]},
        {"op": "=", "args": [{"property": "uid"}, "\ud800"]},
        {"op": "=", "args": [{"property": "uid"}, "a\x00b"]},
        {"op": "=", "args": [{"property": "id"}, 10**400]},
        {"op": "t_after", "args": [{"property": "uid"}, {"interval": [1, 2]}]},
        {"op": "=", "args": [{"date": 1}, {"date": None}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]},
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1, "2"]}],
        },
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [[[1, 2]]]}],
        },
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": ["Point"], "coordinates": [1, 2]}],
        },
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": []}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [[]]}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [1, 2, 3]}]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [True, 2, 3, 4]}]},
        {
            "op": "s_intersects",
            "args": [{"property": "geometry"}, {"type": "GeometryCollection", "geometries": [None]}],
        },
    ],
    ids=lambda tree: ascii(json.dumps(tree))[:50],
)
def test_json_that_is_no_filter_is_refused(visitor: TestClient, tree: Any) -> None:
    answer = visitor.get(SOURCES, params={"filter": json.dumps(tree), "filter-lang": "cql2-json"})
    assert answer.status_code == 400, answer.text


def test_depth_in_json_is_refused(visitor: TestClient) -> None:
    for source in ('{"op":"not","args":[' * 9_000, '{"op":"not","args":[' * 40 + "true" + "]}" * 40):
        answer = visitor.get(SOURCES, params={"filter": source[:19_000], "filter-lang": "cql2-json"})
        assert answer.status_code == 400


def test_every_field_of_every_layer_can_be_compared(bearer: Accounts) -> None:
    visitor = bearer("token")
    literal = {
        Kind.TEXT: "'x'",
        Kind.INTEGER: "1",
        Kind.NUMBER: "1.5",
        Kind.DATE: "DATE('2026-01-01')",
        Kind.BOOLEAN: "TRUE",
    }
    for layer in all_layers().values():
        for column in layer.columns:
            for op in ("=", "<>", "<"):
                query = {"filter": f"{column.name} {op} {literal[column.kind]}", "limit": "1"}
                answer = visitor.get(f"/ogc/collections/{layer.id}/items", params=query)
                assert answer.status_code == 200, (layer.id, column.name, answer.text)
        for shape in ("POINT(122 41)", "BBOX(-180,-90,180,90)", "GEOMETRYCOLLECTION(POINT(122 41))"):
            query = {"filter": f"S_INTERSECTS(geometry, {shape})"}
            answer = visitor.get(f"/ogc/collections/{layer.id}/items", params=query)
            assert answer.status_code == 200, (layer.id, shape, answer.text)


_TOKENS = """uid id name source_class geometry AND OR NOT LIKE IN BETWEEN IS NULL TRUE ( ) , = <> < -
'S1' 'x''y' 1 2.5 1e3 CASEI( S_INTERSECTS( S_WITHIN( BBOX(1,2,3,4) POINT(122,41) DATE('2026-01-01')
T_AFTER( INTERVAL( '..' " % _ 中文"""
_WORDS = st.sampled_from(_TOKENS.split())


@settings(max_examples=200, deadline=None)
@given(source=st.lists(_WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_filter_at_all_is_answered_200_or_400(visitor: TestClient, source: str) -> None:
    answer = visitor.get(SOURCES, params={"filter": source.encode(errors="replace").decode()})
    assert answer.status_code in (200, 400), (source, answer.text)


def test_a_query_that_takes_too_long_is_stopped_with_a_reason(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that somebody has locked stands for a slow query."""
    monkeypatch.setattr("gisgrid.store.database._milliseconds", lambda seconds: "300")
    with database.operating() as session:
        session.execute(text("LOCK TABLE gisgrid.source IN ACCESS EXCLUSIVE MODE"))
        answer = client.get(SOURCES, headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "longer" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
