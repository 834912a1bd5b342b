"""Proof of work of the call form: a browser computes for a moment before its call is placed.

Challenges and proofs are those of altcha, version 1 (https://altcha.org/docs/v2/proof-of-work/): the server
draws a number up to ``maxnumber`` and tells the SHA-256 of a salt followed by that number, and the browser
tries numbers until it has found it. By an HMAC the server knows its own challenges without keeping them. The
key of that HMAC is one of the site and of the page's origin: a proof is of no use anywhere else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections import deque
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.addresses import network_of
from api.origins import normal_origin

#: Seconds that a challenge may be solved and its proof be used.
LIFETIME = 300.0
#: Powers of two: among how many numbers the one is, where nothing goes on, and where a lot does.
EASIEST, HARDEST = 16, 22
#: Seconds in which calls with a proof count as recent.
RECENT = 600.0
#: Characters of a proof, at most.
MAX_PROOF = 640

_MOST_NETWORKS = 10_000
_MOST_TIMES = 4096
_SALT = re.compile(r"([0-9a-f]{24})\?expires=(\d{1,12})&")


class ProofChallenge(BaseModel):
    """What a browser has to solve, in the fields of altcha."""

    algorithm: str = Field(default="SHA-256", description="Always SHA-256.")
    challenge: str = Field(description="In hexadecimal: SHA-256 of the salt followed by the number.")
    maxnumber: int = Field(description="The number is not larger.")
    salt: str
    signature: str = Field(description="Goes back with the proof.")


class _Solved(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    algorithm: str = Field(pattern="^SHA-256$")
    challenge: str = Field(pattern="^[0-9a-f]{64}$")
    number: int = Field(ge=0, le=1 << HARDEST)
    salt: str = Field(max_length=64)
    signature: str = Field(pattern="^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that is right; that it was used before is not known here."""

    token_id: str
    #: Seconds since the epoch.
    expires_at: float


class Proofs:
    """Makes challenges and reads proofs. The key lives with the process: a restart voids what is out."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used = RecentProofs()

    def challenge(
        self, site: str, origin: str, client_ip: str, hourly: int, now: float
    ) -> tuple[ProofChallenge, float]:
        """A new challenge, and when it expires; the more calls there were, the longer it takes.

        ``hourly``: calls with which the site is busy, an hour.
        """
        most = 1 << difficulty(
            self._used.of_network(client_ip, now), self._used.of_site(site, now) * 3600 / RECENT / hourly
        )
        expires = int(now + LIFETIME)
        salt = f"{secrets.token_hex(12)}?expires={expires}&"
        digest = _digest(salt, secrets.randbelow(most + 1))
        signature = self._sign(site, origin, digest)
        return ProofChallenge(challenge=digest, maxnumber=most, salt=salt, signature=signature), float(
            expires
        )

    def read(self, proof: str, site: str, origin: str, now: float) -> Proof | None:
        """The proof, if it solves a challenge of this site and origin which has not expired."""
        try:
            solved = _Solved.model_validate_json(base64.b64decode(proof, validate=True))
        except (ValidationError, binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(solved.signature, self._sign(site, origin, solved.challenge)):
            return None
        salt = _SALT.fullmatch(solved.salt)
        if salt is None or int(salt[2]) <= now:
            return None
        if not hmac.compare_digest(solved.challenge, _digest(solved.salt, solved.number)):
            return None
        return Proof(f"proof:{salt[1]}", float(salt[2]))

    def used(self, site: str, client_ip: str, now: float) -> None:
        """A call was asked for with a proof."""
        self._used.add(site, client_ip, now)

    def _sign(self, site: str, origin: str, digest: str) -> str:
        bound = f"{site}\0{normal_origin(origin)}".encode(errors="replace")
        key = hmac.new(self._key, bound, hashlib.sha256).digest()
        return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()


def difficulty(of_network: int, of_site: float) -> int:
    """The power of two for the next challenge. Pure.

    ``of_network``: calls with a proof that the asker's network had lately; each doubling is one bit more.
    ``of_site``: how busy the site is: 1 where calls come as often as its limit allows. Only calls count, not
    challenges: whoever asks for many without solving them makes it harder for nobody.
    """
    busy = sum(of_site > share for share in (0.25, 0.5))
    return min(HARDEST, EASIEST + (of_network + 1).bit_length() - 1 + busy)


class RecentProofs:
    """When proofs were used, by network and by site, within bounds."""

    def __init__(self) -> None:
        self._networks: dict[str, deque[float]] = {}
        self._sites: dict[str, deque[float]] = {}

    def add(self, site: str, client_ip: str, now: float) -> None:
        """A proof was used now."""
        _note(self._networks, network_of(client_ip), now)
        _note(self._sites, site, now)

    def of_network(self, client_ip: str, now: float) -> int:
        """How many the network of this address used lately."""
        return _count(self._networks, network_of(client_ip), now)

    def of_site(self, site: str, now: float) -> int:
        """How many were used lately for calls of this site."""
        return _count(self._sites, site, now)


def _note(of: dict[str, deque[float]], key: str, now: float) -> None:
    times = of.pop(key, None) or deque(maxlen=_MOST_TIMES)
    times.append(now)
    of[key] = times  # at the end: it was the last
    if len(of) > _MOST_NETWORKS:
        del of[next(iter(of))]


def _count(of: dict[str, deque[float]], key: str, now: float) -> int:
    times = of.get(key)
    if times is None:
        return 0
    while times and times[0] <= now - RECENT:
        times.popleft()
    return len(times)


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def solve(challenge: ProofChallenge) -> str:
    """The proof for a challenge, as a browser makes it: for tests, and for programs that ask for calls."""
    number = next(
        n for n in range(challenge.maxnumber + 1) if _digest(challenge.salt, n) == challenge.challenge
    )
    solved = {**challenge.model_dump(exclude={"maxnumber"}), "number": number}
    return base64.b64encode(json.dumps(solved).encode()).decode()
