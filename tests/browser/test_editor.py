"""A planner draws in a draft: divides, merges, draws a key grid, moves a boundary, takes back."""

from __future__ import annotations

from typing import Any

import shapely
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit, Visiting
from tests.browser.mercator import View


class Board:
    """The map of an opened draft, as a hand with a mouse uses it."""

    def __init__(self, visit: Visit, draft: int) -> None:
        self.visit, self.page, self.draft = visit, visit.page, draft
        visit.expected.append("422")  # a line that is still being drawn cuts nothing yet
        self.page.locator(".edit-tools").wait_for(timeout=30_000)
        visit.see_map()
        box = self.page.locator(".map-canvas").bounding_box()
        assert box is not None
        self.left, self.top = box["x"], box["y"]
        tools = self.page.locator(".edit-tools").bounding_box()
        assert tools is not None
        left = tools["x"] + tools["width"] - self.left
        self.view = View(visit.panjin.bounds, box["width"], box["height"], left_px=left)

    def grids(self) -> dict[str, dict[str, Any]]:
        """The grids of the draft by name."""
        west, south, east, north = self.visit.panjin.bounds
        address = f"/api/plans/{self.draft}/grids?bbox={west},{south},{east},{north}"
        found = self.page.evaluate("address => fetch(address).then(answer => answer.json())", address)
        return {each["properties"]["name"]: each for each in found["features"]}

    def shape(self, name: str) -> Any:
        """The outline of a grid."""
        return shapely.geometry.shape(self.grids()[name]["geometry"])

    def click(self, lon: float, lat: float) -> None:
        """Move there, and click."""
        x, y = self.view.pixel(lon, lat)
        self.page.mouse.move(self.left + x, self.top + y, steps=4)
        self.page.mouse.click(self.left + x, self.top + y)
        self.page.wait_for_timeout(350)  # two clicks sooner would be a double click

    def draw(self, tool: str, *places: tuple[float, float]) -> None:
        """Take a tool, draw, and see what would come of it."""
        self.page.keyboard.press(tool)
        for place in places:
            self.click(*place)
        expect(self.visit.panel.locator(".took")).to_be_visible()

    def confirm(self, said: str) -> None:
        """Finish what is drawn, confirm it, and read that it was done."""
        self.page.keyboard.press("Enter")
        expect(self.visit.panel.locator(".took")).to_be_visible()
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("status").filter(has_text=said)).to_be_visible()


def opened(visiting: Visiting, draft: int) -> tuple[Visit, Board]:
    """The draft in the editor."""
    visit = visiting(f"view=planner&plan={draft}&lang=zh", login="planner")
    return visit, Board(visit, draft)


def test_a_planner_draws_a_draft(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    town = board.shape("胡家镇")
    inside = town.representative_point()
    west, _, east, _ = town.bounds
    board.click(inside.x, inside.y)
    board.draw("d", (west - 0.01, inside.y), (east + 0.01, inside.y))
    expect(visit.panel).to_contain_text("没有新的空白和重叠")
    board.confirm("把胡家镇划分出 2 个单元网格")
    units = [name for name in board.grids() if name.startswith("胡家镇") and "单元" in name]
    assert len(units) == 2
    halves = [board.shape(name) for name in units]
    assert shapely.union_all(halves).symmetric_difference(board.shape("胡家镇")).area < 1e-13
    second = board.shape("胡家镇2号单元").representative_point()
    expect(visit.panel.locator("h3.doing")).to_have_text("胡家镇1号单元")  # what came is chosen
    visit.page.keyboard.press("m")
    board.click(second.x, second.y)
    expect(visit.panel.locator("h3.doing")).to_have_text("合并 胡家镇1号单元、胡家镇2号单元")
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("status").filter(has_text="并入")).to_be_visible()
    assert len([name for name in board.grids() if name.startswith("胡家镇") and "单元" in name]) == 1
    with visit.page.expect_response(lambda answer: answer.url.endswith("/edits/undo")) as undone:
        visit.page.keyboard.press("Control+z")
    assert undone.value.status == 200
    assert len([name for name in board.grids() if name.startswith("胡家镇") and "单元" in name]) == 2
    visit.panel.get_by_role("tab", name="历史").click()
    expect(visit.panel.get_by_role("tabpanel")).to_contain_text("把胡家镇划分出 2 个单元网格")


def test_a_refusal_says_where_and_what_to_do(visiting: Visiting, draft: int) -> None:
    visit, board = opened(visiting, draft)
    inside = board.shape("平安镇").representative_point()
    board.click(inside.x, inside.y)
    visit.page.keyboard.press("s")
    board.click(inside.x - 0.005, inside.y)
    board.click(inside.x + 0.005, inside.y)
    visit.page.keyboard.press("Enter")
    expect(visit.panel.get_by_role("alert")).to_contain_text("没有切开")


def test_a_draft_fits_a_phone(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh", PHONE, "planner")
    expect(visit.panel.locator("h2.title")).to_have_text("2026 修订稿")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
