"""Drafts as GIS programs change them: tokens, features, and what the audit says afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from gisgrid.accounts.tokens import Scope, make_token
from gisgrid.planning.rechecking import findings_of
from gisgrid.planning.recompute import recompute_plan
from gisgrid.store.database import Database
from tests.city import TOKENS, City
from tests.exchange_files import box

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ANY = {"If-Match": "*"}
"""That the last writer wins, for one change."""


def token_of(database: Database, login: str, *scopes: Scope) -> str:
    """A new access token of an account."""
    with database.bearer(TOKENS[login]) as session:
        account = session.execute(text("SELECT gisgrid.acting_account()")).scalar_one()
        return make_token(session, account, name="QGIS", scopes=scopes, days=1).token


def program(app: FastAPI, token: str, lang: str = "en") -> TestClient:
    """A program with an access token."""
    return TestClient(app, headers={"Authorization": f"Bearer {token}", "Accept-Language": lang})


def feature(shape: shapely.Geometry | None, *, turned: bool = False, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature; `turned`: latitude first."""
    if shape is not None and turned:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    geometry = None if shape is None else shapely.geometry.mapping(shape)
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def rounded(shape: shapely.Geometry, decimals: int = 6) -> shapely.Geometry:
    """As QGIS writes it into a feature: to six decimals, about 10 cm."""
    return shapely.transform(shape, lambda xy: np.round(xy, decimals))


def area_km2(gis: TestClient, items: str, uid: str) -> float:
    """What a grid has now."""
    (found,) = gis.get(f"{items}?uid={uid}").json()["features"]
    return float(found["properties"]["area_m2"]) / 1e6


def mended(gis: TestClient, items: str, city: City) -> None:
    """The draft without the overlap in the west and the gap in the east, as features are written."""
    t2 = feature(box(5, 0, 10, 10), name="二镇", category="镇")
    assert gis.put(f"{items}/{city.draft_grids['T2']}", json=t2, headers=ANY).status_code == 204
    t4 = feature(box(15, 0, 20, 10), name="四镇", level=3, uid=None, kind=None, parent_uid=None, code="")
    assert gis.post(items, json=t4, headers=ANY).status_code == 201


def audited(database: Database, city: City) -> list[str]:
    """What a whole audit of the draft finds."""
    with database.operating() as session:
        recompute_plan(session, city.draft)
        return [f"{each.kind} {each.area_m2:.3f} m²" for each in findings_of(session, city.draft)]
