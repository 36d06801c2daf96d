"""A draft that was a mistake is put away in the page, found again, and taken up again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from gisgrid.model import Decision, Plan, PlanState
from gisgrid.planning.drafts import begin_revision
from gisgrid.planning.recompute import recompute_plan
from gisgrid.text import Text
from tests.browser.conftest import Panjin, Size, Visiting, two

WORDS = {
    "zh": (
        "误建的草稿",
        "更多",
        "弃用草稿",
        "弃用",
        "弃用原因",
        "显示已弃用的草稿（1）",
        "恢复为草稿",
        "尚未编辑",
    ),
    "en": (
        "A mistake",
        "More",
        "Discard the draft",
        "Discard",
        "Why (kept in the decisions)",
        "Show discarded drafts (1)",
        "Restore the draft",
        "not edited yet",
    ),
}

RENAMING = """async plan => {
    const { csrf } = await (await fetch('/api/session')).json()
    const { features } = await (await fetch(`/api/plans/${plan}/grids`)).json()
    const town = features.find(each => each.properties.level === 3).properties
    const answer = await fetch(`/api/plans/${plan}/edits`, {
        method: 'POST',
        headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json', 'If-Match': town.holder_etag },
        body: JSON.stringify({ operation: 'attributes', grid: town.uid, changes: { name: '新名' } }),
    })
    return answer.status
}"""
"""Gives the first township of a plan a new name."""


@pytest.fixture
def mistake(panjin: Panjin) -> Iterator[int]:
    """A draft of the test's own; others count those that there are."""
    with panjin.database.operating() as session:
        base = session.scalars(select(Plan).where(Plan.state == PlanState.PUBLISHED)).one()
        draft = begin_revision(session, base, Text(zh=WORDS["zh"][0], en=WORDS["en"][0])).id
        recompute_plan(session, draft)
    yield draft
    with panjin.database.operating() as session:
        session.execute(delete(Decision).where(Decision.plan_id == draft))
        session.delete(session.get(Plan, draft))


@two
def test_a_draft_is_discarded_found_again_and_restored(
    visiting: Visiting, mistake: int, size: Size, lang: str
) -> None:
    name, more, button, go, why, show, restore, unedited = WORDS[lang]
    visit = visiting(f"view=planner&plan={mistake}&lang={lang}", size, "planner")
    visit.panel.get_by_role("tab", name=more, exact=True).click()
    visit.panel.get_by_role("button", name=button).click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text(name)
    expect(dialog.get_by_role("button", name=go, exact=True)).to_be_disabled()
    dialog.get_by_label(why).fill("与修订稿重复")
    dialog.get_by_role("button", name=go, exact=True).click()

    plans = visit.panel.locator(".plans li")
    expect(plans).to_have_count(2)
    expect(visit.panel).not_to_contain_text(name)
    visit.panel.get_by_label(show).check()
    row = plans.filter(has_text=name)
    expect(row).to_contain_text(unedited)
    expect(row.locator(".state.discarded")).to_be_visible()
    row.get_by_role("button").click()
    expect(visit.panel.locator(".note")).to_contain_text("与修订稿重复")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]

    visit.panel.get_by_role("button", name=restore).click()
    expect(visit.panel.locator(".editor-head .state.draft")).to_be_visible()


def test_an_approver_is_offered_no_way_to_discard(visiting: Visiting, mistake: int) -> None:
    visit = visiting(f"view=planner&plan={mistake}&lang=zh", login="approver")
    visit.panel.get_by_role("tab", name="更多", exact=True).click()
    expect(visit.panel.locator("tbody tr").first).to_be_visible()
    expect(visit.panel.get_by_role("button", name="弃用草稿")).to_have_count(0)


def test_the_list_says_who_edited_a_draft_last(visiting: Visiting, mistake: int) -> None:
    visit = visiting("view=planner&lang=zh", login="planner")
    row = visit.panel.locator(".plans li").filter(has_text="误建的草稿")
    expect(row).to_contain_text("尚未编辑")
    status = visit.page.evaluate(RENAMING, mistake)
    assert status == 201
    visit.page.reload()
    expect(row).to_contain_text("planner 于")
    expect(row).to_contain_text("最后编辑")
