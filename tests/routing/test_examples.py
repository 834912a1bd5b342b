"""The examples do what the file of expectations beside each of them says, and no route is left out."""

from __future__ import annotations

import pytest

from config.tests_file import load_tests_file
from routing.expectations import run_tests
from routing.load import load
from tests.config.files import ENVIRONMENT, EXAMPLES


@pytest.mark.parametrize(
    "name", ["support", "browser_agents", "radiator", "jenny_craig", "one_shop", "chain", "agency"]
)
def test_an_example_does_what_is_expected(name: str) -> None:
    file = EXAMPLES / f"{name}.yaml"
    router = load(file, ENVIRONMENT).router
    beside = load_tests_file(file, router.config)
    outcomes = run_tests(router, beside.tests if beside else ())
    assert outcomes.results
    assert [(each.test.name, each.failures) for each in outcomes.results if each.failures] == []
    assert outcomes.uncovered == ()
