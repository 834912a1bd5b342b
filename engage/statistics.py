"""What an experiment shows: the uplift with its interval, whether its groups are what they should be. Pure.

Only groups that chance made are compared. The figures agree with scipy's and statsmodels'
(``tests/engage/test_statistics.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, exp, log, pi, sqrt
from statistics import NormalDist

#: Below this, groups of these sizes are no accident: something loses visitors of one of them.
MISMATCH = 0.001
#: Visitors that each group must be expected to have before that is judged.
FEWEST = 8
#: Visitors after which the always-valid interval is at its narrowest, compared with the ordinary one.
TUNED_FOR = 5000


@dataclass(frozen=True, slots=True)
class Group:
    """Visitors who were treated alike, and those of them who converted."""

    visitors: int
    converted: int

    @property
    def rate(self) -> float:
        """The share that converted."""
        return self.converted / self.visitors if self.visitors else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the truth is with the confidence that was asked for."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether a value is in it."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a treatment brought, as the difference of two rates."""

    treated: Group
    control: Group
    difference: float
    #: Of the difference: good for one look, at a time that was chosen before.
    interval: Interval
    #: Of the difference: good however often one looks, and for stopping as soon as it leaves 0 out.
    always_valid: Interval
    #: The probability of a difference like this, or greater, if there were none.
    p_value: float
    #: The difference as a share of the control group's rate; None where nobody of it converted.
    relative: float | None

    @property
    def is_certain(self) -> bool:
        """Whether there is a difference, however often somebody has looked."""
        return not self.always_valid.has(0.0)


def uplift(treated: Group, control: Group, confidence: float = 0.95) -> Uplift:
    """Compare two groups that chance made."""
    difference = treated.rate - control.rate
    return Uplift(
        treated=treated,
        control=control,
        difference=difference,
        interval=newcombe(treated, control, confidence),
        always_valid=_always_valid(treated, control, confidence),
        p_value=_p_value(treated, control),
        relative=difference / control.rate if control.rate else None,
    )


def wilson(group: Group, confidence: float = 0.95) -> Interval:
    """The score interval of a rate (Wilson 1927)."""
    n = group.visitors
    if not n:
        return Interval(0.0, 1.0)
    z = _z(confidence)
    middle = group.rate + z * z / (2 * n)
    spread = z * sqrt(group.rate * (1 - group.rate) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def newcombe(one: Group, other: Group, confidence: float = 0.95) -> Interval:
    """The interval of the difference of two rates (Newcombe 1998, method 10)."""
    first, second = wilson(one, confidence), wilson(other, confidence)
    difference = one.rate - other.rate
    return Interval(
        difference - sqrt((one.rate - first.low) ** 2 + (second.high - other.rate) ** 2),
        difference + sqrt((first.high - one.rate) ** 2 + (other.rate - second.low) ** 2),
    )


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> float | None:
    """The probability that chance made groups of these sizes, where these shares were wanted.

    Pearson's chi-square test; below :data:`MISMATCH` no verdict on the experiment is worth anything. None
    where there are fewer than two groups, or too few visitors to tell.
    """
    wanted = [(count, share) for count, share in zip(counts, shares, strict=True) if share > 0]
    total, whole = sum(count for count, _ in wanted), sum(share for _, share in wanted)
    expected = [total * share / whole for _, share in wanted]
    if len(wanted) < 2 or min(expected) < FEWEST:
        return None
    statistic = sum((count - mean) ** 2 / mean for (count, _), mean in zip(wanted, expected, strict=True))
    return chi_square_tail(statistic, len(wanted) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The probability of at least this chi-square (Abramowitz and Stegun 26.4.4 and 26.4.5)."""
    if statistic <= 0:
        return 1.0
    if degrees % 2:
        tail, term, first = erfc(sqrt(statistic / 2)), sqrt(2 * statistic / pi) * exp(-statistic / 2), 3
    else:
        tail, term, first = exp(-statistic / 2), statistic / 2 * exp(-statistic / 2), 4
    for step in range(first, degrees + 1, 2):
        tail += term
        term *= statistic / step
    return min(1.0, tail)


def visitors_needed(rate: float, relative: float, control_share: float, power: float = 0.8) -> int:
    """Visitors of both groups together, to find a relative uplift of a rate with this power, at 5 %."""
    raised = rate * (1 + relative)
    if not (0 < rate < 1 and 0 < raised < 1 and 0 < control_share < 1) or not relative:
        raise ValueError("rates and the share must be between 0 and 1, and the uplift not nothing")
    variance = rate * (1 - rate) / control_share + raised * (1 - raised) / (1 - control_share)
    return ceil(variance * ((_z(0.95) + NormalDist().inv_cdf(power)) / (raised - rate)) ** 2)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _p_value(one: Group, other: Group) -> float:
    """Two-sided z test of two rates with their pooled variance; the same as chi-square without correction."""
    total = one.visitors + other.visitors
    if not one.visitors or not other.visitors:
        return 1.0
    pooled = (one.converted + other.converted) / total
    variance = pooled * (1 - pooled) * (1 / one.visitors + 1 / other.visitors)
    return erfc(abs(one.rate - other.rate) / sqrt(2 * variance)) if variance else 1.0


def _always_valid(one: Group, other: Group, confidence: float) -> Interval:
    """An asymptotic confidence sequence of the difference (Waudby-Smith and others, arXiv 2103.06476)."""
    if not one.visitors or not other.visitors:
        return Interval(-1.0, 1.0)
    alpha, n = 1 - confidence, one.visitors + other.visitors
    # As though one more of each group had converted, and one had not: nobody knows after two visitors.
    variance = sum(_smoothed(group) / group.visitors for group in (one, other)) * n
    rho = sqrt((-2 * log(alpha) + log(-2 * log(alpha) + 1)) / TUNED_FOR)
    scaled = n * rho * rho + 1
    spread = sqrt(variance) * sqrt(2 * scaled * log(sqrt(scaled) / alpha)) / (n * rho)
    difference = one.rate - other.rate
    return Interval(max(-1.0, difference - spread), min(1.0, difference + spread))


def _smoothed(group: Group) -> float:
    """The variance of one visitor of the group."""
    rate = (group.converted + 1) / (group.visitors + 2)
    return rate * (1 - rate)
