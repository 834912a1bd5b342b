"""The challenge that a page solves before its shopper asks for a call or a chat."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.callers import Callers
from api.page.models import SiteKey
from api.problems import Problem
from api.proofs import LIFETIME, ProofChallenge, ProofFor, Proofs
from api.routes import BODY_PROBLEMS, UrlRow
from bridge.protocols import Clock
from config.models import Config

#: Bytes of the question.
MOST_ASKED = 512


class ChallengeRequest(BaseModel):
    """A page whose shopper begins to fill in the form."""

    model_config = ConfigDict(extra="ignore", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")
    what: ProofFor = Field(default="call", description="What the shopper is about to ask for.")


class GivenChallenge(BaseModel):
    """What to solve before the call is asked for."""

    challenge: ProofChallenge | None = Field(description="Null: no proof is wanted now.")
    expires_in: float = Field(description="Seconds in which the proof must be used.")


class ChallengeEndpoints:
    """Gives challenges to pages."""

    def __init__(self, config: Callable[[], Config], clock: Clock, proofs: Proofs) -> None:
        self._clock = clock
        self._proofs = proofs
        self._callers = Callers(config, clock)

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of challenges."""
        refusals = (Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.LIMIT_REQUESTS)
        return (
            UrlRow("POST", "/v1/page/challenge", self.give, "proof_challenge", for_sites=True,
                  max_body=MOST_ASKED, problems=(*BODY_PROBLEMS, *refusals)),
        )  # fmt: skip

    async def give(self, asked: ChallengeRequest, request: Request) -> GivenChallenge:
        """A challenge for one call or chat of this site, from a page of this origin, good for minutes.

        Its fields are those of altcha, version 1, so that programs for altcha solve it.
        """
        address, now = self._callers.admit(request), self._clock.time()
        name, site, origin = self._callers.site(asked.site_key, request)
        bits = self._proofs.wanted(name, site, address, now, asked.what)
        challenge = self._proofs.challenge(name, origin, bits, now) if bits else None
        return GivenChallenge(challenge=challenge, expires_in=LIFETIME)
