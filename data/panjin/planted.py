"""What is planted in the demo region: 6 gaps, 6 overlaps, 2 protrusions and 2 mis-nested grids."""

from __future__ import annotations

import numpy as np
import shapely
from boundaries import Township, metres
from defects import Defect, Ground, clip

OLD_PARENTS = {"于楼街道": "211103", "陆家镇": "211122"}
"""What the parent field of the mis-nested grids says instead of where they lie."""


def _gaps(on: Ground) -> list[Defect]:
    def band(one: str, other: str, start: float, stop: float, width_m: float) -> shapely.Geometry:
        return clip(on.strip(on.shared_line(one, other), start, stop, width_m), on.land(one, other))

    forest = on.blob(on.shared_line("胡家镇", "盘山县林场"), 0.5, 1800, 700)
    flats = on.blob(on.outer_line("二界沟街道"), 0.5, 1500, 900)
    return [
        Defect(
            *("G1", "gap", 3, "盘山县", ()),
            shape=clip(forest, on.land("胡家镇", "盘山县林场")),
            zh="胡家镇与盘山县林场之间的封闭空白",
            en="enclosed, between a town and the forest farm",
            enclosed=True,
        ),
        Defect(
            *("G2", "gap", 3, "大洼区", ()),
            shape=band("大洼街道", "唐家镇", 0.3, 0.7, 30),
            zh="大洼街道与唐家镇之间沿渠的窄带",
            en="a strip between a street and a town, as along a canal",
            enclosed=True,
        ),
        Defect(
            *("G3", "gap", 3, "兴隆台区", ()),
            shape=band("曙光街道", "欢喜岭街道", 0.3, 0.6, 3.2),
            zh="曙光街道与欢喜岭街道之间的狭缝",
            en="a sliver between two streets",
            enclosed=True,
        ),
        Defect(
            *("G4", "gap", 3, "辽东湾新区", ()),
            shape=clip(flats, on.land("二界沟街道")),
            zh="二界沟街道海岸的开口空白（养殖滩涂）",
            en="open to the sea: aquaculture flats on the coast",
            enclosed=False,
        ),
    ]


def _level2_gaps(on: Ground) -> list[Defect]:
    border = on.blob(on.shared_line("陈家镇", "统一镇"), 0.5, 1200, 600)
    bank = on.strip(on.outer_line("高升街道"), 0.55, 0.65, 70)
    return [
        Defect(
            *("G5", "gap", 2, "盘锦市", ()),
            shape=clip(border, on.land("陈家镇", "统一镇")),
            zh="盘山县与双台子区之间的二级空白，两边三级网格也止于此",
            en="between two level-2 grids; level 3 stops there too",
            enclosed=True,
        ),
        Defect(
            *("G6", "gap", 2, "盘锦市", ()),
            shape=clip(bank, on.land("高升街道")),
            zh="盘山县外缘的窄带，二级网格未到市界",
            en="a strip where level 2 falls short of the city's outer boundary",
            enclosed=False,
        ),
    ]


def _overlaps(on: Ground) -> list[Defect]:
    """Within one parent."""
    street, park, harbour = "兴盛街道", "盘锦高新技术产业开发区", "石化及精细化工产业园区"
    corner = ("东风镇", "西安镇", "唐家镇")
    shared = on.blob(on.shared_line(street, park), 0.5, 900, 600)
    levee = on.strip(on.shared_line("沙岭镇", "坝墙子镇"), 0.35, 0.65, 25)
    road = on.strip(on.shared_line("荣兴街道", harbour), 0.3, 0.6, 2.4)
    return [
        Defect(
            *("O1", "overlap", 3, "兴隆台区", (street, park)),
            shape=clip(shared, on.land(street, park)),
            zh="园区与街道重叠",
            en="a park and a street claim the same land",
        ),
        Defect(
            *("O2", "overlap", 3, "盘山县", ("沙岭镇", "坝墙子镇")),
            shape=clip(levee, on.land("沙岭镇", "坝墙子镇")),
            zh="两镇之间的重叠窄带",
            en="a strip between two towns",
        ),
        Defect(
            *("O3", "overlap", 3, "辽东湾新区", ("荣兴街道", harbour)),
            shape=clip(road, on.land("荣兴街道", harbour)),
            zh="街道与园区之间的重叠狭缝",
            en="a sliver between a street and a park",
        ),
        Defect(
            *("O4", "overlap", 3, "大洼区", corner),
            shape=clip(on.blob(on.around(*corner), 0, 700, 600), on.land(*corner)),
            zh="三镇交界处的三重重叠",
            en="three owners where three towns meet: one finding",
        ),
    ]


def _wider_overlaps(on: Ground) -> list[Defect]:
    """Across the lines of level 2."""
    claimed = on.blob(on.shared_line("新开镇", "坝墙子镇"), 0.5, 1600, 800)
    reeds = on.blob(on.shared_line("清水镇", "赵圈河镇"), 0.4, 1300, 800)
    return [
        Defect(
            *("O5", "overlap", 2, "盘锦市", ("大洼区", "盘山县")),
            shape=clip(claimed, on.land("新开镇")),
            zh="盘山县也主张大洼区新开镇的土地（二级重叠，三级只有新开镇）",
            en="two level-2 grids claim land of a town; at level 3 only that town covers it",
        ),
        Defect(
            *("O6", "overlap", 3, "大洼区", ("清水镇", "赵圈河镇")),
            shape=clip(reeds, on.land("清水镇")),
            zh="辽河口生态经济区的赵圈河镇伸入大洼区清水镇",
            en="a town of the zone reaches into a town of another level-2 grid",
        ),
    ]


def _protrusions(on: Ground) -> list[Defect]:
    park = "石化及精细化工产业园区"
    fill = on.blob(on.outer_line(park), 0.45, 1600, 1000)
    return [
        Defect(
            *("P1", "protrusion", 3, "辽东湾新区", (park,)),
            shape=on.beyond(fill),
            zh="园区围海造地，越出市界",
            en="a park's land reclamation beyond every parent",
        ),
        Defect(
            *("P2", "protrusion", 2, "盘锦市", ("盘山县",)),
            shape=on.beyond(on.strip(on.outer_line("古城子镇"), 0.3, 0.36, 60)),
            zh="盘山县沿河越出市界的窄带，由古城子镇填满",
            en="a strip of level 2 beyond the city's boundary, filled by its town at level 3",
            fills="古城子镇",
        ),
    ]


def _misnested(on: Ground) -> list[Defect]:
    return [
        Defect(
            *("M1", "misnested", 3, "大洼区", ("于楼街道",)),
            shape=on.land("于楼街道"),
            zh="上级字段仍写兴隆台区，土地在大洼区",
            en="its parent field still names 兴隆台区; its land is 大洼区's",
        ),
        Defect(
            *("M2", "misnested", 3, "双台子区", ("陆家镇",)),
            shape=on.land("陆家镇"),
            zh="上级字段仍写盘山县，土地在双台子区",
            en="its parent field still names 盘山县; its land is 双台子区's",
        ),
    ]


def plan_defects(cells: np.ndarray, towns: list[Township]) -> list[Defect]:
    """All the land that is to be wrong; no two pieces may touch."""
    on = Ground(cells, towns)
    defects = [
        *_gaps(on),
        *_level2_gaps(on),
        *_overlaps(on),
        *_wider_overlaps(on),
        *_protrusions(on),
        *_misnested(on),
    ]
    for at, one in enumerate(defects):
        for other in defects[at + 1 :]:
            if shapely.distance(metres(one.shape), metres(other.shape)) < 200:
                raise SystemExit(f"{one.id} and {other.id} are too near each other")
    return defects
