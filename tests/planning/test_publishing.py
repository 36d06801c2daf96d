"""A draft becomes the plan in force."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gisgrid.errors import BrokenHierarchy, InputError
from gisgrid.importing.plans import NEW, Target
from gisgrid.model import Plan
from gisgrid.planning.drafts import PlanName, begin_plan, begin_revision
from gisgrid.planning.publishing import publish
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from gisgrid.text import Text
from tests.importing.region import bring_grids, bring_sources, column, fingerprint, level_files, write_sources

FIRST = Target(NEW, Text("甲", "A"), publish_from=date(2020, 1, 1))


def test_a_revision_supersedes_the_plan_and_sources_follow_it(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path), FIRST)
    bring_sources(database, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "厂||A|企业")]))
    bring_grids(database, level_files(tmp_path, c211101001="新镇"), Target("1"))
    with database.operating() as session:
        draft = session.get_one(Plan, 2)
        with pytest.raises(InputError, match="2020-01-01"):
            publish(session, draft, date(2019, 1, 1))
        session.rollback()
    with database.operating() as session:
        publish(session, session.get_one(Plan, 2), date(2026, 1, 1), approval_number="辽S(2026)1号")
    assert column(database, "SELECT state || coalesce(valid_to::text, '') FROM {s}.plan ORDER BY id") == [
        "superseded2026-01-01",
        "published",
    ]
    assert len(set(column(database, "SELECT checksum FROM {s}.plan"))) == 2
    assert column(database, "SELECT plan_id FROM {s}.assignment WHERE level = 1 ORDER BY 1") == [1, 2]


def test_a_plan_without_grids_is_not_published(database: Database) -> None:
    with database.operating() as session:
        empty = begin_plan(session, PlanName(Text("空", "Empty"), Text("市", "City")))
        with pytest.raises(BrokenHierarchy):
            publish(session, empty, date(2026, 1, 1))


def test_a_revision_is_the_same_plan_until_somebody_changes_it(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path), FIRST)
    with database.operating() as session:
        revision = begin_revision(session, session.get_one(Plan, 1), Text("乙", "B"))
        recompute_plan(session, revision.id)
    pairs = (
        "SELECT count(*) FROM {s}.grid a JOIN {s}.grid b USING (uid) WHERE a.plan_id = 1 AND b.plan_id = 2 "
        "AND a.path = b.path AND ST_Equals(a.geometry, b.geometry)"
    )
    assert column(database, pairs) == [7]
    own = (
        "SELECT count(*) FROM {s}.grid c JOIN {s}.grid p ON p.id = c.parent_id "
        "WHERE c.plan_id = 2 AND p.plan_id = 2"
    )
    assert column(database, own) == [6]


def test_recomputing_what_did_not_change_writes_nothing(database: Database, tmp_path: Path) -> None:
    bring_grids(database, level_files(tmp_path))
    bring_sources(
        database, write_sources(tmp_path / "s.csv", [("S1", 2, 5, "厂||A|企业"), ("S2", 30, 5, "厂||A|企业")])
    )
    before = fingerprint(database)
    with database.operating() as session:
        recompute_plan(session, 1)
        recompute_plan(session, 1, within=(122.9, 40.9, 123.1, 41.1))
    assert fingerprint(database) == before
