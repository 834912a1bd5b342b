"""Proof of work: challenges and proofs in altcha's format, of one site and origin, for some minutes."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.proofs import (
    EASIEST,
    HARDEST,
    LIFETIME,
    MAX_PROOF,
    RECENT,
    ProofChallenge,
    Proofs,
    difficulty,
    solve,
)
from config.sections.sites import Site
from tests.api.shop import settings

ORIGIN, ADDRESS, NOW = "https://shop.example", "203.0.113.7", 1_800_000_000.0


def challenged(proofs: Proofs) -> ProofChallenge:
    return proofs.challenge("shop", ORIGIN, EASIEST, NOW)


def changed(proof: str, **fields: Any) -> str:
    return base64.b64encode(json.dumps({**json.loads(base64.b64decode(proof)), **fields}).encode()).decode()


def test_a_proof_in_altchas_format_is_believed() -> None:
    proofs = Proofs()
    challenge = challenged(proofs)
    assert challenge.algorithm == "SHA-256"
    assert challenge.maxnumber == 1 << EASIEST
    proof = solve(challenge)
    assert len(proof) <= MAX_PROOF
    number = json.loads(base64.b64decode(proof))["number"]
    assert hashlib.sha256(f"{challenge.salt}{number}".encode()).hexdigest() == challenge.challenge
    read = proofs.read(proof, "shop", ORIGIN, NOW + 1)
    assert read is not None
    assert read.expires_at == NOW + LIFETIME
    assert read.bits == EASIEST
    # Browsers write an origin without its default port, settings may have it.
    assert proofs.read(proof, "shop", "https://SHOP.example:443", NOW + 1) == read
    other = proofs.read(solve(challenged(proofs)), "shop", ORIGIN, NOW)
    assert other is not None
    assert other.token_id != read.token_id


def test_it_is_of_no_use_elsewhere_later_or_after_a_restart() -> None:
    proofs = Proofs()
    proof = solve(challenged(proofs))
    assert proofs.read(proof, "other", ORIGIN, NOW) is None
    assert proofs.read(proof, "shop", "https://evil.example", NOW) is None
    assert proofs.read(proof, "shop", ORIGIN, NOW + LIFETIME) is None
    assert Proofs().read(proof, "shop", ORIGIN, NOW) is None


def forgeries(proofs: Proofs) -> dict[str, str]:
    """Proofs that are not."""
    challenge = challenged(proofs)
    proof = solve(challenge)
    number = json.loads(base64.b64decode(proof))["number"]
    longer = challenge.salt.replace(f"{NOW + LIFETIME:.0f}", f"{NOW + 9 * LIFETIME:.0f}")
    mine = hashlib.sha256(b"mine7").hexdigest()
    return {
        "another number": changed(proof, number=number + 1),
        "a later end": changed(proof, salt=longer),
        "a later end with its digest": changed(
            proof, salt=longer, challenge=hashlib.sha256(f"{longer}{number}".encode()).hexdigest()
        ),
        "an easier one for a harder one": changed(proof, salt=challenge.salt.replace("bits=16", "bits=22")),
        "digits that move into the salt": changed(proof, salt=f"{challenge.salt}{str(number)[0]}"),
        "a challenge of one's own": changed(proof, salt="mine", number=7, challenge=mine),
        "no signature": changed(proof, signature=""),
        "another algorithm": changed(proof, algorithm="SHA-1"),
        "a number as a text": changed(proof, number=str(number)),
        "a truth for a number": changed(proof, number=True),
        "a number without end": changed(proof, number=10**400),
        "a long salt": changed(proof, salt="x" * 100_000),
        "no JSON": base64.b64encode(b"{").decode(),
        "deep JSON": base64.b64encode(b"[" * 5000).decode(),
        "no object": base64.b64encode(b"[1]").decode(),
        "no base64": "%%%",
        "half a character": "\ud800",
        "nothing": "",
    }


@pytest.mark.parametrize("forgery", forgeries(Proofs()))
def test_forgeries(forgery: str) -> None:
    proofs = Proofs()
    assert proofs.read(forgeries(proofs)[forgery], "shop", ORIGIN, NOW) is None


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
def test_whatever_is_sent_is_no_proof(sent: str) -> None:
    assert Proofs().read(sent, "shop", ORIGIN, NOW) is None


@pytest.mark.parametrize(
    ("of_network", "of_site", "bits"),
    [
        (0, 0, 16), (0.25, 0.25, 16), (0.26, 0, 18), (0.6, 0, 19), (0.8, 0, 20), (1.1, 0, 21), (2.1, 0, 22),
        (0, 0.3, 17), (0, 0.6, 18), (0, 5, 19), (0.6, 0.6, 21), (100, 100, 22),
    ],
)  # fmt: skip
def test_more_calls_make_it_harder(of_network: float, of_site: float, bits: int) -> None:
    assert difficulty(of_network, of_site) == bits


@given(st.floats(0, 100), st.floats(0, 100))
def test_difficulty_keeps_its_bounds_and_never_falls(of_network: float, of_site: float) -> None:
    bits = difficulty(of_network, of_site)
    assert EASIEST <= bits <= HARDEST
    assert difficulty(of_network + 1, of_site) >= bits
    assert difficulty(of_network, of_site + 1) >= bits


def site(**changed: Any) -> Site:
    usual = {"calls_per_ip": ["10 per 15m", "30 per 1d"], "calls_per_site": ["600 per 1h"]}
    return settings(**{"limits": usual, "proof_of_work": "when_busy", **changed}).sites["shop"]


def test_who_calls_for_the_first_time_has_nothing_to_compute() -> None:
    assert Proofs().wanted("shop", site(), ADDRESS, NOW) == 0
    assert Proofs().wanted("shop", site(proof_of_work="always"), ADDRESS, NOW) == EASIEST


def test_the_neighbours_in_a_network_count_together_for_a_while() -> None:
    proofs = Proofs()
    for host in range(3):
        proofs.placed("shop", f"203.0.113.{host}", NOW)
    assert proofs.wanted("shop", site(), "203.0.113.99", NOW) == 18
    assert proofs.wanted("shop", site(proof_of_work="off"), "203.0.113.99", NOW) == 0
    for elsewhere in ("192.0.2.1", "2001:db8::/64"):
        assert proofs.wanted("shop", site(), elsewhere, NOW) == 0
    assert proofs.wanted("shop", site(), "203.0.113.99", NOW + RECENT) == 0


def test_a_busy_site_makes_it_harder_for_all_its_shoppers() -> None:
    proofs = Proofs()
    for n in range(60):  # within ten minutes, where 600 an hour are allowed
        proofs.placed("shop", f"203.0.{n}.1", NOW)
    assert proofs.wanted("shop", site(), "192.0.2.1", NOW) == EASIEST + 2
    assert proofs.wanted("other", site(), "192.0.2.1", NOW) == 0


def test_a_site_without_limits_gets_harder_all_the_same() -> None:
    proofs = Proofs()
    for n in range(100):
        proofs.placed("shop", f"203.0.{n}.1", NOW)
    assert proofs.wanted("shop", site(limits={"calls_per_ip": [], "calls_per_site": []}), ADDRESS, NOW) > 0


def test_what_is_remembered_has_bounds() -> None:
    proofs = Proofs()
    for n in range(20_000):
        proofs.placed("shop", f"10.{n >> 8}.{n & 255}.1", NOW)
    assert len(proofs._networks._times) <= 10_000
    assert len(proofs._sites._times["call shop"]) <= 4096
