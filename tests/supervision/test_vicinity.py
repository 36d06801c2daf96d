"""What is around a source or a point, when asked."""

from __future__ import annotations

import pytest
import shapely
from geoalchemy2.shape import from_shape

from gisgrid.model import Receptor, SourceUnit
from gisgrid.spatial.surroundings import NO_KIND
from gisgrid.store.database import Database
from gisgrid.supervision import vicinity
from gisgrid.supervision.errors import UnknownSource, UnusableRadius
from gisgrid.supervision.place import Place
from gisgrid.supervision.vicinity import Vicinity, around_place, around_source
from tests.city import KM, TOKENS, City, point, shape
from tests.squares import box, place


def around(database: Database, city: City, uid: str, radius_m: float, login: str = "analyst") -> Vicinity:
    with database.bearer(TOKENS[login]) as session:
        return around_source(session, city.sources[uid], radius_m)


def test_a_school_300_m_east_is_found_within_500_m(database: Database, city: City) -> None:
    found = around(database, city, "S1", 500)
    school = found.receptors[0]
    assert (found.count, school.name, school.kind, school.direction) == (1, "示例小学", "学校", "E")
    assert school.distance_m == pytest.approx(300, rel=1e-3)
    assert school.bearing_deg == pytest.approx(90, abs=0.1)
    assert [(each.kind, each.count) for each in found.kinds] == [("学校", 1)]


def test_a_point_is_an_estimate_and_a_unit_is_measured_from_its_outline(
    database: Database, city: City
) -> None:
    assert around(database, city, "S1", 500).centre.is_estimate
    with database.operating() as session:
        outline = box(1.8 * KM, 4.8 * KM, 2.2 * KM, 5.2 * KM)
        session.add(SourceUnit(source_id=city.sources["S1"], name="罐区", geometry=shape(outline)))
    found = around(database, city, "S1", 150)
    assert not found.centre.is_estimate
    assert found.receptors[0].distance_m == pytest.approx(100, rel=1e-3)
    assert around(database, city, "S1", 99).count == 0


def test_a_receptor_that_touches_the_unit_is_at_no_distance_and_in_no_direction(
    database: Database, city: City
) -> None:
    with database.operating() as session:
        outline = box(1.8 * KM, 4.8 * KM, 2.5 * KM, 5.2 * KM)
        session.add(SourceUnit(source_id=city.sources["S1"], name="罐区", geometry=shape(outline)))
    school = around(database, city, "S1", 10).receptors[0]
    assert (school.distance_m, school.bearing_deg, school.direction) == (0.0, None, None)


def test_lines_and_polygons_are_measured_from_their_edge(database: Database, city: City) -> None:
    river = place(shapely.LineString([(0, 4600), (20_000, 4600)]))
    reserve = box(2 * KM, 5.2 * KM, 3 * KM, 6 * KM)
    with database.operating() as session:
        for uid, kind, geometry in (("R2", "河流", river), ("R3", None, reserve)):
            session.add(
                Receptor(
                    uid=uid,
                    name=uid,
                    kind=kind,
                    location="given",
                    grid_path=["CITY"],
                    geometry=from_shape(geometry, srid=4490),
                )
            )
    found = around(database, city, "S1", 450)
    assert [each.kind for each in found.receptors] == [NO_KIND, "学校", "河流"]
    assert [round(each.distance_m, -1) for each in found.receptors] == [200, 300, 400]
    assert [each.direction for each in found.receptors] == ["N", "E", "S"]


def test_a_circle_anywhere_works_as_well(database: Database, city: City) -> None:
    with database.bearer(TOKENS["analyst"]) as session:
        found = around_place(session, Place(*point(2.3, 6).coords[0]), 1001)
    assert found.centre.is_estimate
    assert found.centre.name is None
    assert [each.direction for each in found.receptors] == ["S"]


def test_more_than_can_be_listed_are_counted(
    database: Database, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.operating() as session:
        session.add_all(
            Receptor(
                uid=f"N{n}",
                name=f"住户{n}",
                kind="居民区",
                location="given",
                grid_path=["CITY"],
                geometry=shape(point(2 + n / 1000, 5)),
            )
            for n in range(1, 21)
        )
    monkeypatch.setattr(vicinity, "MOST_LISTED", 5)
    found = around(database, city, "S1", 500)
    assert found.count == 21
    assert [each.name for each in found.receptors] == [f"住户{n}" for n in range(1, 6)]
    assert [(each.kind, each.count) for each in found.kinds] == [("居民区", 20), ("学校", 1)]


def test_receptors_outside_the_jurisdiction_are_not_seen(database: Database, city: City) -> None:
    with database.operating() as session:
        east = Receptor(
            uid="R4",
            name="东小学",
            kind="学校",
            location="given",
            grid_path=["CITY", "EAST", "T3"],
            geometry=shape(point(10.1, 5)),
        )
        session.add(east)
    centre = Place(*point(9.9, 5).coords[0])
    with database.bearer(TOKENS["analyst"]) as session:
        assert around_place(session, centre, 500).count == 1
    with database.bearer(TOKENS["west"]) as session:
        assert around_place(session, centre, 500).count == 0


def test_a_source_outside_the_jurisdiction_is_unknown(database: Database, city: City) -> None:
    with pytest.raises(UnknownSource):
        around(database, city, "S3", 500, login="west")
    with database.bearer(TOKENS["analyst"]) as session, pytest.raises(UnknownSource):
        around_source(session, 999_999, 500)


def test_a_radius_out_of_range_is_refused(database: Database, city: City) -> None:
    for radius_m in (0.0, 0.9, -5.0, 20_000.1, float("nan"), float("inf")):
        with pytest.raises(UnusableRadius):
            around(database, city, "S1", radius_m)
