"""What the retailer's server has signed: JSON Web Tokens (RFC 7519), each good for one call.

A token's ``aud`` is the site's name in the settings, ``exp`` and ``iat`` are when it ends and was made,
``jti`` is a text that no other token has; ``context`` is the data, as a page passes it. ``nbf``, which may be
left out, is when it begins to count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import jwt
from jwt.types import Options

from api.problems import Problem, RequestError
from api.shop.data_pass import passed
from config.sections.data_pass import Signing
from config.sections.sites import Site

#: Seconds by which the clocks of the two servers may differ.
LEEWAY = 30.0
LONGEST_ID = 128
#: Seconds since the epoch that nobody will see.
_LAST_MOMENT = 2**53
_TIMES_ARE_OURS: Options = {
    "require": ["aud", "exp", "iat", "jti", "context"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class UsedTokens(Protocol):
    """Remembers the tokens that are used up; every method may raise store.errors.StoreError."""

    async def use(self, site: str, token_id: str, expires_at: float, now: float) -> bool:
        """Use a token up; whether it was still unused. It is remembered until it expires."""

    async def give_back(self, site: str, token_id: str) -> None:
        """The call that used the token did not come about: it may be used again."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that is believed; without an id, none was sent."""

    context: dict[str, str] = field(default_factory=dict)
    token_id: str = ""
    #: Until when it must be remembered, in seconds since the epoch.
    expires_at: float = 0.0


def read_signed(token: str | None, name: str, site: Site, now: float) -> Signed:
    """What the token of a call on this site says; :class:`RequestError` for one that is not believed.

    That it was used before is not known here.
    """
    signing = site.data_pass.signing
    if token is None:
        if signing is not None and signing.token_required:
            raise RequestError(Problem.SIGNED_MISSING)
        return Signed()
    if signing is None:
        raise RequestError(
            Problem.SIGNED_INVALID, detail="The settings of this site name no key to check it."
        )
    claims = _verified(token, signing, name)
    made, ends, token_id = claims["iat"], claims["exp"], claims["jti"]
    if not all(_is_moment(at) for at in (made, ends)):
        raise _not_believed("its iat or exp is no number of seconds")
    if not isinstance(token_id, str) or not 1 <= len(token_id) <= LONGEST_ID or not token_id.isprintable():
        raise _not_believed(f"its jti is no text of 1 to {LONGEST_ID} characters")
    if not isinstance(claims["context"], dict):
        raise _not_believed("its context is no object")
    if made > now + LEEWAY:
        raise _not_believed("its iat lies in the future: compare the servers' clocks")
    if not made < ends <= made + signing.lifetime:
        raise _not_believed(f"its exp must come after its iat, by {signing.lifetime:g} seconds at most")
    begins = claims.get("nbf", made)
    if not _is_moment(begins):
        raise _not_believed("its nbf is no number of seconds")
    if begins > now + LEEWAY:
        raise _not_believed("its nbf lies in the future: compare the servers' clocks")
    if ends + LEEWAY <= now:
        raise RequestError(Problem.SIGNED_EXPIRED)
    context = passed(claims["context"], site.data_pass, "body.signed.context")
    return Signed(context, token_id, ends + LEEWAY)


def _is_moment(at: object) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and abs(at) < _LAST_MOMENT


def _verified(token: str, signing: Signing, name: str) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed. Times are for the caller to judge."""
    problem = "no key has signed it"
    for key in _keys(signing):
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[signing.algorithm],
                audience=name,
                options=_TIMES_ARE_OURS,
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, RecursionError) as error:  # a header may be nested a thousand deep
            problem = str(error)
            break
    raise _not_believed(problem)


def _keys(signing: Signing) -> list[str]:
    if signing.algorithm == "ES256":
        return [
            f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n" for key in signing.public_keys
        ]
    return [secret.get_secret_value() for secret in (signing.secret, signing.former_secret) if secret]


def _not_believed(why: str) -> RequestError:
    return RequestError(Problem.SIGNED_INVALID, detail=f"The token is not valid: {why}.")
