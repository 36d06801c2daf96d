"""A planner asks for unit grids and key areas, looks at several, takes one, and confirms it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shapely
from playwright.sync_api import expect

from gisgrid.store.server import Server
from tests.browser.chromium import PHONE
from tests.browser.conftest import Panjin, Visiting, panjin_site
from tests.browser.test_editor import Board


@pytest.fixture(scope="module")
def own_panjin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panjin]:
    """A site of these tests' own: what they draw, others must not see."""
    with panjin_site(server, "gg_suggest", tmp_path_factory.mktemp("suggest")) as site:
        yield site


def test_a_planner_takes_one_of_several_suggested_plans(visiting_own: Visiting) -> None:
    visit = visiting_own("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    town = board.shape("统一镇")
    inside = town.representative_point()
    board.click(inside.x, inside.y)
    visit.panel.get_by_role("tab", name="建议").click()
    expect(visit.panel.locator("h3.doing")).to_have_text("统一镇")
    visit.panel.get_by_label("单元数").fill("5")
    visit.panel.get_by_role("button", name="给出方案").click()
    cards = visit.panel.locator(".cards > li")
    expect(cards.nth(1)).to_be_visible()
    expect(cards.first).to_contain_text("最均衡")
    expect(cards.first.locator("tbody tr")).to_have_count(5)
    cards.nth(1).get_by_role("button", name="看").click()
    expect(cards.nth(1).locator("tbody tr")).to_have_count(5)
    expect(cards.first.locator("tbody tr")).to_have_count(0)
    cards.nth(1).get_by_role("button", name="采用").click()
    expect(visit.panel.locator(".took")).to_be_visible()
    expect(visit.panel).to_contain_text("没有新的空白和重叠")
    assert not [name for name in board.grids() if name.startswith("统一镇") and "单元" in name]
    visit.panel.get_by_role("button", name="采用这个方案").click()
    expect(visit.page.get_by_role("status").filter(has_text="统一镇采用 5 个单元网格的建议")).to_be_visible()
    grids = board.grids()
    units = [each for name, each in grids.items() if name.startswith("统一镇") and "单元" in name]
    assert len(units) == 5
    assert {each["properties"]["basis"] for each in units} == {"targets"}
    shapes = [shapely.geometry.shape(each["geometry"]) for each in units]
    assert shapely.union_all(shapes).symmetric_difference(board.shape("统一镇")).area < 1e-13
    with visit.page.expect_response(lambda answer: answer.url.endswith("/edits/undo")) as undone:
        visit.page.keyboard.press("Control+z")
    assert undone.value.status == 200
    assert not [name for name in board.grids() if name.startswith("统一镇") and "单元" in name]


def test_a_planner_carves_a_suggested_key_area(visiting_own: Visiting) -> None:
    visit = visiting_own("view=planner&plan=2&lang=zh", login="planner")
    board = Board(visit, 2)
    visit.panel.get_by_role("tab", name="建议").click()
    visit.panel.get_by_role("button", name="重点区域").click()
    expect(visit.panel.locator("h3.doing")).to_have_text("全部辖区")
    first = visit.panel.locator(".cards > li").first
    expect(first).to_contain_text("内有污染源")
    expect(first).to_contain_text("敏感目标")
    first.get_by_role("button", name="按此划出").click()
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.panel.get_by_role("button", name="确认").click()
    done = visit.page.get_by_role("status").filter(has_text="盘锦市重点监管单元 1")
    expect(done).to_be_visible()
    made = board.grids()["盘锦市重点监管单元 1"]["properties"]
    assert (made["kind"], made["basis"], made["supervising_level"]) == ("key", "key_area", 1)
    with visit.page.expect_response(lambda answer: answer.url.endswith("/edits/undo")):
        visit.page.keyboard.press("Control+z")


def test_suggestions_fit_a_phone_in_english(visiting_own: Visiting) -> None:
    visit = visiting_own("view=planner&plan=2&lang=en", PHONE, "planner")
    visit.panel.get_by_role("tab", name="Suggest").click()
    expect(visit.panel).to_contain_text("First click a grid on the map")
    visit.panel.get_by_role("button", name="Key areas").click()
    expect(visit.panel.locator(".cards > li").first).to_contain_text("sources")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_who_may_not_draw_is_offered_no_suggestions(visiting_own: Visiting) -> None:
    visit = visiting_own("view=planner&plan=2&lang=zh", login="approver")
    expect(visit.panel.get_by_role("tab", name="比对")).to_be_visible()
    expect(visit.panel.get_by_role("tab", name="建议")).to_have_count(0)
