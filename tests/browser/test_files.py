"""A planner takes a draft out in the page, changes it elsewhere, and brings it back as one edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from playwright.sync_api import Locator, expect

from gisgrid.crs.datums import wgs84_to_gcj02
from gisgrid.store.server import Server
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Panjin, Size, Visit, Visiting, panjin_site
from tests.browser.test_editor import Board
from tests.exchange_files import Edit, enciphered

HOSTILE = '<img src=x onerror="document.title=1">胡家镇'


@pytest.fixture(scope="module")
def own_panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """A site of these tests' own: what they draw, others must not see."""
    with panjin_site(server, "gg_files", tmp_path_factory.mktemp("files")) as site:
        yield site


def opened(visiting: Visiting, lang: str = "zh", size: Size = DESKTOP) -> Visit:
    """The page of a draft's files."""
    visit = visiting(f"view=planner&plan=2&lang={lang}", size, "planner")
    visit.panel.get_by_role("tab", name="更多" if lang == "zh" else "More").click()
    visit.panel.get_by_role("button", name="文件" if lang == "zh" else "Files", exact=True).click()
    return visit


def taken_out(visit: Visit, folder: Path, edit: Edit) -> Path:
    """The draft as the page gives it out, after somebody changed it elsewhere."""
    with visit.page.expect_download() as given:
        visit.panel.get_by_role("link", name="GeoPackage").click()
    out = folder / "draft.gpkg"
    given.value.save_as(out)
    grids = gpd.read_file(out)
    edit(grids)
    back = folder / "back.gpkg"
    grids.to_file(back, layer="grids")
    return back


def bring(visit: Visit, file: Path) -> Locator:
    """The rows of the difference, once it is there."""
    visit.panel.locator("input[type=file]").set_input_files(file)
    rows = visit.panel.locator("ul.checks > li")
    expect(rows.first).to_be_visible(timeout=60_000)
    return rows


def test_a_draft_goes_out_and_comes_back_as_one_edit(visiting_own: Visiting, tmp_path: Path) -> None:
    visit = opened(visiting_own)
    board = Board(visit, 2)

    def rename(grids: gpd.GeoDataFrame) -> None:
        grids.loc[grids["name"] == "胡家镇", "name"] = HOSTILE

    rows = bring(visit, taken_out(visit, tmp_path, rename))
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("改属性")
    expect(rows.first.locator("del")).to_have_text("胡家镇")
    expect(rows.first).to_contain_text(HOSTILE)  # as text, and no script ran
    assert HOSTILE not in board.grids()
    visit.panel.get_by_role("button", name="应用 1 处差别").click()
    expect(visit.page.get_by_role("status").filter(has_text="可以撤销")).to_be_visible()
    assert HOSTILE in board.grids()
    with visit.page.expect_response(lambda answer: answer.url.endswith("/edits/undo")) as undone:
        visit.page.keyboard.press("Control+z")
    assert undone.value.status == 200
    assert HOSTILE not in board.grids()
    assert visit.page.title() != "1"


def test_what_leaves_its_parent_is_refused_with_the_reason(visiting_own: Visiting, tmp_path: Path) -> None:
    visit = opened(visiting_own, "en")

    def move(grids: gpd.GeoDataFrame) -> None:
        at = grids["name"] == "胡家镇"
        grids.loc[at, "geometry"] = shapely.transform(
            grids.loc[at, "geometry"].to_numpy(), lambda xy: xy + np.array([0, 5])
        )

    rows = bring(visit, taken_out(visit, tmp_path, move))
    expect(rows.filter(has_text="胡家镇").locator("em")).to_have_text("refused")
    expect(rows.filter(has_text="胡家镇").locator(".note.bad")).to_be_visible()
    expect(visit.panel.get_by_text("Nothing of it can be applied.")).to_be_visible()


def test_a_file_without_grids_is_told_and_stays_chosen(visiting_own: Visiting, tmp_path: Path) -> None:
    visit = opened(visiting_own, "zh", PHONE)
    visit.expected.append("400|422")
    file = tmp_path / "读书笔记.geojson"
    file.write_text("these are no grids")
    visit.panel.locator("input[type=file]").set_input_files(file)
    expect(visit.panel.get_by_role("alert")).to_be_visible()
    expect(visit.panel.get_by_text("读书笔记.geojson").first).to_be_visible()
    expect(visit.panel.get_by_role("button", name="重新比较")).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize(("lang", "size"), [("zh", DESKTOP), ("en", PHONE)], ids=["zh", "en-phone"])
def test_a_file_in_the_coordinates_of_a_web_map_is_read_as_it_is_said(
    visiting_own: Visiting, tmp_path: Path, lang: str, size: Size
) -> None:
    visit = opened(visiting_own, lang, size)
    visit.expected.append("400")
    visit.panel.locator("input[type=file]").set_input_files(
        taken_out(visit, tmp_path, enciphered(wgs84_to_gcj02))
    )
    problem = visit.panel.get_by_role("alert")
    expect(problem).to_contain_text("GCJ-02", timeout=60_000)
    visit.page.screenshot(path=tmp_path / "shifted.png")
    visit.panel.get_by_label("坐标系" if lang == "zh" else "Coordinate system").select_option("gcj02")
    none = "文件与草稿没有差别。" if lang == "zh" else "The file does not differ from the draft."
    expect(visit.panel.get_by_text(none)).to_be_visible(timeout=60_000)
    expect(problem).to_have_count(0)
