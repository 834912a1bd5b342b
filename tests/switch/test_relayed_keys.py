"""Each key reaches the partner once, whether the relay carries it or we inject it."""

from switch.relayed_keys import RelayedKeys


def test_a_key_that_the_relay_carried_is_not_sent_again() -> None:
    keys = RelayedKeys()
    assert keys.came("1", 10.0)
    assert keys.came("1", 10.3)
    assert keys.has_carried("1", 10.4)
    assert not keys.has_carried("2", 10.4)
    assert keys.has_carried("1", 10.5)
    assert not keys.has_carried("1", 10.6)


def test_a_key_that_we_inject_is_not_told_as_the_partners() -> None:
    keys = RelayedKeys()
    keys.inject("5", 10.0)
    assert not keys.came("5", 10.2)
    assert keys.came("5", 10.4)
    keys.inject("#", 20.0)
    assert keys.came("#", 23.0), "long after, it is somebody's own"


def test_what_was_never_passed_on_is_forgotten() -> None:
    keys = RelayedKeys()
    assert keys.came("1", 10.0)
    assert not keys.has_carried("1", 13.0)
