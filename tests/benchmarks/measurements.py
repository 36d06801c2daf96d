"""What is measured at national size, and against what."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.connection import Connection
from typing import Protocol, TypeVar

import geopandas as gpd
import maup
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod
from scipy.spatial import cKDTree

from gisgrid.audit.request import AuditRequest, LevelFile, PointFile
from gisgrid.audit.run import run
from gisgrid.frames import FindingKind
from gisgrid.spatial.assignment import assign, uncovered
from gisgrid.spatial.coverage import audit_level
from gisgrid.spatial.measure import area_m2
from gisgrid.spatial.surroundings import around
from tests.benchmarks.nation import CRS, nation

RING_M = 500.0
SAMPLE = 2_000
SEED = 7
PEER_LIMIT_S = 300


class Report(Protocol):
    """Takes the figures."""

    def line(self, what: str, figure: str, *, wanted: str = "", met: bool = True, peer: str = "") -> None: ...

    def progress(self, what: str) -> AbstractContextManager[Callable[[float], None]]: ...


T = TypeVar("T")


def _timed(job: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    return job(), time.perf_counter() - begin


def _grids(townships: str) -> gpd.GeoDataFrame:
    """All three levels as a GridFrame."""
    paths = nation()
    tables = [gpd.read_parquet(paths[name]) for name in ("cities", "counties", townships)]
    frame = pd.concat(
        [each.assign(level=level) for level, each in enumerate(tables, start=1)], ignore_index=True
    )
    frame.index += 1
    id_of = pd.Series(frame.index, index=frame["code"])
    frame["parent"] = frame["parent"].map(id_of).astype("Int64")
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def _peer(job: Callable[[], object]) -> str:
    """The peer's seconds, or how it failed, from a process that can be stopped."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send_seconds, args=(job, sender))
    process.start()
    sender.close()
    answer = str(receiver.recv()) if receiver.poll(PEER_LIMIT_S) else f"stopped after {PEER_LIMIT_S} s"
    process.terminate()
    process.join()
    return answer


def _send_seconds(job: Callable[[], object], sender: Connection) -> None:
    begin = time.perf_counter()
    try:
        job()
    except Exception as error:  # whatever a peer does, it is a result
        seconds = time.perf_counter() - begin
        sender.send(f"{type(error).__name__} after {seconds:.0f} s: {str(error)[:60]}")
    else:
        sender.send(f"{time.perf_counter() - begin:.1f} s")


def assignment(report: Report) -> None:
    """3.58 million points to townships, counties and cities, against geopandas.sjoin."""
    sources, read_s = _timed(lambda: gpd.read_parquet(nation()["sources"]))
    report.line("read 3.58 million points", f"{read_s:.1f} s")
    grids = _grids("townships")
    townships = grids[grids["level"] == 3]
    with report.progress("assignment") as tell:
        found, own_s = _timed(lambda: assign(sources, townships, progress=tell))
        peers = {}
        for predicate in ("within", "intersects"):
            joined, peers[predicate] = _timed(
                partial(
                    gpd.sjoin, sources[["geometry"]], townships[["geometry"]], how="left", predicate=predicate
                )
            )
        levels, all_s = _timed(lambda: assign(sources, grids, progress=tell))
        missed, missed_s = _timed(lambda: uncovered(sources, grids, levels, progress=tell))
    best = min(peers, key=lambda each: peers[each])
    report.line(
        "assign to 41,352 townships",
        f"{own_s:.1f} s",
        wanted="no slower than sjoin",
        met=own_s <= peers[best],
        peer=f"geopandas.sjoin, {best}: {peers[best]:.1f} s",
    )
    expected = joined["index_right"].groupby(level=0).min().reindex(sources.index)
    differing = int((found[3].fillna(-1).to_numpy() != expected.fillna(-1).to_numpy()).sum())
    report.line("points assigned otherwise than by sjoin", f"{differing:,}", wanted="0", met=differing == 0)
    report.line("assign to all three levels", f"{all_s:.1f} s")
    report.line(f"nearest grid of {len(missed):,} uncovered", f"{missed_s:.1f} s")


def surroundings(report: Report) -> None:
    """1 million receptors around 3.58 million sources, against pyproj.Geod and a planar join."""
    sources, receptors = (gpd.read_parquet(nation()[name]) for name in ("sources", "receptors"))
    with report.progress("surroundings") as tell:
        found, own_s = _timed(lambda: around(sources, receptors, [RING_M], progress=tell))
        counts = found.set_index("source")["count"].reindex(sources.index, fill_value=0)
        planar, planar_s = _timed(lambda: _planar_counts(sources, receptors))
    report.line(
        "counts and nearest at 500 m",
        f"{own_s:.1f} s",
        wanted="≤ 15 s",
        met=own_s <= 15,
        peer=f"cKDTree in a national Albers plane, counts only: {planar_s:.1f} s",
    )
    miscounted = float((planar != counts.to_numpy()).mean())
    wrong, farther = _against_geod(sources, receptors, found)
    report.line(
        f"wrong counts among {SAMPLE:,} sources, by pyproj.Geod",
        f"{wrong}",
        wanted="0",
        met=wrong == 0,
        peer=f"the plane miscounts {miscounted:.1%} of all sources",
    )
    report.line("wrong nearest distances in the sample (0.1 m)", f"{farther}", wanted="0", met=farther == 0)
    with report.progress("surroundings, HJ 169 rings") as tell:
        _, both_s = _timed(lambda: around(sources, receptors, progress=tell))
    report.line("counts and nearest at 500 m and 5 km", f"{both_s:.1f} s")


def _planar_counts(sources: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame) -> np.ndarray:
    """As commonly done: one projected CRS for the whole country (Albers), straight distances."""
    albers = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80"
    here, there = (
        np.column_stack([frame.geometry.x, frame.geometry.y])
        for frame in (sources.to_crs(albers), receptors.to_crs(albers))
    )
    return np.asarray(cKDTree(there).query_ball_point(here, RING_M, return_length=True, workers=-1))


def _against_geod(
    sources: gpd.GeoDataFrame, receptors: gpd.GeoDataFrame, found: pd.DataFrame
) -> tuple[int, int]:
    """Wrong counts and wrong nearest distances in a sample, half of it sources with a receptor."""
    rng = np.random.default_rng(SEED)
    near = rng.choice(found["source"].to_numpy(), SAMPLE // 2, replace=False)
    sample = np.concatenate([near, rng.choice(sources.index.to_numpy(), SAMPLE - len(near), replace=False)])
    own = found.set_index("source")
    geod = Geod(ellps="GRS80")
    at = shapely.get_coordinates(receptors.geometry.to_numpy())
    at = at[np.argsort(at[:, 1])]
    wrong = farther = 0
    for source in sample:
        lon, lat = shapely.get_coordinates(sources.geometry.loc[source])[0]
        low, high = np.searchsorted(at[:, 1], [lat - 0.01, lat + 0.01])
        lons, lats = at[low:high].T
        away_m = np.asarray(geod.inv(np.full(len(lons), lon), np.full(len(lats), lat), lons, lats)[2])
        count = int((away_m <= RING_M).sum())
        wrong += count != (own.loc[source, "count"] if source in own.index else 0)
        if count and source in own.index:
            farther += abs(own.loc[source, "distance_m"] - away_m.min()) > 0.1
    return wrong, farther


def coverage(report: Report) -> None:
    """Counties against their townships: time, and the planted faults, against maup.doctor."""
    grids = _grids("faulty_townships")
    counties, townships = grids[grids["level"] == 2], grids[grids["level"] == 3]
    with report.progress("coverage"):
        found, own_s = _timed(lambda: audit_level(counties, townships))
        peer = _peer(lambda: maup.doctor(townships[["geometry"]], silent=True))
    report.line(
        "coverage audit of counties against townships",
        f"{own_s:.1f} s",
        wanted="≤ 10 s",
        met=own_s <= 10,
        peer=f"maup.doctor, townships alone: {peer}",
    )
    planted = gpd.read_parquet(nation()["faults"])
    for kind in (FindingKind.GAP, FindingKind.OVERLAP):
        truth = planted[planted["kind"] == str(kind)]
        findings = found.findings[found.findings["kind"] == kind]
        hit, right = _matches(truth.geometry.to_numpy(), findings.geometry.to_numpy())
        report.line(
            f"planted {kind}s found, of {len(truth)}",
            f"{hit} (recall {hit / len(truth):.3f})",
            wanted="1.0",
            met=hit == len(truth),
        )
        report.line(
            f"findings that are planted {kind}s, of {len(findings)}",
            f"{right} (precision {right / max(len(findings), 1):.3f})",
            wanted="1.0",
            met=right == len(findings),
        )
    others = int((~found.findings["kind"].isin([FindingKind.GAP, FindingKind.OVERLAP])).sum())
    report.line("findings of other kinds", f"{others}", wanted="0", met=others == 0)
    clean = _grids("townships")
    nothing, clean_s = _timed(lambda: audit_level(clean[clean["level"] == 2], clean[clean["level"] == 3]))
    report.line("the same without faults", f"{clean_s:.1f} s")
    report.line(
        "findings where none was planted", f"{len(nothing.findings)}", wanted="0", met=nothing.findings.empty
    )


def _matches(planted: np.ndarray, found: np.ndarray) -> tuple[int, int]:
    """How many planted faults were found with their area (to 1 %), and how many findings are planted ones."""
    truth, finding = (
        shapely.STRtree(found).query(planted, predicate="intersects")[:2] if len(found) else ([], [])
    )
    same = np.isclose(area_m2(planted)[truth], area_m2(found)[finding], rtol=0.01) if len(found) else []
    return len(np.unique(np.asarray(truth)[same])), len(np.unique(np.asarray(finding)[same]))


def audit(report: Report) -> None:
    """The whole audit, from GeoParquet to findings, in one process."""
    paths = nation()
    request = AuditRequest(
        level_files=tuple(LevelFile(paths[name]) for name in ("cities", "counties", "faulty_townships")),
        sources=PointFile(paths["sources"]),
    )
    stages: dict[str, float] = {}
    with report.progress("audit") as tell:

        def follow(stage: str, share: float) -> None:
            stages.setdefault(stage, time.perf_counter())
            tell(share)

        begin = time.perf_counter()
        found = run(request, progress=follow)
        whole_s = time.perf_counter() - begin
    ends = [*list(stages.values())[1:], begin + whole_s]
    for (stage, start), end in zip(stages.items(), ends, strict=True):
        report.line(f"… {stage}", f"{end - start:.1f} s")
    report.line("from GeoParquet to findings", f"{whole_s:.1f} s", wanted="≤ 60 s", met=whole_s <= 60)
    peak_gb = _peak_gb()
    report.line("peak memory, readers included", f"{peak_gb:.1f} GB", wanted="≤ 8 GB", met=peak_gb <= 8)
    report.line("findings", f"{sum(len(each.findings) for each in found.coverage):,}")
    if found.sources is not None:
        report.line("uncovered sources", f"{len(found.sources.uncovered):,}")


def _peak_gb() -> float:
    """This process and the largest that it started, as if both peaked at once."""
    kib = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kib * 1024 / 1e9
