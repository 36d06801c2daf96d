"""Real outlines as QGIS sends them back: one feature at a time, rounded to ten centimetres."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from gisgrid.accounts.demo import demo_accounts
from gisgrid.accounts.tokens import Scope, make_token
from gisgrid.planning.rechecking import findings_of
from gisgrid.planning.recompute import recompute_plan
from gisgrid.settings import Settings
from gisgrid.store.database import Database
from tests.api.ogc.drafting import program, rounded


@dataclass
class Editing:
    """Panjin's draft, and a program that may change it and names no version."""

    database: Database
    plan: int
    gis: TestClient
    items: str

    def features(self) -> dict[str, dict[str, Any]]:
        """All grids by uid."""
        found = self.gis.get(f"{self.items}?limit=1000").json()["features"]
        return {each["properties"]["uid"]: each for each in found}

    def put(self, feature: dict[str, Any], shape: shapely.Geometry) -> Any:
        """Replace a grid as QGIS does."""
        content = json.dumps({**feature, "geometry": shapely.geometry.mapping(rounded(shape))})
        headers = {"Content-Type": "application/geo+json"}
        return self.gis.put(f"{self.items}/{feature['id']}", content=content, headers=headers)

    def audited(self) -> Counter[str]:
        """What a whole audit finds: how many of each kind."""
        with self.database.operating() as session:
            recompute_plan(session, self.plan)
            return Counter(str(each.kind) for each in findings_of(session, self.plan))


@pytest.fixture
def editing(panjin_data: Database, settings: Settings) -> Editing:
    """The demo region, edited by its planner."""
    demo_accounts(panjin_data, settings.data_dir / "accounts.json")
    with panjin_data.operating() as session:
        plan = session.execute(text("SELECT id FROM gisgrid.plan WHERE state = 'draft'")).scalar_one()
        account = session.execute(text("SELECT id FROM gisgrid.account WHERE login = 'planner'")).scalar_one()
        scopes = [Scope.WRITE, Scope.LAST_WRITER]
        token = make_token(session, account, name="QGIS", scopes=scopes, days=1).token
    gis = program(create_app(settings, panjin_data), token)
    return Editing(panjin_data, plan, gis, f"/ogc/collections/draft-{plan}/items")


def test_outlines_that_come_back_rounded_change_nothing(editing: Editing) -> None:
    features = editing.features()
    assert len(features) > 50
    for feature in features.values():
        answer = editing.put(feature, shapely.geometry.shape(feature["geometry"]))
        assert answer.status_code == 204, (feature["properties"]["name"], answer.text)
        assert "x-gisgrid-edit" not in answer.headers, feature["properties"]["name"]
    assert editing.features() == features


def test_borders_moved_one_feature_at_a_time_give_the_audit_nothing_new(editing: Editing) -> None:
    before = editing.audited()
    moved = 0
    for uid, feature in editing.features().items():
        if feature["properties"]["level"] != 3 or feature["properties"]["kind"] != "administrative":
            continue
        now = editing.features()
        own = shapely.geometry.shape(now[uid]["geometry"])
        parent = shapely.geometry.shape(now[feature["properties"]["parent_uid"]]["geometry"])
        corners = shapely.points(shapely.get_coordinates(own))
        inside = corners[shapely.distance(corners, parent.boundary) > 0.005]
        if not len(inside) or not shapely.covers(
            parent.buffer(1e-8), own
        ):  # some protrude from the beginning
            continue
        answer = editing.put(now[uid], shapely.union(own, inside[0].buffer(0.002)))
        assert answer.status_code == 204, (feature["properties"]["name"], answer.text)
        assert "x-gisgrid-edit" in answer.headers
        moved += 1
    assert moved > 5
    assert editing.audited() <= before  # some gaps were filled
