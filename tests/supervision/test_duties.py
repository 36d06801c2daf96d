"""Which departments: by topic, by place, by day, and by the overlays that hand duties over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gisgrid.model import Department, Duty, DutyRole, DutyTransfer
from gisgrid.store.database import Database
from gisgrid.supervision.duties import Duties
from gisgrid.supervision.responsibility import WhoIsResponsible
from tests.city import KM, City, shape
from tests.squares import box
from tests.supervision.conftest import Ask

STRAW = "straw_burning"


def duties(found: WhoIsResponsible) -> Duties:
    assert found.duties is not None
    return found.duties


def parts(found: WhoIsResponsible) -> list[tuple[str, str]]:
    return [(each.role.value, each.code) for each in duties(found).holders]


@contextmanager
def changing(database: Database) -> Iterator[tuple[Session, dict[str, int]]]:
    """A transaction of the operator's, and the departments' ids by code."""
    with database.operating() as session:
        rows = session.execute(select(Department.code, Department.id))
        yield session, {row.code: row.id for row in rows}


def test_without_a_topic_there_are_no_departments(ask: Ask) -> None:
    assert ask(2, 5).duties is None


def test_leads_come_before_guides_and_assistants(ask: Ask) -> None:
    found = ask(2, 5, topic=STRAW)
    assert parts(found) == [("lead", "T1"), ("guide", "agriculture"), ("assist", "police")]
    assert not duties(found).is_missing_lead
    assert duties(found).transfer is None


def test_a_duty_of_a_level_is_that_of_the_grid_here(ask: Ask) -> None:
    lead = duties(ask(7, 5, topic=STRAW)).holders[0]
    assert lead.grid_uid == "T2"
    assert lead.name.zh == "二镇人民政府"
    unnamed = duties(ask(12, 5, topic=STRAW)).holders[0]
    assert unnamed.name.zh == "三镇"


def test_in_a_gap_the_level_that_leads_is_missing(ask: Ask) -> None:
    found = ask(17, 5, topic=STRAW)
    assert parts(found) == [("guide", "agriculture"), ("assist", "police")]
    assert duties(found).is_missing_lead


def test_outside_every_grid_nobody_has_a_duty(ask: Ask) -> None:
    found = ask(25, 5, topic=STRAW)
    assert parts(found) == []
    assert duties(found).is_missing_lead


def test_a_topic_without_duties_lacks_a_lead(ask: Ask) -> None:
    found = ask(2, 5, topic="site_noise")
    assert parts(found) == []
    assert duties(found).is_missing_lead


def test_a_duty_holds_on_its_days_only(ask: Ask, database: Database) -> None:
    with changing(database) as (session, departments):
        session.execute(
            update(Duty)
            .where(Duty.department_id == departments["police"])
            .values(valid_from=date(2018, 1, 1), valid_to=date(2019, 1, 1))
        )
    police = ("assist", "police")
    assert police not in parts(ask(2, 5, topic=STRAW, on=date(2017, 12, 31)))
    assert police in parts(ask(2, 5, topic=STRAW, on=date(2018, 1, 1)))
    assert police not in parts(ask(2, 5, topic=STRAW, on=date(2019, 1, 1)))


def test_the_smallest_subtree_decides_for_each_department(ask: Ask, database: Database, city: City) -> None:
    topic = city.topics[STRAW]
    with changing(database) as (session, departments):
        police = departments["police"]
        session.add_all(
            [
                Duty(topic_id=topic, role=DutyRole.GUIDE, department_id=police, grid_uid="WEST"),
                Duty(topic_id=topic, role=DutyRole.LEAD, department_id=police, grid_uid="T1"),
            ]
        )
    assert ("lead", "police") in parts(ask(2, 5, topic=STRAW))
    assert ("assist", "police") not in parts(ask(2, 5, topic=STRAW))
    assert ("guide", "police") in parts(ask(7, 5, topic=STRAW))
    assert ("assist", "police") in parts(ask(12, 5, topic=STRAW))


def test_a_key_unit_is_closer_than_the_township_under_it(ask: Ask, database: Database, city: City) -> None:
    topic = city.topics[STRAW]
    with changing(database) as (session, departments):
        police = departments["police"]
        session.add_all(
            [
                Duty(topic_id=topic, role=DutyRole.GUIDE, department_id=police, grid_uid="T1"),
                Duty(topic_id=topic, role=DutyRole.LEAD, department_id=police, grid_uid="KEY"),
            ]
        )
    assert ("lead", "police") in parts(ask(4.5, 4.5, topic=STRAW))
    assert ("guide", "police") in parts(ask(2, 5, topic=STRAW))


def test_inside_the_polygon_a_transfer_replaces_the_departments_it_names(ask: Ask) -> None:
    found = ask(0.5, 5, topic=STRAW)
    assert parts(found) == [("lead", "T1"), ("guide", "reserve"), ("assist", "police")]
    transfer = duties(found).transfer
    assert transfer is not None
    assert (transfer.name, transfer.to.code, transfer.basis) == ("保护区", "reserve", "示例")
    assert [each.code for each in transfer.instead_of] == ["agriculture"]
    assert duties(found).holders[1].basis == "示例"


def test_a_transfer_that_changes_nothing_is_not_told(ask: Ask, database: Database) -> None:
    with changing(database) as (session, departments):
        session.execute(delete(Duty).where(Duty.department_id == departments["agriculture"]))
    assert duties(ask(0.5, 5, topic=STRAW)).transfer is None


def test_a_transfer_of_all_departments_leaves_governments_alone(ask: Ask, database: Database) -> None:
    with changing(database) as (session, _):
        session.execute(update(DutyTransfer).values(from_department_ids=[]))
    found = ask(0.5, 5, topic=STRAW)
    assert parts(found) == [("lead", "T1"), ("guide", "reserve")]
    transfer = duties(found).transfer
    assert transfer is not None
    assert [each.code for each in transfer.instead_of] == ["agriculture", "police"]


def test_a_transfer_is_for_its_topics_and_days(ask: Ask, database: Database, city: City) -> None:
    with changing(database) as (session, _):
        session.execute(update(DutyTransfer).values(topic_ids=[city.topics["site_noise"]]))
    assert duties(ask(0.5, 5, topic=STRAW)).transfer is None
    with changing(database) as (session, _):
        session.execute(
            update(DutyTransfer).values(topic_ids=[city.topics[STRAW]], valid_from=date(2018, 1, 1))
        )
    assert duties(ask(0.5, 5, topic=STRAW, on=date(2017, 12, 31))).transfer is None
    assert duties(ask(0.5, 5, topic=STRAW, on=date(2018, 1, 1))).transfer is not None


def test_of_two_transfers_the_newer_takes_the_duty_and_it_is_handed_over_once(
    ask: Ask, database: Database
) -> None:
    with changing(database) as (session, departments):
        session.add(
            DutyTransfer(
                uid="NEWER",
                name="新办法",
                to_department_id=departments["police"],
                from_department_ids=[departments["agriculture"], departments["reserve"]],
                valid_from=date(2020, 1, 1),
                geometry=shape(box(0, 0, KM, 10 * KM)),
            )
        )
    found = ask(0.5, 5, topic=STRAW)
    assert parts(found) == [("lead", "T1"), ("guide", "police")]
    transfer = duties(found).transfer
    assert transfer is not None
    assert transfer.name == "新办法"
