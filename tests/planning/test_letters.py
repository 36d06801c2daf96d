"""Who has signed a responsibility letter with whom, and what a letter to be signed says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gisgrid.errors import InputError
from gisgrid.model import DutyRole, PlanState, SourceClass
from gisgrid.planning.errors import AlreadyRecorded, UnknownGrid, UnknownLetter
from gisgrid.planning.letter_facts import facts_of
from gisgrid.planning.letters import (
    LetterState,
    NewLetter,
    count_letters,
    letters_of,
    record_letter,
    remove_letter,
    today_of,
)
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.city import City
from tests.planning.conftest import token_of

As = Callable[[str], AbstractContextManager[Session]]


@pytest.fixture
def as_(database: Database, city: City) -> As:
    """`as_("west")` is a transaction of that account."""
    return lambda login: database.bearer(token_of(login))


def change(database: Database, statement: str) -> None:
    """As the operator."""
    with database.operating() as session:
        session.execute(text(statement))


def test_every_parent_and_child_is_listed_and_what_is_missing_comes_first(as_: As, city: City) -> None:
    with as_("planner") as session:
        told = letters_of(session, city.draft)
        assert [(each.upper.grid.uid, each.lower.grid.uid, each.state) for each in told] == [
            ("CITY", "WEST", "missing"),
            ("CITY", "EAST", "missing"),
            ("WEST", "T2", "missing"),
            ("EAST", "T3", "missing"),
            ("WEST", "T1", "signed"),
        ]
        assert count_letters(told)[LetterState.MISSING] == 4
    with as_("west") as session:
        assert {each.lower.grid.uid for each in letters_of(session, city.plan)} == {"WEST", "T1", "T2"}
        assert {each.lower.grid.uid for each in letters_of(session, city.draft, upper="WEST")} == {"T1", "T2"}


def test_a_letter_names_who_signs_and_who_is_missing(as_: As, city: City) -> None:
    with as_("west") as session:
        told = {each.lower.grid.uid: each for each in letters_of(session, city.draft)}
        assert (told["T1"].lower.title, told["T1"].lower.person) == ("镇长", "张三")
        assert (told["T2"].lower.title, told["T2"].lower.person) == ("镇长", None)  # vacant
        assert told["WEST"].upper.person == "王五"


def test_a_letter_runs_out_on_its_last_day(database: Database, as_: As, city: City) -> None:
    with as_("west") as session:
        today = today_of(session)
    change(database, "UPDATE gisgrid.letter SET valid_to = current_date + 1")
    with as_("west") as session:
        assert letters_of(session, city.draft, lower=["T1"])[0].state is LetterState.SIGNED
        (told,) = letters_of(session, city.draft, lower=["T1"], today=today + timedelta(days=1))
        assert told.state is LetterState.EXPIRED


def test_a_letter_of_somebody_who_left_the_post_is_to_be_signed_anew(
    database: Database, as_: As, city: City
) -> None:
    change(
        database,
        "UPDATE gisgrid.responsibility SET valid_to = '2026-06-01'"
        " WHERE post_id = (SELECT id FROM gisgrid.post WHERE grid_uid = 'T1' AND kind = 'first')",
    )
    with as_("west") as session:
        (told,) = letters_of(session, city.draft, lower=["T1"])
        assert (told.state, told.left) == (LetterState.HANDED_ON, ("lower",))
    change(
        database,
        "INSERT INTO gisgrid.responsibility (post_id, person_id, valid_from)"
        " SELECT o.id, p.id, '2026-06-01' FROM gisgrid.post o, gisgrid.person p"
        " WHERE o.grid_uid = 'T1' AND o.kind = 'first' AND p.uid = 'P3'",
    )
    with as_("west") as session:
        assert letters_of(session, city.draft, lower=["T1"])[0].left == ("lower",)
        told = record_letter(
            session,
            city.draft,
            NewLetter("T1", date(2026, 6, 2), lower_signatory="王五", number="〔2026〕1号"),
        )
        assert told.state is LetterState.SIGNED
        assert [each.number for each in told.letters] == ["〔2026〕1号", None]


def test_a_signatory_who_holds_the_post_now_has_not_left(database: Database, as_: As, city: City) -> None:
    """Signed by who stood in for a predecessor, and took over."""
    change(
        database,
        "UPDATE gisgrid.responsibility SET valid_from = '2026-06-01' WHERE post_id ="
        " (SELECT id FROM gisgrid.post WHERE grid_uid = 'T1' AND kind = 'first')",
    )
    change(database, "UPDATE gisgrid.letter SET lower_signatory = '张三'")
    with as_("west") as session:
        assert letters_of(session, city.draft, lower=["T1"])[0].state is LetterState.SIGNED
    change(database, "UPDATE gisgrid.letter SET lower_signatory = '赵六'")
    with as_("west") as session:
        assert letters_of(session, city.draft, lower=["T1"])[0].left == ("lower",)


def test_a_letter_with_a_former_parent_is_none_with_the_present_one(
    database: Database, as_: As, city: City
) -> None:
    change(database, "UPDATE gisgrid.letter SET upper_uid = 'EAST'")
    with as_("west") as session:
        assert letters_of(session, city.draft, lower=["T1"])[0].state is LetterState.MISSING


def test_a_letter_is_recorded_once_a_day_and_removed_if_it_was_a_mistake(as_: As, city: City) -> None:
    with as_("west") as session:
        new = NewLetter("T2", date(2026, 2, 1), valid_to=date(2027, 2, 1), tasks="<b>任务</b>", file="档 1")
        told = record_letter(session, city.draft, new)
        assert (told.upper.grid.uid, told.state) == ("WEST", LetterState.SIGNED)
        with pytest.raises(AlreadyRecorded):
            record_letter(session, city.draft, new)
        assert remove_letter(session, city.draft, told.letters[0].id).state is LetterState.MISSING
        with pytest.raises(UnknownLetter):
            remove_letter(session, city.draft, told.letters[0].id)


def test_letters_of_neighbours_are_neither_recorded_nor_removed(
    database: Database, as_: As, city: City
) -> None:
    with as_("planner") as session:
        told = record_letter(session, city.draft, NewLetter("T3", date(2026, 2, 1)))
    with as_("west") as session:
        with pytest.raises(UnknownGrid):
            record_letter(session, city.draft, NewLetter("T3", date(2026, 2, 2)))
        with pytest.raises(UnknownLetter):
            remove_letter(session, city.plan, told.letters[0].id)
        # Raw SQL comes no further.
        gone = session.execute(text("DELETE FROM gisgrid.letter WHERE lower_uid = 'T3' RETURNING id")).all()
        assert gone == []
    with pytest.raises(DBAPIError) as refused, as_("approver") as session:
        record_letter(session, city.draft, NewLetter("T3", date(2026, 2, 3)))
    assert getattr(refused.value.orig, "sqlstate", "") == "42501"


@pytest.mark.parametrize(
    ("signed", "ends"),
    [(timedelta(days=1), None), (timedelta(0), timedelta(0)), (timedelta(0), timedelta(days=-1))],
    ids=["signed tomorrow", "ends as it begins", "ends before"],
)
def test_dates_that_cannot_be_are_refused(
    as_: As, city: City, signed: timedelta, ends: timedelta | None
) -> None:
    with as_("west") as session:
        today = today_of(session)
        new = NewLetter("T2", today + signed, valid_to=None if ends is None else today + ends)
        with pytest.raises(InputError):
            record_letter(session, city.draft, new)


def test_facts_are_those_of_the_plan(database: Database, as_: As, city: City) -> None:
    with database.operating() as session:
        recompute_plan(session, city.draft)
    with as_("planner") as session:
        town, county = facts_of(session, city.draft, ["T1", "WEST"])
    assert town.plan.state is PlanState.DRAFT
    assert (town.upper.grid.name, town.upper.title, town.upper.person) == ("西县", "县长", "李四")
    assert (town.lower.body, town.lower.person, town.lower.code) == ("一镇人民政府", "张三", "213003")
    assert town.area_m2 == 5e7
    assert town.sources == {SourceClass.C: 1}
    assert (town.staff, town.staff_posts) == (("王五", "李四"), 2)
    assert [each.name for each in town.keys] == ["化工片区"]
    assert [(each.topic.zh, each.role) for each in town.duties] == [("秸秆焚烧", DutyRole.LEAD)]
    assert town.previous is not None
    assert town.previous.signed_on == date(2026, 1, 5)
    assert county.duties == ()
    assert county.sources == {SourceClass.C: 1, SourceClass.B: 1}
    assert [(each.name, each.person) for each in county.children] == [("一镇", "张三"), ("二镇", None)]
    assert county.upper.level_name.zh == "一级网格"


def test_a_county_sees_key_grids_and_its_superior_through_the_plan_in_force(as_: As, city: City) -> None:
    with as_("west") as session:
        (county,) = facts_of(session, city.draft, ["WEST"])
        assert [each.name for each in county.keys] == ["化工片区"]
        assert (county.upper.grid.name, county.upper.code) == ("示例市", "211000")
        assert facts_of(session, city.draft, ["EAST"]) == []


def test_a_key_grid_that_only_touches_is_not_in_the_territory(
    database: Database, as_: As, city: City
) -> None:
    change(
        database,
        "UPDATE gisgrid.grid k SET geometry = w.geometry FROM gisgrid.grid w, gisgrid.plan p"
        " WHERE k.uid = 'KEY' AND w.uid = 'WEST' AND w.plan_id = k.plan_id"
        " AND p.id = k.plan_id AND p.state = 'draft'",
    )
    with as_("planner") as session:
        west, east = facts_of(session, city.draft, ["WEST", "EAST"])
    assert [each.name for each in west.keys] == ["化工片区"]
    assert east.keys == ()


def test_of_duties_those_for_the_nearest_grid_hold(database: Database, as_: As, city: City) -> None:
    change(
        database,
        "INSERT INTO gisgrid.duty (topic_id, role, grid_level, grid_uid)"
        " SELECT id, 'assist', 3, 'WEST' FROM gisgrid.topic WHERE code = 'straw_burning'"
        " UNION ALL SELECT id, 'lead', 3, 'EAST' FROM gisgrid.topic WHERE code = 'site_noise'",
    )
    with as_("planner") as session:
        town, other = facts_of(session, city.draft, ["T1", "T3"])
    assert [(each.topic.zh, each.role) for each in town.duties] == [("秸秆焚烧", DutyRole.ASSIST)]
    assert [(each.topic.zh, each.role) for each in other.duties] == [
        ("秸秆焚烧", DutyRole.LEAD),
        ("施工噪声", DutyRole.LEAD),
    ]
