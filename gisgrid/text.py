"""Text in the two languages that gisgrid speaks, Chinese first."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Lang(StrEnum):
    """A language of the interface."""

    ZH = "zh"
    EN = "en"


class Text(NamedTuple):
    """One sentence or label, in Chinese and in English.

    Examples
    --------
    >>> gap = Text(zh="覆盖空白", en="Coverage gap")
    >>> gap.of(Lang.EN)
    'Coverage gap'
    >>> str(gap)
    '覆盖空白 Coverage gap'
    """

    zh: str
    en: str

    def of(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang is Lang.ZH else self.en

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"
