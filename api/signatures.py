"""What the retailer's server signs: JSON Web Tokens (RFC 7519) by the key of a site's settings.

A token's ``aud`` is the site's name in the settings, ``exp`` and ``iat`` are when it ends and was made;
``nbf``, which may be left out, is when it begins to count. ``for`` tells what it is good for, and it is good
for nothing else: a call where it says nothing, ``page`` or ``conversion``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import jwt
from jwt.types import Options

from api.problems import Problem, RequestError
from config.sections.data_pass import Signing

Purpose = Literal["call", "page", "conversion"]
#: Seconds by which the clocks of the two servers may differ.
LEEWAY = 30.0
#: Seconds since the epoch that nobody will see.
_LAST_MOMENT = 2**53


def signed_claims(
    token: str,
    signing: Signing | None,
    site: str,
    now: float,
    *,
    purpose: Purpose,
    required: tuple[str, ...] = (),
    lifetime: float,
) -> Mapping[str, Any]:
    """The claims of a token that is believed; :class:`RequestError` for any other.

    ``required`` are claims beside the times and ``aud``; ``lifetime`` is the longest in seconds from ``iat``
    to ``exp``. That it was used before is not known here.
    """
    if signing is None:
        raise RequestError(
            Problem.SIGNED_INVALID, detail="The settings of this site name no key to check it."
        )
    claims = _verified(token, signing, site, required)
    is_for = claims.get("for", "call")
    if is_for != purpose:
        raise not_believed(
            f"its for says {is_for if is_for in ('call', 'page', 'conversion') else 'something else'}"
            f", not {purpose}"
        )
    made, ends = claims["iat"], claims["exp"]
    if not all(_is_moment(at) for at in (made, ends)):
        raise not_believed("its iat or exp is no number of seconds")
    if made > now + LEEWAY:
        raise not_believed("its iat lies in the future: compare the servers' clocks")
    if not made < ends <= made + lifetime:
        raise not_believed(f"its exp must come after its iat, by {lifetime:g} seconds at most")
    begins = claims.get("nbf", made)
    if not _is_moment(begins):
        raise not_believed("its nbf is no number of seconds")
    if begins > now + LEEWAY:
        raise not_believed("its nbf lies in the future: compare the servers' clocks")
    if ends + LEEWAY <= now:
        raise RequestError(Problem.SIGNED_EXPIRED)
    return claims


def signed_text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    """A claim that is a printable text of 1 to so many characters; refuses any other."""
    text = claims[name]
    if not isinstance(text, str) or not 1 <= len(text) <= longest or not text.isprintable():
        raise not_believed(f"its {name} is no text of 1 to {longest} characters")
    return text


def not_believed(why: str) -> RequestError:
    """The refusal of a token."""
    return RequestError(Problem.SIGNED_INVALID, detail=f"The token is not valid: {why}.")


def _is_moment(at: object) -> bool:
    return isinstance(at, int | float) and not isinstance(at, bool) and abs(at) < _LAST_MOMENT


def _verified(token: str, signing: Signing, site: str, required: tuple[str, ...]) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed. Times are for the caller to judge."""
    options: Options = {
        "require": ["aud", "exp", "iat", *required],
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
    }
    problem = "no key has signed it"
    for key in _keys(signing):
        try:
            return jwt.decode(token, key, algorithms=[signing.algorithm], audience=site, options=options)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, RecursionError) as error:  # a header may be nested a thousand deep
            problem = str(error)
            break
    raise not_believed(problem)


def _keys(signing: Signing) -> list[str]:
    if signing.algorithm == "ES256":
        return [
            f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n" for key in signing.public_keys
        ]
    return [secret.get_secret_value() for secret in (signing.secret, signing.former_secret) if secret]
