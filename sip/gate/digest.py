"""Digest authentication (RFC 7616, RFC 8760): the best challenge that we can answer, and its answer.

PJSIP never sees a challenge of the peer's: it gets a simple one of ours, so that it repeats the request, and
what it writes as Authorization is replaced by the answer to the real challenge.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

#: The best first; SHA-512-256 is what some call SHA-512/256.
_HASHES = {"SHA-512-256": "sha512_256", "SHA-256": "sha256", "MD5": "md5"}
_PARAMETER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^\s,\"]*)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we claim to be, and in which realm ("*": any)."""

    username: str
    password: str
    realm: str = "*"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One Digest challenge that can be answered."""

    #: ``Authorization`` or ``Proxy-Authorization``.
    header: str
    realm: str
    nonce: str
    #: As the peer wrote it; empty where it named none.
    algorithm: str
    opaque: str | None
    #: ``auth``, ``auth-int``, or empty for the old way of RFC 2069.
    qop: str
    stale: bool


def challenges_in(lines: Iterable[tuple[str, str]]) -> list[Challenge]:
    """Those of a response's headers that can be answered, for each kind and realm the best alone.

    One line may hold several challenges, and other schemes beside Digest (RFC 9110 section 11.6.1).
    """
    best: dict[tuple[str, str], tuple[int, Challenge]] = {}
    for name, value in lines:
        kind = {"www-authenticate": "Authorization", "proxy-authenticate": "Proxy-Authorization"}.get(
            name.lower()
        )
        if kind is None:
            continue
        for scheme, rest in _schemes(value):
            if scheme.lower() != "digest":
                continue
            found = _challenge(kind, rest)
            if found is None:
                continue
            rank = list(_HASHES).index(_base(found.algorithm))
            known = best.get((kind, found.realm))
            if known is None or rank < known[0]:
                best[kind, found.realm] = (rank, found)
    return [challenge for _, challenge in best.values()]


def _schemes(value: str) -> list[tuple[str, str]]:
    """Scheme and parameters of every challenge in one line."""
    masked = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: '"' + "x" * (len(found[0]) - 2) + '"', value)
    starts = [
        found
        for found in re.finditer(
            r"(?:^|,)\s*([A-Za-z0-9-]+)(?=\s+[A-Za-z0-9_-]+\s*=|\s*(?:,|$)|\s+[^\s,=]+=*\s*(?:,|$))", masked
        )
        if not re.match(r"\s*=", masked[found.end(1) :])
    ]
    found = []
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(value)
        found.append((start[1], value[start.end(1) : end]))
    return found


def _challenge(kind: str, text: str) -> Challenge | None:
    part = {name.lower(): _unquoted(value) for name, value in _PARAMETER.findall(text)}
    algorithm = part.get("algorithm", "")
    qops = [one.strip().lower() for one in part.get("qop", "").split(",") if one.strip()]
    if "realm" not in part or not part.get("nonce") or _base(algorithm) not in _HASHES:
        return None
    if qops and not {"auth", "auth-int"} & set(qops):
        return None
    if any(re.search(r"[\x00-\x1f\x7f]", value) for value in part.values()):
        return None
    qop = "auth" if "auth" in qops else "auth-int" if qops else ""
    stale = part.get("stale", "").lower() == "true"
    return Challenge(kind, part["realm"], part["nonce"], algorithm, part.get("opaque"), qop, stale)


def answer(
    challenge: Challenge,
    who: Credentials,
    method: str,
    uri: str,
    body: bytes,
    count: int = 1,
    cnonce: str = "",
) -> str:
    """The value of the Authorization; ``count`` is how often this nonce was used, this time included."""
    cnonce = cnonce or secrets.token_hex(8)

    def hashed(text: bytes) -> str:
        return hashlib.new(_HASHES[_base(challenge.algorithm)], text, usedforsecurity=False).hexdigest()

    one = hashed(f"{who.username}:{challenge.realm}:{who.password}".encode())
    if challenge.algorithm.upper().endswith("-SESS"):
        one = hashed(f"{one}:{challenge.nonce}:{cnonce}".encode())
    two = f"{method}:{uri}" + (f":{hashed(body)}" if challenge.qop == "auth-int" else "")
    middle = f"{challenge.nonce}:{count:08x}:{cnonce}:{challenge.qop}" if challenge.qop else challenge.nonce
    response = hashed(f"{one}:{middle}:{hashed(two.encode())}".encode())
    parts = [
        f"username={_quoted(who.username)}", f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}", f"uri={_quoted(uri)}", f'response="{response}"',
    ]  # fmt: skip
    if challenge.algorithm:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.qop:
        parts += [f"qop={challenge.qop}", f"nc={count:08x}", f'cnonce="{cnonce}"']
    elif challenge.algorithm.upper().endswith("-SESS"):
        parts.append(f'cnonce="{cnonce}"')
    if challenge.opaque is not None:
        parts.append(f"opaque={_quoted(challenge.opaque)}")
    return "Digest " + ", ".join(parts)


def _base(algorithm: str) -> str:
    name = algorithm.upper().removesuffix("-SESS") or "MD5"
    return {"SHA-512/256": "SHA-512-256"}.get(name, name)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
