"""Which grids sources and receptors lie in, as the database keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from gisgrid.frames import GridFrame
from gisgrid.spatial.assignment import assign
from gisgrid.spatial.quality import stated_elsewhere
from gisgrid.store.frames import SEPARATOR, joined

_OUTSIDE = -1


@dataclass(frozen=True)
class Placed:
    """n sources among the grids of a plan, all indexed like the sources.

    Attributes
    ----------
    assigned : DataFrame
        As `gisgrid.spatial.assignment.assign` gives it.
    path : Series of text
        The uids of the grids that oversee each, joined; see `paths`.
    stated_distance_m : Series of float
        To the grid that its own row names, where it does not lie in that one; else NaN.
    """

    assigned: pd.DataFrame
    path: pd.Series
    stated_distance_m: pd.Series


def place(sources: gpd.GeoDataFrame, grids: GridFrame) -> Placed:
    """Put sources into grids.

    Parameters
    ----------
    sources : SourceFrame
        n points with `stated_code` and `stated_name`.
    grids : GridFrame
        With `uid` and `path`, as `gisgrid.store.frames.read_grids` gives them.
    """
    assigned = assign(sources, grids)
    distance_m = pd.Series(np.nan, index=sources.index)
    if len(grids) and len(sources):
        elsewhere = stated_elsewhere(sources, grids, assigned)
        distance_m.loc[elsewhere.index] = elsewhere["distance_m"]
    return Placed(assigned, paths(assigned, grids), distance_m)


def paths(assigned: pd.DataFrame, grids: GridFrame) -> pd.Series:
    """The uids of the grids that oversee each of n places, coarse to fine, joined.

    Those that it lies in, and those above the finest of them by the plan: where
    a grid lies on another parent's land, both see what is there. A place outside
    every grid is every coarsest grid's.
    """
    if grids.empty:
        return pd.Series("", index=assigned.index, dtype="str")
    ids = assigned.fillna(_OUTSIDE).to_numpy(np.int64)
    different, which = np.unique(ids, axis=0, return_inverse=True)
    level = dict(zip(grids["uid"], grids["level"], strict=True))
    nowhere = joined(grids["uid"][grids["level"] == grids["level"].min()])
    texts = []
    for row in different:
        inside = [int(each) for each in row if each != _OUTSIDE]
        if not inside:
            texts.append(nowhere)
            continue
        uids = dict.fromkeys(grids.loc[inside, "uid"])
        uids |= dict.fromkeys(str(grids.at[inside[-1], "path"]).split(SEPARATOR))
        texts.append(joined(sorted(uids, key=lambda uid: level[uid])))
    return pd.Series(
        np.array(texts, dtype=object)[which.reshape(-1)] if texts else [], index=assigned.index, dtype="str"
    )
