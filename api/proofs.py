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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.addresses import network_of
from api.origins import normal_origin
from api.problems import Problem, RequestError
from config.fields import Window
from config.sections.sites import Site

#: Seconds that a challenge may be solved and its proof be used.
LIFETIME = 300.0
#: Powers of two: among how many numbers the one is, where nothing goes on, and where a lot does.
EASIEST, HARDEST = 16, 22
#: A proof may be so many bits easier than what is wanted by now: it was begun some minutes ago.
TOLERANCE = 2
#: Seconds in which calls count as recent.
RECENT = 600.0
#: Characters of a proof, at most.
MAX_PROOF = 640

#: What a proof is for: calls, chats and forms make only their own kind harder.
ProofFor = Literal["call", "chat", "lead"]

_MOST_KEYS = 10_000
_MOST_TIMES = 4096
_SALT = re.compile(r"([0-9a-f]{16})\?expires=(\d{1,12})&bits=(\d\d)&")


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
    bits: int


class Proofs:
    """Makes challenges and reads proofs. The key lives with the process: a restart voids what is out."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._networks = _Recent()
        self._sites = _Recent()

    def wanted(self, name: str, site: Site, client_ip: str, now: float, what: ProofFor = "call") -> int:
        """The bits of the proof that a call or a chat of this site wants from this address; 0 for none."""
        if site.proof_of_work == "off":
            return 0
        of_address, of_site = _allowed(site, what)
        bits = difficulty(
            self._networks.count(f"{what} {network_of(client_ip)}", now) / max(1, of_address.times),
            self._sites.count(f"{what} {name}", now) / max(1.0, of_site.times * RECENT / of_site.seconds),
        )
        return 0 if site.proof_of_work == "when_busy" and bits == EASIEST else bits

    def challenge(self, name: str, origin: str, bits: int, now: float) -> ProofChallenge:
        """A new challenge of so many bits, good for :data:`LIFETIME` on pages of this origin."""
        salt = f"{secrets.token_hex(8)}?expires={int(now + LIFETIME)}&bits={bits}&"
        digest = _digest(salt, secrets.randbelow((1 << bits) + 1))
        signature = self._sign(name, origin, digest)
        return ProofChallenge(challenge=digest, maxnumber=1 << bits, salt=salt, signature=signature)

    def read(self, proof: str, name: str, origin: str, now: float) -> Proof | None:
        """The proof, if it solves a challenge of this site and origin which has not expired."""
        try:
            solved = _Solved.model_validate_json(base64.b64decode(proof, validate=True))
        except (ValidationError, binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(solved.signature, self._sign(name, origin, solved.challenge)):
            return None
        salt = _SALT.fullmatch(solved.salt)
        if salt is None or int(salt[2]) <= now:
            return None
        if not hmac.compare_digest(solved.challenge, _digest(solved.salt, solved.number)):
            return None
        return Proof(f"proof:{salt[1]}", float(salt[2]), int(salt[3]))

    def check(
        self,
        proof: str | None,
        name: str,
        site: Site,
        origin: str,
        client_ip: str,
        now: float,
        what: ProofFor = "call",
    ) -> Proof | None:
        """The proof that came, None where none came and none is wanted.

        ``proof_missing`` or ``proof_invalid`` otherwise.
        """
        bits = self.wanted(name, site, client_ip, now, what)
        if proof is None:
            if bits:
                raise RequestError(Problem.PROOF_MISSING)
            return None
        found = self.read(proof, name, origin, now)
        if found is None or found.bits < bits - TOLERANCE:
            raise RequestError(Problem.PROOF_INVALID)
        return found

    def placed(self, name: str, client_ip: str, now: float, what: ProofFor = "call") -> None:
        """A call of this site was placed, or a chat begun, from this address."""
        self._networks.add(f"{what} {network_of(client_ip)}", now)
        self._sites.add(f"{what} {name}", now)

    def _sign(self, site: str, origin: str, digest: str) -> str:
        bound = f"{site}\0{normal_origin(origin)}".encode(errors="replace")
        key = hmac.new(self._key, bound, hashlib.sha256).digest()
        return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()


def difficulty(of_network: float, of_site: float) -> int:
    """The power of two for the next challenge. Pure.

    Both are the share of what the limits allow that was lately placed: by the asker's network of what one
    address may, and by the whole site. Only placed calls count, not challenges: whoever asks for many without
    solving them makes it harder for nobody.
    """
    bits = EASIEST + sum(more for share, more in _BY_NETWORK if of_network > share)
    return min(HARDEST, bits + sum(more for share, more in _BY_SITE if of_site > share))


def _allowed(site: Site, what: ProofFor) -> tuple[Window, Window]:
    """What one address may, and the whole site."""
    if what == "chat" and site.chat is not None:
        limits = site.chat.limits
        return _shortest(limits.per_ip, Window(30, RECENT)), Window(limits.open_per_site, RECENT)
    if what == "lead":
        return Window(4, RECENT), Window(40, RECENT)
    of_site = _shortest(site.limits.calls_per_site, Window(100, RECENT))
    return _shortest(site.limits.calls_per_ip, Window(10, RECENT)), of_site


def _shortest(windows: Sequence[Window], otherwise: Window) -> Window:
    return min(windows, key=lambda window: window.seconds, default=otherwise)


#: Above this share, so many bits more than the row before.
_BY_NETWORK = ((0.25, 2), (0.5, 1), (0.75, 1), (1.0, 1), (2.0, 1))
_BY_SITE = ((0.25, 1), (0.5, 1), (0.75, 1))


class _Recent:
    """When something happened, by key, within bounds."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def add(self, key: str, now: float) -> None:
        """It happened now."""
        times = self._times.pop(key, None) or deque(maxlen=_MOST_TIMES)
        times.append(now)
        self._times[key] = times  # at the end: it was the last
        if len(self._times) > _MOST_KEYS:
            del self._times[next(iter(self._times))]

    def count(self, key: str, now: float) -> int:
        """How often it happened lately."""
        times = self._times.get(key)
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
