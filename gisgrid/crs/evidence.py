"""From how well each reading fits to a verdict, and the sentences that say why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gisgrid.crs.candidates import Bounds, Placement, apart_m, is_obsolete, preference
from gisgrid.crs.names import title
from gisgrid.crs.transform import accuracy_m
from gisgrid.crs.verdict import Candidate, CrsStatus, Verdict
from gisgrid.text import Text

_LARGEST_ACCURACY_M = 5.0  # worse transformations cannot make two readings one

EXPECTED_STATED = 0.95
"""Share of rows in the grid that they state below which a register, or the grids, deserve a second look."""

LISTED = 12
"""How many candidates a verdict names at most."""

MeasureT = TypeVar("MeasureT")


@dataclass(frozen=True)
class Fit(Generic[MeasureT]):
    """How well one reading fits.

    Attributes
    ----------
    placement : Placement
    inside, stated
        As `Candidate` has them.
    is_good : bool
        Whether it may win at all.
    measure : object
        What is compared: of points which ones fit, of polygons the misfit.
    words : Text
        The fit, as the predicate of a sentence.
    """

    placement: Placement
    inside: float
    stated: float | None
    is_good: bool
    measure: MeasureT
    words: Text

    @property
    def name(self) -> str:
        """The representative's name."""
        return self.placement.name


def conclude(
    fits: Sequence[Fit[MeasureT]],
    beats: Callable[[Fit[MeasureT], Fit[MeasureT]], bool],
    bounds: Bounds,
    declared: str | None,
    by_format: bool,
) -> Verdict:
    """Weigh fits.

    Parameters
    ----------
    fits : sequence of Fit
        Best first; may be empty.
    beats : callable
        Whether the first of two fits is clearly better than the second.
    bounds : tuple
        West, south, east, north of the reference, degrees.
    declared : str or None
    by_format : bool
        The declaration is suspect.

    Returns
    -------
    Verdict
        See `detective.detect_points`.
    """
    if not fits or fits[0].inside <= 0.0:
        return unresolved(declared, by_format, declared, [], [_NOWHERE])
    best = fits[0]
    unbeaten = [best, *(fit for fit in fits[1:] if not beats(best, fit))]
    leader = next((fit for fit in unbeaten if _has_a_place(fit, bounds)), best)
    peers = [fit for fit in unbeaten if fit is leader or _is_within_accuracy(fit, leader, bounds)]
    champion = min(peers, key=lambda fit: preference(fit.name, declared))
    rivals = [fit for fit in unbeaten if fit is not champion]
    serious = [
        fit for fit in rivals if _has_a_place(fit, bounds) and not _is_within_accuracy(fit, champion, bounds)
    ]
    told = [_comparison(champion, [fit for fit in fits if fit is not champion])]
    is_clear = champion.is_good and not serious
    if declared and not by_format:
        told += [_misplaced(declared)] if _places_nothing(declared, fits) else []
        told += [_contradicted(declared, champion)] if is_clear and champion.name != declared else []
        return Verdict(CrsStatus.DECLARED, declared, candidates_of(fits), _joined(told))
    if is_clear:
        ordered = [champion, *(fit for fit in fits if fit is not champion)]
        told += [_residual(champion)] if champion.placement.same_as else []
        told += [_set_aside(champion, rivals, bounds)] if rivals else []
        told += [_PARTIAL] if champion.stated is not None and champion.stated < EXPECTED_STATED else []
        return Verdict(CrsStatus.DETECTED, champion.name, candidates_of(ordered), _joined(told))
    told += [_tied(champion, serious, bounds)] if serious else [_POOR]
    is_unbeaten = any(fit.name == declared for fit in unbeaten)
    return unresolved(declared, by_format, declared if is_unbeaten else None, unbeaten, told)


def unresolved(
    declared: str | None,
    by_format: bool,
    crs: str | None,
    fits: Sequence[Fit[MeasureT]],
    told: Sequence[Text],
) -> Verdict:
    """The verdict where the evidence decides nothing: a file's own declaration stands, if it has one."""
    if declared and not by_format:
        return Verdict(CrsStatus.DECLARED, declared, candidates_of(fits), _joined(told))
    return Verdict(CrsStatus.UNRESOLVED, crs, candidates_of(fits), _joined(told))


def without_evidence(declared: str | None, by_format: bool) -> Verdict:
    """The verdict where there is nothing to compare with."""
    if declared is None:
        return Verdict(CrsStatus.UNRESOLVED, None, (), _joined([_NOTHING_TO_COMPARE, _NAME_IT]))
    status = CrsStatus.BY_FORMAT if by_format else CrsStatus.DECLARED
    return Verdict(status, declared, (), _NOTHING_TO_COMPARE)


def candidates_of(fits: Sequence[Fit[MeasureT]]) -> tuple[Candidate, ...]:
    """Fits as candidates, in the same order, without those that place nothing."""
    return tuple(
        Candidate(fit.name, fit.placement.same_as, fit.inside, fit.stated, fit.placement.spread_m)
        for fit in [fit for at, fit in enumerate(fits) if at == 0 or fit.inside > 0.0][:LISTED]
    )


_NOTHING_TO_COMPARE = Text(
    zh="没有可对照的区域或坐标，无法判断坐标系。",
    en="There is no region or no coordinate to compare, so the coordinate system cannot be judged.",
)
_NOWHERE = Text(
    zh="试过的坐标系没有一种使数据落在应在之处，请核对文件与区域。",
    en="No coordinate system puts the data where they must lie; check the file and the region.",
)
_POOR = Text(
    zh="但吻合程度不足以下结论，请指明坐标系。",
    en="Yet that is too poor a fit to conclude; name the coordinate system.",
)
_PARTIAL = Text(
    zh="落入所填网格的点偏少：登记的网格可能有误，也可能网格本身的坐标有偏移（例如 GCJ-02），请核对。",
    en="Few points for a sound register lie in the grid that they state: either the register names wrong "
    "grids, or the grids themselves are shifted (GCJ-02, for example); check.",
)
_NAME_IT = Text(zh="请指明坐标系。", en="Name the coordinate system.")


def _has_a_place(fit: Fit[MeasureT], bounds: Bounds) -> bool:
    """Whether it is known where a reading puts the data at all.

    Without a published transformation PROJ lays one ellipsoid on the other, which may be 100 m
    off: that such a place fits, or not, is no evidence.
    """
    return not is_obsolete(fit.name) and accuracy_m(fit.name, bounds) is not None


def _is_within_accuracy(one: Fit[MeasureT], other: Fit[MeasureT], bounds: Bounds) -> bool:
    apart = apart_m(one.placement, other.placement)
    if apart > _LARGEST_ACCURACY_M:
        return False
    accuracies = [accuracy_m(each.name, bounds) for each in (one, other)]
    known = [each for each in accuracies if each is not None]
    # PROJ's figures are one standard deviation or less: twice their sum is the doubt that it admits.
    return len(known) == len(accuracies) and apart <= 2.0 * sum(known)


def _comparison(champion: Fit[MeasureT], others: Sequence[Fit[MeasureT]]) -> Text:
    first, count = title(champion.name), len(others) + 1
    if not others:
        return Text(zh=f"{first.zh}{champion.words.zh}。", en=f"{first.en} {champion.words.en}.")
    second = title(others[0].name)
    return Text(
        zh=f"在 {count} 种可能中，{first.zh}{champion.words.zh}，{second.zh}{others[0].words.zh}。",
        en=f"Of {count} readings, {first.en} {champion.words.en}, and {second.en} {others[0].words.en}.",
    )


def _places_nothing(declared: str, fits: Sequence[Fit[MeasureT]]) -> bool:
    return all(fit.inside <= 0.0 for fit in fits if fit.name == declared)


def _misplaced(declared: str) -> Text:
    said = title(declared)
    return Text(
        zh=f"文件声明为 {said.zh}，但按此声明没有任何数据落在应在之处。",
        en=f"The file declares {said.en}, but that puts nothing where it must lie.",
    )


def _contradicted(declared: str, champion: Fit[MeasureT]) -> Text:
    said, better = title(declared), title(champion.name)
    return Text(
        zh=f"文件声明为 {said.zh}，但 {better.zh}明显更吻合：如声明有误，请指明坐标系。",
        en=f"The file declares {said.en}, but {better.en} fits clearly better: "
        "if the declaration is wrong, name the coordinate system.",
    )


def _residual(champion: Fit[MeasureT]) -> Text:
    placement = champion.placement
    names = ", ".join(placement.same_as)
    return Text(
        zh=f"等同（相差至多 {placement.spread_m:.2f} m）：{names}。",
        en=f"The same within {placement.spread_m:.2f} m: {names}.",
    )


def _set_aside(champion: Fit[MeasureT], rivals: Sequence[Fit[MeasureT]], bounds: Bounds) -> Text:
    names = _names([fit.name for fit in rivals])
    lost = _names([fit.name for fit in rivals if accuracy_m(fit.name, bounds) is None])
    apart = max(apart_m(fit.placement, champion.placement) for fit in rivals)
    return Text(
        zh=f"同样吻合（相差至多 {apart:.1f} m）但属停用的基准、没有公布转换参数或在换算精度之内，"
        f"未予采用：{names.zh}。"
        + (f"若数据本是 {lost.zh}，实际位置可能偏离约 100 m，请指明。" if lost.zh else ""),
        en=f"Set aside though alike (up to {apart:.1f} m away), because the datum is out of use, has no "
        f"published transformation, or differs within the conversion's own accuracy: {names.en}."
        + (f" If the data are in {lost.en}, the true place may be 100 m away: name it." if lost.en else ""),
    )


def _tied(champion: Fit[MeasureT], serious: Sequence[Fit[MeasureT]], bounds: Bounds) -> Text:
    names = _names([champion.name, *(fit.name for fit in serious)])
    apart = max(apart_m(fit.placement, champion.placement) for fit in serious)
    doubtful = [fit.name for fit in (champion, *serious) if accuracy_m(fit.name, bounds) is None]
    lost = _names(doubtful)
    return Text(
        zh=f"证据不能区分 {names.zh}（相差至多 {apart:.1f} m），请指明坐标系。"
        + (f"PROJ 没有 {lost.zh} 与 WGS 84 的转换参数，其位置还可能偏离约 100 m。" if doubtful else ""),
        en=f"The evidence cannot tell {names.en} apart (up to {apart:.1f} m); name the coordinate system."
        + (
            f" PROJ knows no transformation to WGS 84 for {lost.en}: the true place may be 100 m away."
            if doubtful
            else ""
        ),
    )


def _names(names: Sequence[str]) -> Text:
    shown = [title(name) for name in names[:4]]
    more = len(names) - len(shown)
    return Text(
        zh="、".join(each.zh for each in shown) + (f"等 {len(names)} 种" if more else ""),
        en=", ".join(each.en for each in shown) + (f" and {more} more" if more else ""),
    )


def _joined(told: Sequence[Text]) -> Text:
    return Text(zh="".join(each.zh for each in told), en=" ".join(each.en for each in told))
