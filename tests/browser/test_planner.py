"""What a planner sees: drafts and published plans, and their findings."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Size, Visiting, four


@four
def test_a_planner_opens_a_draft_and_sees_its_findings(visiting: Visiting, size: Size, lang: str) -> None:
    zh = lang == "zh"
    visit = visiting(f"view=planner&lang={lang}", size, "planner")
    plans = visit.panel.locator(".plans li")
    expect(plans).to_have_count(2)
    expect(plans.locator(".state.draft")).to_have_text("草稿" if zh else "draft")
    expect(plans.locator(".state.published")).to_have_text("已发布" if zh else "published")
    plans.filter(has=visit.page.locator(".state.draft")).get_by_role("button").click()
    expect(visit.panel.locator("h2.title")).to_have_text("2026 修订稿" if zh else "Revision 2026")
    visit.panel.get_by_role("tab", name="更多" if zh else "More", exact=True).click()
    expect(visit.panel.locator("tbody tr")).to_have_count(16)
    visit.panel.get_by_role("button", name="网格清单" if zh else "List of grids", exact=True).click()
    expect(visit.panel.locator("tbody tr").first).to_contain_text("盘锦市")
    visit.see_map()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_draft_is_drawn_from_its_own_tiles(visiting: Visiting) -> None:
    visit = visiting("view=public&lang=zh", login="planner")
    with visit.page.expect_request(lambda asked: "/tiles/grids/" in asked.url and "plan=2" in asked.url):
        visit.page.goto(f"{visit.panjin.base}/#view=planner&plan=2&lang=zh")


def test_an_officer_has_no_drafts(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=2&lang=zh&list=1", login="officer")
    expect(visit.page.get_by_role("button", name="分析", exact=True)).to_be_visible()
    expect(visit.page.get_by_role("button", name="规划", exact=True)).to_have_count(0)
    expect(visit.panel.locator("h2.title")).to_have_text("这里由谁负责？")
    plans = visit.page.evaluate("fetch('/api/plans').then(answer => answer.json())")
    assert {each["state"] for each in plans} == {"published"}


def test_a_plan_that_is_not_there_leads_to_the_list(visiting: Visiting) -> None:
    visit = visiting("view=planner&plan=999&lang=en&list=1", login="planner")
    visit.expected.append("404")
    expect(visit.panel.locator(".plans li")).to_have_count(2)
