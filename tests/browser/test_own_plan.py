"""The first hour with data of one's own: townships alone, and nothing published yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import pytest
from playwright.sync_api import Browser, expect

from gisgrid.accounts.directory import NewAccount, add_account
from gisgrid.audit import AuditRequest, LevelFile, PointFile
from gisgrid.importing.grids import GridImport, import_grids
from gisgrid.importing.plans import Target
from gisgrid.importing.sources import RegisterImport, import_sources
from gisgrid.model import AccountRole
from gisgrid.store.server import Server
from gisgrid.text import Text
from tests.browser.conftest import Panjin, Visiting, logging_in, visits
from tests.browser.served import served
from tests.browser.test_editor import Board
from tests.conftest import PANJIN, own_database

DRAFT = 1
PASSWORD = "a-word-that-is-long-enough"
FITTED_PX = 64


@pytest.fixture(scope="module")
def own(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """A site over a draft of Panjin's townships, which no grid is above, and its sources."""
    name = "gg_own_plan"
    towns = PANJIN / "level3.geojson"
    with own_database(server, name) as database:
        target = Target("new", Text(zh="镇级方案", en="Townships"), Text(zh="盘锦市", en="Panjin"))
        import_grids(database, GridImport(AuditRequest((LevelFile(towns, "EPSG:4490"),)), target))
        import_sources(database, RegisterImport(PointFile(PANJIN / "sources.csv", "EPSG:4490")))
        with database.operating() as session:
            add_account(session, NewAccount("boss", "首位管理员", AccountRole.ADMIN, password=PASSWORD))
        with served(server, name, tmp_path_factory.mktemp("own")) as base:
            yield Panjin(base, {"boss": PASSWORD}, tuple(gpd.read_file(towns).total_bounds), database)


@pytest.fixture
def visiting(browser: Browser, own: Panjin) -> Iterator[Visiting]:
    """Visits to that site."""
    yield from visits(browser, own, logging_in(own))


@pytest.mark.parametrize(
    ("lang", "brand", "said"), [("zh", "环境网格", "尚无"), ("en", "environmental grid", "No")]
)
def test_before_a_plan_is_published_the_site_says_so(
    visiting: Visiting, lang: str, brand: str, said: str
) -> None:
    visit = visiting(f"lang={lang}&list=1")
    expect(visit.page.locator(".brand")).to_have_text(brand)
    expect(visit.panel.locator(".empty")).to_contain_text(said)


def test_before_a_plan_is_published_the_map_shows_what_there_is(visiting: Visiting) -> None:
    visit = visiting("lang=zh")
    visit.see_map()
    expect(visit.page.locator(".legend")).to_contain_text("污染源")
    expect(visit.page.locator(".foot .at")).to_contain_text(re.compile(r"^12[12]\.\d+°E 4[01]\.\d+°N"))


def test_a_draft_of_townships_alone_comes_into_view_and_is_drawn(visiting: Visiting) -> None:
    visit = visiting("view=planner&lang=zh", login="boss")
    visit.panel.get_by_text("镇级方案").click()
    board = Board(visit, DRAFT)
    board.view = replace(board.view, padding_px=FITTED_PX)
    visit.page.get_by_role("button", name="全市范围").click()
    visit.page.wait_for_timeout(1000)
    town = board.shape("胡家镇")
    inside = town.representative_point()
    west, _, east, _ = town.bounds
    board.click(inside.x, inside.y)
    expect(visit.panel.locator("h3.doing")).to_have_text("胡家镇")
    board.draw("s", (west - 0.01, inside.y), (east + 0.01, inside.y + 0.003))
    board.confirm("分割胡家镇")
    after = board.grids()
    assert any(name.startswith("胡家镇（") for name in after)
    assert len(after) > 53
