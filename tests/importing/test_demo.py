"""The demo region as it is in the database."""

from __future__ import annotations

import json

from gisgrid.importing.demo import load_demo
from gisgrid.planning.checksums import checksum
from gisgrid.store.database import Database
from tests.conftest import PANJIN
from tests.importing.region import column, fingerprint


def kinds(database: Database, plan: int) -> list[object]:
    return column(database, f"SELECT kind FROM {{s}}.finding WHERE plan_id = {plan} ORDER BY kind")  # noqa: S608


def missed(database: Database, plan: int, reason: str) -> list[object]:
    query = "SELECT s.uid FROM {s}.uncovered_source u JOIN {s}.source s ON s.id = u.source_id"
    return column(database, f"{query} WHERE plan_id = {plan} AND reason = '{reason}' ORDER BY uid")


def test_panjin_is_loaded_with_what_was_planted_and_only_once(database: Database) -> None:
    load_demo(database, PANJIN)
    planted = json.loads((PANJIN / "planted.json").read_text("utf-8"))
    assert column(database, "SELECT state || coalesce(valid_from::text, '') FROM {s}.plan ORDER BY id") == [
        "published2015-12-30",
        "draft",
    ]
    for plan in (1, 2):
        assert kinds(database, plan) == sorted(each["kind"] for each in planted["findings"])
        assert missed(database, plan, "outside") == planted["sources"]["outside"]
        assert missed(database, plan, "gap") == planted["sources"]["in_gaps"]
    stacked = column(database, "SELECT uid FROM {s}.source WHERE stack_size IS NOT NULL ORDER BY uid")
    assert stacked == planted["sources"]["stack"]
    assert column(
        database, "SELECT count(*) FROM {s}.source WHERE located_by IS NULL OR industry IS NULL"
    ) == [0]
    with database.operating() as session:
        assert [checksum(session, 1)] == column(database, "SELECT checksum FROM {s}.plan WHERE id = 1")
    before = fingerprint(database)
    load_demo(database, PANJIN)
    assert fingerprint(database) == before
