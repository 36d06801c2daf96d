"""Who is responsible: the chain, the posts, gaps, overlaps, plans of other days, and bad questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gisgrid.model import Grid, GridKind, Person, Plan, PlanState, Post, PostKind, Responsibility
from gisgrid.store.database import Database
from gisgrid.supervision.errors import (
    NothingPublished,
    NotOnEarth,
    SwappedPlace,
    UnknownTopic,
    UnusableDate,
)
from gisgrid.supervision.responsibility import WhoIsResponsible, who_is_responsible
from tests.city import KM, City, point, shape
from tests.squares import box
from tests.supervision.conftest import Ask


def chain(found: WhoIsResponsible) -> list[str]:
    return [each.grid.uid for each in found.chain]


def test_the_chain_goes_from_the_finest_grid_up(ask: Ask) -> None:
    found = ask(2, 5)
    assert chain(found) == ["T1", "WEST", "CITY"]
    assert [each.grid.level for each in found.chain] == [3, 2, 1]
    assert found.chain[0].grid.level_name.zh == "三级网格"
    assert found.gap is None
    assert found.nearest is None
    assert not found.is_overlap


def test_posts_come_with_body_phone_and_verification(ask: Ask) -> None:
    town = ask(2, 5).chain[0].posts
    assert town.body == "一镇人民政府"
    assert town.first is not None
    assert (town.first.title, town.first.person, town.first.is_vacant) == ("镇长", "张三", False)
    assert town.duty_phone == "0427-000 0001"
    assert town.verified_on == date(2026, 11, 2)
    assert town.staff_count == 2


def test_a_name_that_is_not_public_is_for_accounts_only(ask: Ask) -> None:
    county = ask(2, 5).chain[1].posts.first
    assert county is not None
    assert county.person is None
    assert not county.is_vacant
    known = ask(2, 5, login="officer").chain[1].posts.first
    assert known is not None
    assert known.person == "李四"


def test_a_vacant_post_says_so(ask: Ask) -> None:
    first = ask(7, 5).chain[0].posts.first
    assert first is not None
    assert first.is_vacant
    assert first.person is None
    assert first.duty_phone == "0427-000 0003"


def test_a_grid_without_posts_has_nobody(ask: Ask) -> None:
    posts = ask(12, 5).chain[0].posts
    assert posts.first is None
    assert posts.staff_count == 0
    assert posts.duty_phone is None


def test_posts_are_those_of_the_day(ask: Ask, database: Database) -> None:
    with database.operating() as session:
        post = session.execute(select(Post.id).where(Post.body == "一镇人民政府")).scalar_one()
        session.execute(
            update(Responsibility).where(Responsibility.post_id == post).values(valid_to=date(2020, 1, 1))
        )
        later = Person(uid="P9", name="赵六", is_public=True)
        session.add(later)
        session.flush()
        session.add(Responsibility(post_id=post, person_id=later.id, valid_from=date(2020, 2, 1)))

    def holder(on: date) -> str | None:
        first = ask(2, 5, on=on).chain[0].posts.first
        assert first is not None
        return "vacant" if first.is_vacant else first.person

    assert holder(date(2015, 12, 31)) == "vacant"
    assert holder(date(2016, 1, 1)) == "张三"
    assert holder(date(2019, 12, 31)) == "张三"
    assert holder(date(2020, 1, 1)) == "vacant"
    assert holder(date(2020, 2, 1)) == "赵六"


def test_an_office_answers_where_the_first_post_has_no_phone(ask: Ask, database: Database) -> None:
    with database.operating() as session:
        session.add(Post(grid_uid="WEST", kind=PostKind.OFFICE, title="环保所", duty_phone="0427-000 0009"))
    assert ask(2, 5).chain[1].posts.duty_phone == "0427-000 0009"


def test_in_an_overlap_the_smaller_id_answers_and_the_other_is_told(ask: Ask) -> None:
    found = ask(4.9, 5)
    assert chain(found) == ["T1", "WEST", "CITY"]
    assert found.is_overlap
    assert [each.uid for each in found.chain[0].also] == ["T2"]
    assert found.boundary is not None
    assert found.boundary.distance_m == 0.0
    assert found.boundary.neighbour is not None
    assert found.boundary.neighbour.uid == "T2"
    assert found.boundary.is_near


def test_on_a_shared_edge_the_smaller_id_answers_without_an_overlap(ask: Ask) -> None:
    found = ask(10, 5)
    assert chain(found) == ["T2", "WEST", "CITY"]
    assert not found.is_overlap
    assert found.boundary is not None
    assert found.boundary.distance_m == pytest.approx(0.0, abs=1e-3)
    assert found.boundary.neighbour is not None
    assert found.boundary.neighbour.uid == "T3"


def test_a_gap_says_which_level_leaves_the_place_out_and_which_child_is_nearest(ask: Ask) -> None:
    found = ask(17, 5)
    assert chain(found) == ["EAST", "CITY"]
    assert found.gap is not None
    assert (found.gap.kind, found.gap.level) == ("gap", 3)
    assert found.nearest is not None
    assert (found.nearest.uid, found.nearest.level) == ("T3", 3)
    assert found.nearest.distance_m == pytest.approx(2000, rel=1e-3)


def test_outside_every_grid_says_so_with_the_nearest_undivided_one(ask: Ask) -> None:
    found = ask(-0.3, 5)
    assert found.chain == ()
    assert found.boundary is None
    assert found.gap is not None
    assert (found.gap.kind, found.gap.level) == ("outside", None)
    assert found.nearest is not None
    assert found.nearest.uid == "T1"
    assert found.nearest.distance_m == pytest.approx(300, rel=1e-3)
    assert found.phones == {"T1": "0427-000 0001"}


def test_far_away_the_nearest_grid_is_still_told(ask: Ask) -> None:
    nearest = ask(-5000, 5).nearest
    assert nearest is not None
    assert nearest.uid == "T1"


def test_an_undivided_grid_is_no_gap(ask: Ask, database: Database, city: City) -> None:
    with database.operating() as session, _unlocked(session):
        session.execute(delete(Grid).where(Grid.id == city.grids["T3"]))
    found = ask(12, 5)
    assert chain(found) == ["EAST", "CITY"]
    assert found.gap is None


def test_key_and_unit_grids_over_the_place_stand_beside_the_chain(
    ask: Ask, database: Database, city: City
) -> None:
    with database.operating() as session:
        unit = Grid(
            plan_id=city.plan,
            uid="UNIT",
            kind=GridKind.UNIT,
            level=3,
            name="第一单元",
            path=["CITY", "WEST", "T1", "UNIT"],
            is_overlay=True,
            owner_id=city.grids["T1"],
            area_m2=1e6,
            geometry=shape(box(4 * KM, 4 * KM, 5 * KM, 5 * KM)),
        )
        _add_to_published(session, unit)
    found = ask(4.5, 4.5)
    assert chain(found) == ["T1", "WEST", "CITY"]
    assert [each.grid.uid for each in found.key_units] == ["KEY", "UNIT"]
    owner = found.key_units[0].grid.owner
    assert owner is not None
    assert (owner.uid, owner.name) == ("CITY", "示例市")
    assert found.nearest_key_unit is None
    only_unit_grids_here = ask(2, 5)
    assert only_unit_grids_here.key_units == ()


def test_the_nearest_key_unit_is_told_within_five_kilometres(ask: Ask) -> None:
    near = ask(2, 5).nearest_key_unit
    assert near is not None
    assert near.uid == "KEY"
    assert near.distance_m == pytest.approx(2000, rel=1e-3)
    assert ask(11.1, 5).nearest_key_unit is None


def test_the_plan_is_that_of_the_day(ask: Ask, database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(
            update(Plan)
            .where(Plan.id == city.plan)
            .values(state=PlanState.SUPERSEDED, valid_to=date(2020, 1, 1))
        )
        session.execute(update(Grid).where(Grid.id == city.draft_grids["T1"]).values(name="新一镇"))
        session.execute(
            update(Plan)
            .where(Plan.id == city.draft)
            .values(state=PlanState.PUBLISHED, valid_from=date(2020, 1, 1), published_at=datetime.now(UTC))
        )
    assert ask(2, 5, on=date(2019, 12, 31)).chain[0].grid.name == "一镇"
    assert ask(2, 5, on=date(2020, 1, 1)).chain[0].grid.name == "新一镇"
    assert ask(2, 5).plan.id == city.draft


def test_a_draft_answers_nobody(ask: Ask, city: City) -> None:
    assert ask(2, 5, login="planner").plan.id == city.plan


def test_today_is_the_day_that_is_meant(ask: Ask, database: Database) -> None:
    with database.operating() as session:
        today = session.connection().exec_driver_sql("SELECT current_date").scalar_one()
    assert ask(2, 5).plan.on == today


def test_a_day_before_the_first_plan_is_refused(ask: Ask) -> None:
    with pytest.raises(UnusableDate, match="no plan yet") as refused:
        ask(2, 5, on=date(2015, 12, 29))
    assert "2015-12-30" in refused.value.todo.en


def test_a_day_more_than_a_year_ahead_is_refused(ask: Ask) -> None:
    today = ask(2, 5).plan.on
    assert ask(2, 5, on=today + timedelta(days=366)).chain
    with pytest.raises(UnusableDate, match="more than a year ahead"):
        ask(2, 5, on=today + timedelta(days=367))
    with pytest.raises(UnusableDate):
        ask(2, 5, on=date.max)


def test_a_day_between_two_plans_is_refused(ask: Ask, database: Database, city: City) -> None:
    with database.operating() as session:
        ended = {"state": PlanState.SUPERSEDED, "valid_to": date(2020, 1, 1)}
        session.execute(update(Plan).where(Plan.id == city.plan).values(**ended))
    with pytest.raises(UnusableDate, match="No plan was in force"):
        ask(2, 5)


def test_before_anything_is_published_that_is_said(database: Database) -> None:
    with database.anonymous() as session, pytest.raises(NothingPublished):
        who_is_responsible(session, 123.0, 41.0)


def test_swapped_numbers_are_suspected_only_where_the_other_way_round_lies_inside(
    database: Database, city: City
) -> None:
    place = point(2, 5)
    with database.anonymous() as session:
        with pytest.raises(SwappedPlace, match="changed places"):
            who_is_responsible(session, place.y, place.x)
        with pytest.raises(NotOnEarth):
            who_is_responsible(session, 39.9, 116.4)


def test_swapped_numbers_that_are_both_latitudes_are_found_too(database: Database, city: City) -> None:
    """West of 90 degrees east, both orders are places on Earth."""
    square = shapely.box(82.0, 44.0, 82.2, 44.2)

    with database.operating() as session:
        far = Grid(
            plan_id=city.plan,
            uid="FAR",
            level=1,
            name="远县",
            path=["FAR"],
            area_m2=1.0,
            geometry=shape(square),
        )
        _add_to_published(session, far)
    with database.anonymous() as session, pytest.raises(SwappedPlace):
        who_is_responsible(session, 44.1, 82.1)


def test_a_place_that_is_not_on_earth_is_refused(database: Database, city: City) -> None:
    for lon, lat in ((181.0, 41.0), (123.0, -90.5), (float("nan"), 41.0), (float("inf"), 0.0)):
        with database.anonymous() as session, pytest.raises(NotOnEarth):
            who_is_responsible(session, lon, lat)


def test_an_unknown_topic_is_refused(ask: Ask) -> None:
    for code in ("nonsense", "", "straw_burning'--", "a\x00b"):
        with pytest.raises(UnknownTopic):
            ask(2, 5, topic=code)


def _add_to_published(session: Session, grid: Grid) -> None:
    """As a planner could not: a published plan never changes."""
    with _unlocked(session):
        session.add(grid)
        session.flush()


@contextmanager
def _unlocked(session: Session) -> Iterator[None]:
    connection = session.connection()
    connection.exec_driver_sql("ALTER TABLE gisgrid.grid DISABLE TRIGGER keep_published")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    connection.exec_driver_sql("ALTER TABLE gisgrid.grid ENABLE TRIGGER keep_published")
