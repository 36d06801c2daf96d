"""Responsibility letters (环境监管责任状) to be signed, as documents drawn up from the plan."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import BearerSession, Lang
from api.drafts import PlanReader, VisiblePlan
from api.errors import Unavailable
from gisgrid.planning.drawn import Uid
from gisgrid.planning.errors import TooManyLetters, UnknownLetter
from gisgrid.planning.letter_facts import facts_of
from gisgrid.planning.letters import TO_BE_SIGNED, letters_of
from gisgrid.planning.pairs import pair_of
from gisgrid.publication.letter_document import MEDIA_TYPE, letter_document
from gisgrid.publication.letter_files import MOST_AT_ONCE, archive, file_name
from gisgrid.text import Lang as Language
from gisgrid.text import Text

router = APIRouter(prefix="/api/plans/{plan_id}/letters", tags=["letters"])

Wanted = Annotated[Language | None, Query(alias="lang")]
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Archives being written: each holds a thread and a connection of those that answer everybody."""
_WAIT_S: Final = 5
_BUSY: Final = Unavailable(
    Text(zh="正在生成的文件太多。", en="Too many files are being made."),
    todo=Text(zh="请稍后重试。", en="Try again in a moment."),
)


@router.get("/{grid_uid}/draft.docx", response_class=Response)
def draw_up_letter(
    grid_uid: Uid,
    plan: VisiblePlan,
    reader: PlanReader,
    session: BearerSession,
    lang: Lang,
    wanted: Wanted = None,
) -> Response:
    """The letter between a grid and the one above it, to be completed and signed."""
    pair_of(session, plan, grid_uid)
    (facts,) = facts_of(session, plan, [grid_uid])
    language = wanted or lang
    with _one_of_few():
        return _download(letter_document(facts, language), file_name(facts, language), MEDIA_TYPE)


@router.get("/missing.zip", response_class=Response)
def draw_up_missing(
    upper: Uid,
    plan: VisiblePlan,
    reader: PlanReader,
    session: BearerSession,
    lang: Lang,
    wanted: Wanted = None,
) -> Response:
    """All letters that a grid has to sign with those below: missing, run out, or of former holders."""
    told = letters_of(session, plan, upper=upper) if "\x00" not in upper else []
    lower = [each.lower.grid.uid for each in told if each.state in TO_BE_SIGNED]
    if not lower:
        raise UnknownLetter(
            Text(
                zh="这个网格没有待签的责任状，或您不能查看。",
                en="This grid has no letters to be signed, or you may not see them.",
            ),
            where=upper.replace("\x00", "␀"),
            todo=Text(zh="请从列表中选择上级网格。", en="Choose an upper grid of the list."),
        )
    if len(lower) > MOST_AT_ONCE:
        raise TooManyLetters(
            Text(
                zh=f"有 {len(lower)} 份，一次最多生成 {MOST_AT_ONCE} 份。",
                en=f"There are {len(lower)}; {MOST_AT_ONCE} are made at once.",
            ),
            where=upper,
            todo=Text(zh="请逐份下载。", en="Download them one by one."),
        )
    language = wanted or lang
    with _one_of_few():
        facts = facts_of(session, plan, lower)
        name = f"{Text('责任状', 'letters').of(language)}-{plan}.zip"
        return _download(archive(facts, language), name, "application/zip")


def _download(content: bytes, name: str, media_type: str) -> Response:
    """Names of people are in it: for who asks only, and kept by nobody between."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_WAIT_S):
        raise _BUSY
    try:
        yield
    finally:
        _AT_ONCE.release()
