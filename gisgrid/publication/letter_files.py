"""Responsibility letters as files: what one is called, and many in a ZIP archive."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Final

from gisgrid.planning.letter_facts import LetterFacts
from gisgrid.publication.letter_document import letter_document
from gisgrid.publication.word_file import plain
from gisgrid.text import Lang, Text

MOST_AT_ONCE: Final = 100
"""Letters of an archive; a city has some ten counties, a county some thirty townships."""

_TITLE: Final = Text("责任状", "letter")
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|\s.]+')
_LONGEST: Final = 40


def file_name(facts: LetterFacts, lang: Lang) -> str:
    """What the file is called, on any system: by the two grids."""
    names = (_safe(each.grid.name) for each in (facts.upper, facts.lower))
    return f"{'-'.join((_TITLE.of(lang), *names))}.docx"


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", plain(name))[:_LONGEST].strip("_") or "_"


def archive(letters: Sequence[LetterFacts], lang: Lang) -> bytes:
    """The letters in one ZIP archive, each under a name of its own.

    Parameters
    ----------
    letters : sequence of LetterFacts
        At most `MOST_AT_ONCE`.
    lang : Lang
    """
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as pack:  # a .docx is compressed itself
        for number, facts in enumerate(letters, 1):
            made = datetime.combine(facts.made_on, time()).timetuple()[:6]
            entry = zipfile.ZipInfo(f"{number:03d}-{file_name(facts, lang)}", made)
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, letter_document(facts, lang))
    return sink.getvalue()
