"""Land that reaches beyond the grid which holds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely.geometry.base import BaseGeometry

from gisgrid.spatial.editing.drafting import place_of
from gisgrid.spatial.editing.errors import OutsideHolder
from gisgrid.spatial.measure import area_m2
from gisgrid.text import Text


def beyond_holder(parts: Sequence[BaseGeometry], holder: Text) -> OutsideHolder:
    """The error for parts of what was drawn that lie outside the land of this name."""
    over_m2 = float(area_m2(np.array(parts, dtype=object)).sum())
    return OutsideHolder(
        Text(
            zh=f"有 {over_m2:,.0f} m² 在{holder.zh}以外。",
            en=f"{over_m2:,.0f} m² of it lie outside {holder.en}.",
        ),
        where=place_of(parts[0]),
        todo=Text(
            zh=f"请画在{holder.zh}以内；边界可以吸附。",
            en=f"Stay inside {holder.en}; its border can be snapped to.",
        ),
    )
