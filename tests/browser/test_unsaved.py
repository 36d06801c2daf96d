"""What is on the board and not saved yet: left by Esc, taken back first, confirmed only where it is seen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit, Visiting
from tests.browser.test_editor import opened

REPAIR_ALL = "一次修补全部"
TOUCHING = """async plan => {
    const { features } = await (await fetch(`/api/plans/${plan}/grids?bbox=121,40,123,42`)).json()
    const corners = geometry => new Set(JSON.stringify(geometry).match(/\\[1[\\d.]+,4[\\d.]+\\]/g))
    const towns = features.filter(each => each.properties.level === 3)
        .map(each => [each.properties, corners(each.geometry)])
    for (const [one, its] of towns) for (const [other, theirs] of towns)
        if (one !== other && one.parent_uid === other.parent_uid
            && [...its].filter(each => theirs.has(each)).length > 3) return [one.name, other.name]
}"""
"""Two townships with a boundary in common."""


def proposed(visit: Visit) -> None:
    """A repair, as it would be done."""
    visit.panel.get_by_role("tab", name="检查").click()
    visit.panel.get_by_role("button", name=REPAIR_ALL).click()
    expect(visit.panel.locator(".took")).to_be_visible()


def edits(visit: Visit, plan: int) -> list[dict[str, Any]]:
    """The history of a draft, the latest first."""
    found: dict[str, Any] = visit.page.evaluate(
        "plan => fetch(`/api/plans/${plan}/edits`).then(answer => answer.json())", plan
    )
    return list(found["edits"])


def test_escape_leaves_what_was_proposed(visiting: Visiting, draft: int) -> None:
    visit, _ = opened(visiting, draft)
    proposed(visit)
    visit.page.keyboard.press("Escape")
    expect(visit.panel.locator(".confirm-bar")).to_have_count(0)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_timeout(500)
    assert edits(visit, draft) == []


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_enter_in_another_tab_shows_what_is_proposed_and_does_not_do_it(
    visiting: Visiting, draft: int, size: dict[str, int] | None
) -> None:
    visit = visiting(f"view=planner&plan={draft}&lang=zh", *([size] if size else []), login="planner")
    proposed(visit)
    visit.panel.get_by_role("tab", name="批注").click()
    expect(visit.panel.locator(".confirm-bar")).to_contain_text("有修改尚未确认")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= visit.size["width"]
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.keyboard.press("Enter")
    expect(visit.panel.get_by_role("tab", name="编辑")).to_have_attribute("aria-selected", "true")
    expect(visit.panel.get_by_role("button", name="确认修补")).to_be_visible()
    assert edits(visit, draft) == []


def test_undo_takes_back_what_is_proposed_and_then_what_is_saved(visiting: Visiting, draft: int) -> None:
    visit, _ = opened(visiting, draft)
    proposed(visit)
    visit.panel.get_by_role("button", name="确认修补").click()
    expect(visit.page.get_by_role("status").filter(has_text="可以撤销")).to_be_visible()
    visit.panel.get_by_role("tab", name="建议").click()
    visit.panel.get_by_role("button", name="重点区域").click()
    visit.panel.get_by_role("button", name="按此划出").first.click()
    expect(visit.panel.locator(".took")).to_be_visible()
    visit.page.keyboard.press("Control+z")
    expect(visit.panel.locator(".confirm-bar")).to_have_count(0)
    assert [each["state"] for each in edits(visit, draft)] == ["applied"]
    with visit.page.expect_response(lambda answer: answer.url.endswith("/edits/undo")):
        visit.page.keyboard.press("Control+z")
    expect(visit.page.locator(".edit-toast span")).to_have_text("撤销：修补 2 处问题")


def test_undo_takes_back_a_finished_line_and_leaves_a_boundary_that_was_not_bent(
    visiting: Visiting, draft: int
) -> None:
    visit, board = opened(visiting, draft)
    one, other = visit.page.evaluate(TOUCHING, draft)
    first, second = (board.shape(each).representative_point() for each in (one, other))
    board.click(first.x, first.y)
    board.draw("s", (first.x - 0.2, first.y), (first.x + 0.2, first.y))
    visit.page.keyboard.press("Enter")
    expect(visit.panel.get_by_role("button", name="重画")).to_be_visible()
    with visit.page.expect_response(lambda answer: "preview" in answer.url):
        visit.page.keyboard.press("Control+z")
        expect(visit.panel.get_by_role("button", name="重画")).to_have_count(0)
        expect(visit.panel).to_contain_text("在地图上画线")
        visit.page.keyboard.press("b")
        board.click(second.x, second.y)
    visit.page.keyboard.press("Escape")
    expect(visit.panel.locator(".edit-tool[aria-pressed=true]")).to_have_count(0)
    expect(visit.page.locator(".edit-tool[aria-pressed=true]")).to_contain_text("选择")
