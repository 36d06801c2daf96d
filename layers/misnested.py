"""Land that a grid holds inside another parent's outline."""

from __future__ import annotations

from gisgrid.frames import FindingKind
from gisgrid.text import Text
from layers._findings import findings_layer

layer = findings_layer(
    "misnested",
    FindingKind.MISNESTED,
    title=Text(zh="错属", en="Mis-nested land"),
    about=Text(
        zh="网格落在别的上级网格之内的土地：归属与位置不一致。",
        en="Land of a grid inside another grid's parent: where it lies and whom it answers to disagree.",
    ),
    position=23,
)
