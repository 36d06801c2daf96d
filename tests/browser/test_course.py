"""A draft from its first line to its publication, by a planner and an approver in the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.test_editor import Board


def test_a_draft_is_drawn_mended_submitted_compared_and_published(visiting_own: Visiting) -> None:
    planner = visiting_own("view=planner&plan=2&lang=zh", login="planner")
    board = Board(planner, 2)
    town = board.shape("胡家镇")
    inside = town.representative_point()
    west, _, east, _ = town.bounds
    board.click(inside.x, inside.y)
    board.draw("d", (west - 0.01, inside.y), (east + 0.01, inside.y))
    board.confirm("把胡家镇划分出 2 个单元网格")
    area = board.shape("平安镇").representative_point()
    planner.page.keyboard.press("Escape")
    planner.page.keyboard.press("c")
    corners = ((-0.03, -0.02), (0.03, -0.02), (0.03, 0.02), (-0.03, 0.02))
    for dx, dy in (*corners, corners[0]):  # the first again closes it
        board.click(area.x + dx, area.y + dy)
    planner.panel.get_by_label("类型").select_option("key")
    planner.panel.get_by_label("名称").first.fill("示范重点片区")
    expect(planner.panel.locator(".took")).to_be_visible()
    planner.panel.get_by_role("button", name="确认").click()
    expect(planner.page.get_by_role("status").filter(has_text="示范重点片区")).to_be_visible()

    planner.panel.get_by_role("tab", name="检查").click()
    planner.panel.get_by_role("button", name="一次修补全部").click()
    expect(planner.panel.locator(".took")).to_be_visible()
    planner.panel.get_by_role("button", name="确认").click()
    expect(planner.page.get_by_role("status").filter(has_text="修补 2 处问题")).to_be_visible()
    planner.panel.get_by_role("tab", name="检查").click()
    planner.panel.get_by_role("button", name="提交审核").click()
    dialog = planner.page.get_by_role("dialog")
    expect(dialog.get_by_placeholder("理由").first).to_be_visible()
    for reason in dialog.get_by_placeholder("理由").all():
        reason.fill("已列入明年计划")
    dialog.get_by_role("button", name="提交").click()
    expect(planner.panel.locator(".state.in_review")).to_be_visible()

    approver = visiting_own("view=planner&plan=2&lang=zh", login="approver")
    expect(approver.panel.get_by_role("tabpanel")).to_contain_text("示范重点片区")
    expect(approver.panel.get_by_role("tabpanel")).to_contain_text("胡家镇1号单元")
    approver.panel.get_by_role("button", name="批准并发布").click()
    sheet = approver.page.get_by_role("dialog")
    sheet.get_by_label("生效日期").fill("2027-01-01")
    sheet.get_by_label("审图号").fill("辽S(2027)001号")
    with approver.page.expect_response(lambda answer: answer.url.endswith("/publish")) as published:
        sheet.get_by_role("button", name="批准并发布").click()
    assert published.value.status == 200, published.value.text()
    expect(approver.panel.locator(".state.published").first).to_be_visible()
    plans = approver.page.evaluate("fetch('/api/plans').then(answer => answer.json())")
    assert {each["id"]: each["state"] for each in plans} == {1: "superseded", 2: "published"}
    assert next(each for each in plans if each["id"] == 2)["approval_number"] == "辽S(2027)001号"
