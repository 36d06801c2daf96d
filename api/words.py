"""Text in two languages, as JSON has it."""

from __future__ import annotations

from pydantic import BaseModel

from gisgrid.text import Text


class Bilingual(BaseModel):
    """A text in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Bilingual:
        """The same text, for an answer."""
        return cls(zh=text.zh, en=text.en)
