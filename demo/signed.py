"""What the shop's own server knows of its visitor, and signs for each call, as any retailer would."""

from __future__ import annotations

import secrets
import time

import jwt

#: What the site's settings of Ringback call it; and how long a token is good for, in seconds.
SITE, LIFETIME = "acme", 300.0
#: Who has logged in to the shop, as its customer database would tell.
VISITOR = {"name": "Jo Rivera", "tier": "gold", "orders": 3, "email": "jo.rivera@example.com"}


def sign_visitor(secret: str, phone: str | None = None) -> str:
    """A JSON Web Token (RFC 7519) for one call: nobody can make or change it without the secret.

    ``phone`` (E.164) is signed as the visitor's. A real shop signs a number only that it has checked; the
    demo takes any for theirs, as its simulated phones know by it how a call shall go.
    """
    made = time.time()
    claims = {
        "aud": SITE,
        "iat": made,
        "exp": made + LIFETIME,
        "jti": secrets.token_urlsafe(16),
        "context": {"customer": VISITOR | ({"phone": phone} if phone else {})},
    }
    return jwt.encode(claims, secret, algorithm="HS256")
