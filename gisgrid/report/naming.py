"""How grids are called, for every table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gisgrid.frames import GridFrame


def labels(grids: GridFrame) -> pd.Series:
    """What to call each grid: its name, else its code, else its number."""
    number = "#" + grids.index.astype("str").to_series(index=grids.index).astype("str")
    names: pd.Series = grids["name"].fillna(grids["code"]).fillna(number)
    return names


def called(grid_ids: pd.Series, names: pd.Series) -> NDArray[np.object_]:
    """The value of `names` for each grid id; None for <NA>."""
    at = names.index.get_indexer(pd.Index(grid_ids.astype("Int64").fillna(-1).astype("int64")))
    found = np.asarray(names, dtype=object)[at]
    found[(at < 0) | pd.isna(found)] = None
    return np.asarray(found, dtype=object)
