"""Land inside a grid that none of its children covers."""

from __future__ import annotations

from gisgrid.frames import FindingKind
from gisgrid.text import Text
from layers._findings import findings_layer

layer = findings_layer(
    "coverage-gaps",
    FindingKind.GAP,
    title=Text(zh="覆盖空白", en="Coverage gaps"),
    about=Text(
        zh="上级网格之内、没有任何下级网格的土地：无人负责。",
        en="Land inside a grid that none of its children covers: nobody is responsible.",
    ),
    position=20,
)
