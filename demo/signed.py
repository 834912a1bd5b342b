"""What the shop's own server knows of its customers, and signs, as any retailer's would."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

#: What the site's settings of Ringback call it; and how long a token is good for, in seconds.
SITE, LIFETIME = "acme", 300.0


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """Somebody who may be logged in to the shop, as its customer database would tell."""

    name: str
    tier: str
    orders: int

    @property
    def id(self) -> str:
        """The shop's own id: the customer's first name is enough for three of them."""
        return self.name.split()[0].lower()

    @property
    def label(self) -> str:
        """How the demo's page shows them."""
        return f"{self.name}, {self.tier}"

    def claims(self) -> dict[str, str | int]:
        """What the shop signs of them."""
        email = f"{self.name.lower().replace(' ', '.')}@example.com"
        return {"name": self.name, "tier": self.tier, "orders": self.orders, "email": email}


#: The first one is logged in to begin with.
CUSTOMERS = (
    DemoCustomer("Jo Rivera", "gold", 12),
    DemoCustomer("Sam Lee", "silver", 3),
    DemoCustomer("Alex Wolf", "bronze", 1),
)


def customer_of(id: str) -> DemoCustomer:
    """The customer with this id; the first one for any other."""
    return next((each for each in CUSTOMERS if each.id == id), CUSTOMERS[0])


def sign_visitor(secret: str, customer: DemoCustomer, phone: str | None = None) -> str:
    """A JSON Web Token (RFC 7519) for one call: nobody can make or change it without the secret.

    ``phone`` (E.164) is signed as the customer's. A real shop signs a number only that it has checked; the
    demo takes any for theirs, as its simulated phones know by it how a call shall go.
    """
    return _signed(
        secret,
        {
            "jti": secrets.token_urlsafe(16),
            "context": {"customer": customer.claims() | ({"phone": phone} if phone else {})},
        },
    )


def sign_page(secret: str, customer: DemoCustomer) -> str:
    """A page token: for the rules of the shop's pages, as often as they ask, and for no call."""
    return _signed(
        secret, {"for": "page", "visitor": customer.id, "context": {"customer": {"tier": customer.tier}}}
    )


def _signed(secret: str, claims: dict[str, Any]) -> str:
    made = time.time()
    return jwt.encode({"aud": SITE, "iat": made, "exp": made + LIFETIME, **claims}, secret, algorithm="HS256")
