"""What is not covered, and who has how much to do, in figures."""

from __future__ import annotations

from sqlalchemy import delete, update

from gisgrid.model import Assignment, Responsibility, Source, SourceClass
from gisgrid.planning.plans import list_plans, published_territory
from gisgrid.store.database import Database
from gisgrid.supervision.coverage_summary import CoverageSummary, coverage_of
from gisgrid.supervision.workload import Workload, workload_at
from tests.city import TOKENS, City


def coverage(database: Database, plan: int, login: str, jurisdiction: str | None) -> CoverageSummary:
    with database.bearer(TOKENS[login]) as session:
        return coverage_of(session, plan, jurisdiction=jurisdiction)


def workload(database: Database, city: City, level: int, login: str = "analyst") -> dict[str, Workload]:
    jurisdiction = "WEST" if login == "west" else None
    with database.bearer(TOKENS[login]) as session:
        loads = workload_at(session, city.plan, level, jurisdiction=jurisdiction)
    return {each.uid: each for each in loads}


def test_findings_are_summed_by_kind_and_size(database: Database, city: City) -> None:
    found = coverage(database, city.plan, "analyst", "CITY")
    assert [(each.kind, each.size_class, each.count, each.area_m2) for each in found.findings] == [
        ("overlap", "real", 1, 2e6),
        ("gap", "real", 1, 5e7),
    ]
    assert (found.gap_area_m2, found.overlap_area_m2) == (5e7, 2e6)
    assert found.uncovered_sources == 2


def test_vacant_posts_are_those_that_nobody_holds_today(database: Database, city: City) -> None:
    assert coverage(database, city.plan, "analyst", None).vacant_posts == 1
    with database.operating() as session:
        session.execute(delete(Responsibility))
    assert coverage(database, city.plan, "analyst", None).vacant_posts == 6


def test_levels_say_what_their_division_lacks(database: Database, city: City) -> None:
    city_level, county, township = coverage(database, city.plan, "analyst", None).by_level
    assert (city_level.grids, city_level.without_first) == (1, 0)
    assert (county.grids, county.without_first, county.gaps) == (2, 1, 0)
    assert (township.grids, township.without_first, township.gaps, township.overlaps) == (3, 2, 1, 1)
    assert township.name.zh == "三级网格"


def test_a_jurisdiction_bounds_the_figures(database: Database, city: City) -> None:
    found = coverage(database, city.plan, "west", "WEST")
    assert [each.kind for each in found.findings] == ["overlap"]
    assert found.uncovered_sources == 0
    assert found.vacant_posts == 1
    assert [(each.level, each.grids) for each in found.by_level] == [(2, 1), (3, 2)]


def test_sources_weigh_by_class_and_officers_below_count(database: Database, city: City) -> None:
    loads = workload(database, city, 2)
    west, east = loads["WEST"], loads["EAST"]
    assert (west.sources, west.a, west.b, west.c, west.weighted) == (2, 0, 1, 1, 6)
    assert (west.officers, west.weighted_per_officer) == (2, 3.0)
    assert (east.sources, east.weighted, east.officers, east.weighted_per_officer) == (2, 5, 0, None)
    assert list(loads) == ["EAST", "WEST"], "work that nobody does comes first"
    assert workload(database, city, 1)["CITY"].officers == 2


def test_an_undetermined_source_weighs_as_routine(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(
            update(Source).where(Source.uid == "S3").values(source_class=SourceClass.UNDETERMINED)
        )
    east = workload(database, city, 2)["EAST"]
    assert (east.undetermined, east.weighted) == (1, 6)


def test_a_grid_without_sources_has_no_load(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(delete(Assignment).where(Assignment.grid_id == city.grids["T3"]))
    load = workload(database, city, 3)["T3"]
    assert (load.sources, load.weighted, load.weighted_per_officer) == (0, 0, None)


def test_a_supervisor_who_left_does_not_count(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(delete(Responsibility))
    assert workload(database, city, 2)["WEST"].officers == 0


def test_a_jurisdiction_bounds_the_loads(database: Database, city: City) -> None:
    assert list(workload(database, city, 2, "west")) == ["WEST"]
    assert set(workload(database, city, 3, "west")) == {"T1", "T2"}


def test_the_territory_is_that_of_the_published_plan(database: Database, city: City) -> None:
    with database.anonymous() as session:
        found = published_territory(session)
    assert found is not None
    assert (found.name.zh, found.plan.id) == ("示例市", city.plan)
    assert [each.count for each in found.levels] == [1, 2, 3]
    assert found.bounds is not None
    assert found.bounds[:2] == (123.0, 41.0)


def test_an_empty_database_has_no_territory_and_no_plans(database: Database) -> None:
    with database.anonymous() as session:
        assert published_territory(session) is None
        assert list_plans(session, is_public=True) == []


def test_visitors_see_published_plans_and_fewer_figures(database: Database, city: City) -> None:
    with database.anonymous() as session:
        (plan,) = list_plans(session, is_public=True)
    assert (plan.head.id, plan.grids, plan.findings) == (city.plan, {"1": 1, "2": 2, "3": 3}, {})
    assert plan.created_at is None


def test_planners_see_drafts_and_findings(database: Database, city: City) -> None:
    with database.bearer(TOKENS["planner"]) as session:
        latest, draft = list_plans(session, is_public=False)
    assert (latest.head.id, draft.head.id) == (city.plan, city.draft)
    assert latest.findings == {"gap": 1, "overlap": 1}
    assert latest.created_at is not None
