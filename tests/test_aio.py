import asyncio

import pytest

from tests.aio import asyncio_test


@asyncio_test
async def test_coroutine_tests_run_on_the_reactors_loop() -> None:
    from twisted.internet import reactor

    await asyncio.sleep(0)
    assert asyncio.get_running_loop() is reactor._asyncioEventloop  # type: ignore[attr-defined]


@pytest.mark.xfail(raises=AssertionError, strict=True)
@asyncio_test
async def test_a_failing_coroutine_fails_its_test() -> None:
    await asyncio.sleep(0)
    raise AssertionError
