"""The figures of experiments, against those of the literature, scipy 1.17.1 and statsmodels 0.15.0."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.statistics import (
    Group,
    Interval,
    Uplift,
    chi_square_tail,
    newcombe,
    sample_ratio,
    uplift,
    visitors_needed,
    wilson,
)

COUNTS = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
GROUPS = COUNTS.map(lambda pair: Group(*pair))


@pytest.mark.parametrize(
    ("treated", "control", "low", "high", "p_value"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10; and
        # statsmodels: confint_proportions_2indep(..., method="newcomb"), proportions_ztest.
        ((70, 56), (80, 48), 0.052431, 0.333873, 0.00804508),
        ((10, 9), (10, 3), 0.170523, 0.809018, 0.00616990),
        ((7, 6), (7, 2), 0.058228, 0.806250, 0.03075356),
        ((56, 5), (29, 0), -0.038137, 0.192560, 0.09718657),
        ((10, 0), (20, 0), -0.161125, 0.277533, 1.0),
        ((10, 10), (20, 0), 0.679086, 1.0, 4e-08),
        ((10000, 240), (10000, 200), -0.000071, 0.008092, 0.05382355),
        ((50210, 1212), (5011, 98), 0.000166, 0.008327, 0.04213819),
    ],
)  # fmt: skip
def test_the_interval_and_the_p_value_of_a_difference(
    treated: tuple[int, int], control: tuple[int, int], low: float, high: float, p_value: float
) -> None:
    found = uplift(Group(*treated), Group(*control))
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-6)
    assert found.p_value == pytest.approx(p_value, abs=1e-8)


@pytest.mark.parametrize(
    ("group", "low", "high"),
    [
        # statsmodels: proportion_confint(..., method="wilson").
        (Group(20, 0), 0.0, 0.16112516),
        (Group(20, 1), 0.00888145, 0.23613119),
        (Group(20, 13), 0.43285428, 0.81880818),
        (Group(1000, 999), 0.99435744, 0.99982345),
        (Group(1200, 24), 0.01347627, 0.02958709),
    ],
)
def test_the_interval_of_a_rate(group: Group, low: float, high: float) -> None:
    found = wilson(group)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-8)


@pytest.mark.parametrize(
    ("statistic", "degrees", "tail"),
    [
        # scipy: chi2.sf.
        (3.841458820694124, 1, 0.05),
        (10.827566170662733, 1, 0.001),
        (5.991464547107979, 2, 0.05),
        (0.5, 2, 0.7788007830714049),
        (7.81, 3, 0.05010605635000589),
        (20, 7, 0.005569683072945574),
        (200, 3, 4.218541107192018e-43),
        (31.41, 20, 0.05000523920231515),
        (0, 3, 1.0),
    ],
)
def test_the_tail_of_chi_square(statistic: float, degrees: int, tail: float) -> None:
    assert chi_square_tail(statistic, degrees) == pytest.approx(tail, rel=1e-12)


def test_groups_that_are_not_what_was_wanted() -> None:
    # scipy: chisquare.
    assert sample_ratio([5120, 4880], [0.5, 0.5]) == pytest.approx(0.01639507184919225)
    assert sample_ratio([820, 610, 8570], [0.1, 0.05, 0.85]) == pytest.approx(3.839610444869278e-13)
    # growthbook#6386: a 10 % arm that is seen as 17 %.
    found = sample_ratio([170, 830], [0.1, 0.9])
    assert found is not None
    assert found < 0.001
    assert sample_ratio([7, 9], [0.5, 0.5]) == pytest.approx(0.6170750774519738)
    assert sample_ratio([3, 4], [0.5, 0.5]) is None
    assert sample_ratio([100], [1.0]) is None
    assert sample_ratio([100, 0], [1.0, 0.0]) is None


def test_how_many_visitors_an_experiment_needs() -> None:
    """At 2 %: +10 % and +50 %, half and half and with 10 % held back."""
    found = [visitors_needed(0.02, more, share) for more in (0.1, 0.5) for share in (0.5, 0.1)]
    assert found == pytest.approx([161_000, 431_000, 7_600, 18_000], rel=0.01)
    with pytest.raises(ValueError, match="between 0 and 1"):
        visitors_needed(0.6, 1.0, 0.5)


@given(GROUPS, GROUPS)
def test_intervals_hold_what_was_seen_and_are_the_same_seen_from_the_other_side(
    one: Group, other: Group
) -> None:
    found, reverse = uplift(one, other), uplift(other, one)
    for interval in (found.interval, found.always_valid):
        assert -1 - 1e-9 <= interval.low <= found.difference + 1e-9
        assert found.difference - 1e-9 <= interval.high <= 1 + 1e-9
    assert found.interval.low == pytest.approx(-reverse.interval.high, abs=1e-9)
    assert found.always_valid.low == pytest.approx(-reverse.always_valid.high, abs=1e-9)
    assert found.p_value == pytest.approx(reverse.p_value, abs=1e-9)
    assert 0 <= found.p_value <= 1


def test_nobody_is_nothing() -> None:
    found = uplift(Group(0, 0), Group(10, 0))
    assert found == Uplift(
        Group(0, 0), Group(10, 0), 0.0, newcombe(Group(0, 0), Group(10, 0)), Interval(-1.0, 1.0), 1.0, None
    )
    assert not found.is_certain


def _experiment(random: np.random.Generator, rate: float, more: float) -> tuple[bool, bool]:
    """Looks every 500 visitors, 40 times: whether either interval ever left out 0."""
    groups = [Group(0, 0), Group(0, 0)]
    always = once = False
    for _ in range(40):
        for index, each in enumerate((rate * (1 + more), rate)):
            converted = groups[index].converted + int(random.binomial(250, each))
            groups[index] = Group(groups[index].visitors + 250, converted)
        found = uplift(groups[0], groups[1])
        always |= found.is_certain
        once |= not found.interval.has(0.0)
    return always, once


def test_looking_again_and_again_is_safe_with_the_always_valid_interval_alone() -> None:
    random = np.random.default_rng(20261130)
    alike = [_experiment(random, 0.05, 0.0) for _ in range(300)]
    false_alarms = sum(always for always, _ in alike) / 300
    of_ordinary = sum(once for _, once in alike) / 300
    # Two standard deviations above the 5 % that it promises, and what peeking does to the other.
    assert false_alarms <= 0.05 + 2 * sqrt(0.05 * 0.95 / 300)
    assert of_ordinary > 0.2
    raised = [_experiment(random, 0.05, 0.5) for _ in range(50)]
    assert sum(always for always, _ in raised) >= 45
