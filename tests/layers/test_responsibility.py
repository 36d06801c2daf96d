"""Who is responsible, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from gisgrid.model import DutyTransfer, Grid, Letter, Post, PostKind, Responsibility
from gisgrid.store.database import Database
from tests.city import City
from tests.layers.reading import column, rows


def test_a_post_nobody_holds_is_vacant(database: Database, city: City) -> None:
    found = rows(database, "responsibility", city.plan, who=None)
    assert column(found, "uid", "vacant") == {
        ("CITY", False),
        ("WEST", False),
        ("EAST", True),
        ("T1", False),
        ("T2", True),
        ("T3", True),
    }


def test_visitors_see_names_of_people_who_are_public_only(database: Database, city: City) -> None:
    found = rows(database, "responsibility", city.plan, who=None)
    assert column(found, "uid", "person") >= {("T1", "张三"), ("WEST", None), ("CITY", "王五")}


def test_the_vacant_post_keeps_its_title_body_and_phone(database: Database, city: City) -> None:
    found = rows(database, "responsibility", city.plan, who=None)
    (vacant,) = (row for row in found if row["uid"] == "T2")
    assert (vacant["post_title"], vacant["body"], vacant["duty_phone"]) == (
        "镇长",
        "二镇人民政府",
        "0427-000 0003",
    )
    assert vacant["person"] is None


def test_a_term_that_has_ended_leaves_the_post_vacant(database: Database, city: City) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    with database.operating() as session:
        session.execute(update(Responsibility).values(valid_to=yesterday))
    found = rows(database, "responsibility", city.plan, who=None)
    assert {row["vacant"] for row in found} == {True}
    assert {row["staff_count"] for row in found} == {0}


def test_supervisors_in_post_are_counted(database: Database, city: City) -> None:
    found = rows(database, "responsibility", city.plan, who=None)
    assert column(found, "uid", "staff_count") >= {("T1", 2), ("T2", 0)}


def test_each_lack_of_a_grid_is_a_row(database: Database, city: City) -> None:
    found = rows(database, "responsibility-gaps", city.plan)
    assert column(found, "uid", "lack") == {
        ("WEST", "no_letter"),
        ("EAST", "no_first"),
        ("EAST", "no_letter"),
        ("T2", "no_first"),
        ("T2", "understaffed"),
        ("T2", "no_letter"),
        ("T3", "no_first"),
        ("T3", "understaffed"),
        ("T3", "no_letter"),
    }


def test_an_environmental_office_does_for_two_supervisors(database: Database, city: City) -> None:
    with database.operating() as session:
        session.add(Post(grid_uid="T2", kind=PostKind.OFFICE, title="环保所"))
    found = rows(database, "responsibility-gaps", city.plan)
    assert column([row for row in found if row["lack"] == "understaffed"], "uid") == {("T3",)}


@pytest.mark.parametrize(("days", "stale"), [(365, False), (366, True), (None, True)])
def test_an_entry_not_verified_for_a_year_is_a_gap(
    database: Database, city: City, days: int | None, stale: bool
) -> None:
    on = None if days is None else func.current_date() - days
    with database.operating() as session:
        (post,) = session.execute(
            select(Post.id).where(Post.grid_uid == "T1", Post.kind == PostKind.FIRST)
        ).scalars()
        session.execute(update(Responsibility).where(Responsibility.post_id == post).values(verified_on=on))
    found = rows(database, "responsibility-gaps", city.plan)
    assert (("T1", "unverified") in column(found, "uid", "lack")) is stale


def test_a_letter_that_has_run_out_is_a_gap(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(update(Letter).values(valid_to=datetime.now(UTC).date() - timedelta(days=1)))
    found = rows(database, "responsibility-gaps", city.plan)
    assert ("T1", "no_letter") in column(found, "uid", "lack")


def test_a_letter_with_another_than_the_grid_above_does_not_count(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(update(Letter).values(upper_uid="EAST"))
    found = rows(database, "responsibility-gaps", city.plan)
    assert ("T1", "no_letter") in column(found, "uid", "lack")


def test_responsibility_gaps_stay_inside_the_jurisdiction(database: Database, city: City) -> None:
    found = rows(database, "responsibility-gaps", city.plan, who="west")
    assert {uid for (uid,) in column(found, "uid")} == {"WEST", "T2"}


def test_a_transfer_names_who_acts_and_in_whose_stead(database: Database, city: City) -> None:
    (found,) = rows(database, "duty-transfers", city.plan, who=None)
    assert (found["to_department"], found["instead_of_en"]) == ("辽河保护", "Agriculture")
    assert found["topics"] is None


def test_a_transfer_that_has_ended_is_not_shown(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(update(DutyTransfer).values(valid_to=datetime.now(UTC).date() - timedelta(days=1)))
    assert rows(database, "duty-transfers", city.plan, who=None) == []


def test_grids_without_any_post_are_there_too(database: Database, city: City) -> None:
    with database.operating() as session:
        session.execute(delete(Responsibility))
        session.execute(delete(Post))
        grids = session.execute(
            select(Grid.uid).where(Grid.plan_id == city.plan, Grid.kind == "administrative")
        ).scalars()
        expected = {(uid, True) for uid in grids}
    assert column(rows(database, "responsibility", city.plan, who=None), "uid", "vacant") == expected
