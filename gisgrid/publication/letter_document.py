"""A responsibility letter (环境监管责任状) as a document to be completed, printed and signed.

What the plan knows is filled in; what people must decide is left as blank lines.
Clauses follow what a grid plan asks for: area, persons, duties, tasks, rewards and
penalties (五定), each level answering for its land.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gisgrid.model import DutyRole, PlanState, SourceClass
from gisgrid.planning.letter_facts import LetterFacts, Party, SubGrid
from gisgrid.publication.word_file import WordFile, plain
from gisgrid.text import Lang, Text

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_LISTED: Final = 60
"""Grids that the annex lists; a county has some twenty townships."""

_TITLE: Final = Text("环境监管责任状", "Environmental Supervision Responsibility Letter")
_VACANT: Final = Text("空缺", "vacant")
_BLANK: Final = "＿" * 12
_LINE: Final = "＿" * 27
_DATE: Final = Text("　　　　年　　月　　日", "date: ____ /__ /__")
_MARKS: Final = {
    PlanState.DRAFT: Text("草稿　未经审核", "DRAFT - not reviewed"),
    PlanState.IN_REVIEW: Text("方案审核中　未经批准", "PLAN IN REVIEW - not approved"),
    PlanState.SUPERSEDED: Text("所依据的方案已废止", "THE PLAN IS SUPERSEDED"),
    PlanState.DISCARDED: Text("所依据的草稿已弃用", "THE DRAFT WAS DISCARDED"),
}
_CLASSES: Final = (
    (SourceClass.A, Text("A 类", "Class A"), Text("简化监管", "simplified")),
    (SourceClass.B, Text("B 类", "Class B"), Text("常规监管", "routine")),
    (SourceClass.C, Text("C 类", "Class C"), Text("强化监管", "enhanced")),
    (SourceClass.UNDETERMINED, Text("待定", "Unclassed"), Text("先行定类", "to be classed")),
)
_ROLES: Final = {
    DutyRole.LEAD: Text("牵头负责", "leads"),
    DutyRole.GUIDE: Text("指导", "guides"),
    DutyRole.ASSIST: Text("配合", "assists"),
}


def letter_document(facts: LetterFacts, lang: Lang) -> bytes:
    """The letter as an editable .docx file.

    Parameters
    ----------
    facts : LetterFacts
        Names are text, whatever is in them.
    lang : Lang
    """
    return _Writing(facts, lang).bytes()


class _Writing:
    """One letter in one language."""

    def __init__(self, facts: LetterFacts, lang: Lang) -> None:
        self._facts, self._lang = facts, lang
        self._upper, self._lower = plain(facts.upper.grid.name), plain(facts.lower.grid.name)
        self._file = WordFile(f"{_TITLE.of(lang)} {self._upper} {self._lower}", lang, facts.made_on)

    def bytes(self) -> bytes:
        mark = _MARKS.get(self._facts.plan.state)
        if mark is not None:
            self._file.header(mark.of(self._lang))
        self._file.footer(self._origin())
        self._file.title(_TITLE.of(self._lang))
        self._file.right(self._say(f"编号：{_BLANK}", "No. ____________"))
        self._parties()
        self._area()
        self._sources()
        self._tasks()
        self._clauses()
        self._signatures()
        self._annex()
        return self._file.bytes()

    def _say(self, zh: str, en: str) -> str:
        return zh if self._lang is Lang.ZH else en

    def _of(self, words: Text) -> str:
        return plain(words.of(self._lang) or words.zh)

    def _plan(self) -> str:
        plan = self._facts.plan
        return self._say(
            f"《{self._of(plan.territory)}网格化环境监管划分方案（{self._of(plan.title)}）》",
            f"the plan of environmental-supervision grids of {self._of(plan.territory)} "
            f"({self._of(plan.title)})",
        )

    def _origin(self) -> str:
        plan, day = self._facts.plan, self._facts.made_on.isoformat()
        number = plain(plan.approval_number or "") or self._say("未经审核", "not reviewed")
        indicative = (
            self._say(" · 界线为示意", " · boundaries indicative") if self._facts.is_indicative else ""
        )
        return self._say(
            f"{self._of(plan.territory)} {self._of(plan.title)} · 审图号：{number}{indicative} · {day} 生成",
            f"{self._of(plan.territory)}, {self._of(plan.title)} · map approval: {number}{indicative} · "
            f"drawn up {day}",
        )

    def _parties(self) -> None:
        upper, lower = self._facts.upper, self._facts.lower
        heads = (
            self._say("甲方（上级网格）", "Party A (upper grid)"),
            self._say("乙方（下级网格）", "Party B (lower grid)"),
        )
        rows = [
            ("", *heads),
            (self._say("网格", "Grid"), self._upper, self._lower),
            (self._say("级别", "Level"), self._of(upper.level_name), self._of(lower.level_name)),
            (self._say("责任主体", "Subject"), self._body(upper), self._body(lower)),
            (self._say("第一责任人", "First responsible"), self._post(upper), self._post(lower)),
            (self._say("姓名", "Name"), self._person(upper), self._person(lower)),
        ]
        widths = (32, 62, 62) if self._lang is Lang.ZH else (40, 58, 58)
        self._file.table(rows, widths, has_head=True, labels=1, centred=True)
        self._file.paragraph(
            self._say(
                "为落实环境保护属地责任，做到网格全覆盖、责任到岗到人，依据《中华人民共和国环境保护法》"
                f"《国务院办公厅关于加强环境监管执法的通知》（国办发〔2014〕56号）和{self._plan()}，"
                "甲乙双方签订本责任状。",
                "So that all land is covered and each post answers for its own, the parties sign this letter "
                "under the Environmental Protection Law of the People's Republic of China, the Notice of the "
                "General Office of the State Council on Strengthening Environmental Supervision and Law "
                f"Enforcement (Guobanfa [2014] No. 56), and {self._plan()}.",
            )
        )

    def _body(self, party: Party) -> str:
        return plain(party.body) if party.body else _BLANK

    def _post(self, party: Party) -> str:
        return plain(party.title) if party.title else self._say("＿" * 8, "________________")

    def _person(self, party: Party) -> str:
        """A vacancy is said, and there is room for whoever fills it."""
        return plain(party.person) if party.person else f"{_VACANT.of(self._lang)} ＿＿＿＿＿＿"

    def _area(self) -> None:
        facts = self._facts
        self._file.heading(self._say("一、责任区域", "1. Territory"))
        rows = [
            (self._say("网格编码", "Code"), plain(facts.lower.code or "") or self._say("无", "none")),
            (self._say("面积", "Area"), _km2(facts.area_m2)),
            (self._say("下级网格", "Grids below"), self._names(facts.children)),
            (self._say("单元网格", "Unit grids"), self._names(facts.units)),
            (self._say("重点监管单元网格", "Key unit grids"), self._names(facts.keys)),
            (self._say("监管人员", "Supervisors"), self._staff()),
        ]
        self._file.table(rows, (42, 114), labels=1)

    def _names(self, grids: Sequence[SubGrid]) -> str:
        if not grids:
            return self._say("无", "none")
        listed = [plain(each.name) for each in grids[:12]]
        more = self._say("等", ", …") if len(grids) > len(listed) else ""
        names = self._say("、", ", ").join(listed)
        return self._say(f"{len(grids)} 个：{names}{more}", f"{len(grids)}: {names}{more}")

    def _staff(self) -> str:
        """At least two named people where there is no office of its own (the plan's A11)."""
        facts = self._facts
        vacant = facts.staff_posts - len(facts.staff)
        names = self._say("、", ", ").join(plain(name) for name in facts.staff[:12])
        if not facts.staff_posts:
            return self._say(f"空缺 {_BLANK}", f"{_VACANT.en} {_BLANK}")
        said = self._say(
            f"岗位 {facts.staff_posts} 个，在岗 {len(facts.staff)} 人",
            f"{facts.staff_posts} posts, {len(facts.staff)} filled",
        )
        if vacant:
            said += self._say(f"，空缺 {vacant} 个", f", {vacant} {_VACANT.en}")
        return said + (self._say(f"：{names}", f": {names}") if names else "")

    def _sources(self) -> None:
        counts = [self._facts.sources.get(each, 0) for each, _, _ in _CLASSES]
        self._file.heading(self._say("二、监管对象", "2. What is supervised"))
        rows = [
            (
                self._say("污染源", "Sources"),
                *(name.of(self._lang) for _, name, _ in _CLASSES),
                self._say("合计", "Total"),
            ),
            (self._say("数量（个）", "Number"), *(str(each) for each in counts), str(sum(counts))),
            (
                self._say("监管方式", "Supervision"),
                *(way.of(self._lang) for _, _, way in _CLASSES),
                "",
            ),
        ]
        self._file.table(rows, (32, 25, 25, 25, 28, 21), has_head=True, labels=1, centred=True)

    def _tasks(self) -> None:
        facts = self._facts
        self._file.heading(self._say("三、乙方任务", "3. Party B's tasks"))
        for words in (
            self._say(
                "1. 责任区域内的土地和污染源全部落实到网格、岗位和人员，不留死角和盲区。",
                "1. All land and every source in the territory has a grid, a post and a person; "
                "nothing is left out.",
            ),
            self._say(
                "2. 按上表对污染源分类监管，定期检查；发现违法行为及时制止，属本级职权的依法查处，"
                "不属本级职权的及时移交并按期反馈。",
                "2. Sources are inspected by class, as above. Violations are stopped; those within its "
                "powers are handled, others are handed over in time and answered for.",
            ),
            self._say(
                "3. 受理并答复群众举报，向社会公开网格范围、责任人和值班电话。",
                "3. Reports of the public are taken and answered; the area, the persons responsible and duty "
                "phones are published.",
            ),
            self._say("4. 按下列分工办理环境事项：", "4. Environmental matters are shared as follows:"),
        ):
            self._file.paragraph(words)
        if facts.duties:
            head = (self._say("事项", "Matter"), self._say("乙方职责", "Party B"))
            rows = [(self._of(duty.topic), _ROLES[duty.role].of(self._lang)) for duty in facts.duties]
            self._file.table([head, *rows], (106, 50), has_head=True)
        else:
            self._blank_lines(
                self._say("方案没有登记由本级承担的事项，请填写：", "The plan records none; please fill in:"),
                2,
            )
        self._blank_lines(self._say("5. 本期目标任务：", "5. Targets of this term:"), 2)
        if facts.previous is not None and facts.previous.tasks:
            signed, tasks = facts.previous.signed_on.isoformat(), plain(facts.previous.tasks)
            self._file.paragraph(
                self._say(
                    f"（上一份责任状 {signed} 签订，任务：{tasks}）", f"(Last letter, {signed}: {tasks})"
                )
            )

    def _clauses(self) -> None:
        self._file.heading(self._say("四、甲方责任", "4. Party A's duties"))
        self._file.paragraph(
            self._say(
                "指导、督促乙方履行职责，组织业务培训，受理乙方备案和移交的事项并按期答复，每年考核一次。",
                "It guides and supervises Party B, trains its staff, answers what is filed and handed over "
                "in time, and assesses it every year.",
            )
        )
        self._file.heading(self._say("五、考核与奖惩", "5. Assessment, rewards and penalties"))
        self._file.paragraph(
            self._say(
                "考核结果逐级上报并公开。全面完成任务的，由甲方给予表扬奖励；未履行职责，发现违法行为不制止、"
                "不报告，或者弄虚作假的，由甲方约谈、通报批评，并依法依规追究责任。",
                "Results go up level by level and are published. Party A commends and rewards full "
                "completion; for duties not performed, violations not stopped or not reported, or false "
                "reports it admonishes, criticises publicly, and holds those responsible to account by law.",
            )
        )
        for words in (self._say("奖励：", "Rewards: "), self._say("惩处：", "Penalties: ")):
            self._file.paragraph(words + _LINE[: -len(words)])
        self._file.heading(self._say("六、期限及其他", "6. Term and other matters"))
        self._file.paragraph(
            self._say(
                "本责任状自签订之日起生效，至　　　　年　　月　　日止。责任人变动的，由继任者继续履行，"
                "并重新签订。本责任状一式两份，甲乙双方各执一份。",
                "The letter holds from the day of signing until ____ /__ /__. Where a person changes, the "
                "successor carries on and signs anew. It is made in two copies, one for each party.",
            )
        )

    def _blank_lines(self, words: str, lines: int) -> None:
        self._file.paragraph(words)
        for _ in range(lines):
            self._file.paragraph(_LINE)

    def _signatures(self) -> None:
        self._file.paragraph("")
        self._file.side_by_side(
            self._signature(self._facts.upper, self._say("甲方（盖章）", "Party A (seal)")),
            self._signature(self._facts.lower, self._say("乙方（盖章）", "Party B (seal)")),
        )

    def _signature(self, party: Party, seal: str) -> list[str]:
        return [
            seal,
            plain(party.body or party.grid.name),
            self._say("职务：", "Post: ") + self._post(party),
            self._say("姓名：", "Name: ") + self._person(party),
            self._say("签字：＿＿＿＿＿＿＿＿", "Signature: ________________"),
            _DATE.of(self._lang),
        ]

    def _annex(self) -> None:
        children = self._facts.children
        if not children:
            return
        self._file.heading(self._say("附：下级网格", "Annex: grids below"), on_new_page=True)
        head = (
            self._say("网格", "Grid"),
            self._say("编码", "Code"),
            self._say("面积", "Area"),
            self._say("第一责任人", "First responsible"),
        )
        self._file.table([head, *self._child_rows(children)], (52, 38, 32, 34), has_head=True, numeric=(2,))
        if len(children) > MOST_LISTED:
            left = len(children) - MOST_LISTED
            self._file.paragraph(self._say(f"另有 {left} 个，见方案。", f"{left} more: see the plan."))

    def _child_rows(self, children: Sequence[SubGrid]) -> Iterable[tuple[str, ...]]:
        for each in children[:MOST_LISTED]:
            person = plain(each.person) if each.person else _VACANT.of(self._lang)
            yield plain(each.name), plain(each.code or ""), _km2(each.area_m2), person


def _km2(area_m2: float) -> str:
    return f"{area_m2 / 1e6:,.2f} km²"
