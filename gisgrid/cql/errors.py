"""What is wrong with a filter."""

from __future__ import annotations

from gisgrid.errors import InputError
from gisgrid.text import Text

_SEE = Text(
    zh="可用的字段列在图层的 queryables 中；写法见 OGC CQL2 标准。",
    en="The fields are listed in the layer's queryables; the language is OGC CQL2.",
)


class BadFilter(InputError):
    """A CQL2 filter that cannot be understood, asks for what there is not, or is too large."""

    def __init__(self, zh: str, en: str, *, where: str = "") -> None:
        super().__init__(Text(zh=zh, en=en), where=where, todo=_SEE)
