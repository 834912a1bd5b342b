"""The bench of engagement rules decides as the server does, and says what became of it."""

from __future__ import annotations

from bench.engage import _KINDS, _OPEN, measure, site_of


def test_it_measures_decisions() -> None:
    told = measure(site_of(20, _KINDS), 300)
    assert (told["rules"], told["decisions"]) == (20, 300)
    assert told["shown"] > 0
    assert told["held"] > 0
    assert 0 < told["p50_ms"] <= told["p95_ms"] <= told["p99_ms"]


def test_its_hardest_site_has_rules_that_no_page_rules_out() -> None:
    assert all(rule.ever is None for rule in site_of(40, _OPEN).rules)
