"""What a page passes of its shopper, and what the retailer's server signs.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field

from config.base import Model
from config.draft import Draft
from config.fields import NO_SECRET, Seconds, Secret
from config.marks import Form
from config.problems import Loc
from config.sections.cobrowse import Selector, check_selector

_PART = r"([A-Za-z0-9_-]{1,64}|\*)"
FieldKey = Annotated[
    str,
    Field(pattern=rf"^{_PART}(\.{_PART})*$", max_length=64),
    Form("the key of a field with at most 64 characters, such as cart.value; * matches one part of a key"),
]
PublicKey = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9+/]{80,400}={0,2}$"),
    Form("what `openssl pkey -in private.pem -pubout -outform DER | base64 -w0` prints"),
]
#: Bytes of a secret for HS256 (RFC 7518 section 3.2).
SHORTEST_SECRET = 32


class DataField(Model):
    """One field that a page passes, or a server signs."""

    type: Literal["text", "number", "truth"] = "text"
    """What its value is."""
    most_characters: Annotated[int, Field(ge=1, le=512)] = 512
    """The most characters of a text; more are cut off."""
    label: str | None = None
    """What agents read before it; without one, the key."""
    sensitive: bool = False
    """Whether only agents with the right to it may read it. In shared views nobody sees the elements of the
    page that hold it: those with the field's key as their `name` or `id`, and those of `element`."""
    element: Selector | None = None
    """The element of the page that holds it, where it is named differently, such as `input[name=tax_id]`."""


class Signing(Model):
    """How the retailer's server signs what it passes: a JSON Web Token (RFC 7519) for each call."""

    algorithm: Literal["HS256", "ES256"] = "HS256"
    """HS256 has a secret that both know; ES256 a key pair, of which Ringback has the public one."""
    secret: Secret | None = None
    """The secret of HS256: 32 characters at least."""
    former_secret: Secret | None = None
    """The secret before that, which is still believed while the servers change over."""
    public_keys: tuple[PublicKey, ...] = ()
    """The public keys of ES256 (curve P-256); what any of them signed is believed. Each in one line, as
    `openssl pkey -in private.pem -pubout -outform DER | base64 -w0` prints it."""
    lifetime: Annotated[Seconds, Field(ge=10, le=86400)] = 600.0
    """The longest that a token may be good for, from its `iat` to its `exp`."""
    token_required: bool = False
    """Whether a call without a token is refused."""


class DataPass(Model):
    """What a page may pass of its shopper. Keys are flat: `{"cart": {"value": 120}}` passes `cart.value`."""

    fields: dict[FieldKey, DataField] = {}
    """The fields that are known. A key such as `cart.items.*.sku` is all items' at once."""
    unknown_fields: Literal["keep", "drop", "refuse"] = "keep"
    """What becomes of fields that are not known: kept as texts, dropped, or the call is refused."""
    mistyped_fields: Literal["drop", "refuse"] = "drop"
    """What becomes of a field whose value is not of its type: it is dropped, or the call is refused."""
    most_bytes: Annotated[int, Field(ge=64, le=12288)] = 4096
    """The most bytes of all keys and values, of what the page passes and of what is signed; a call with more
    is refused."""
    signing: Signing | None = None
    """How the retailer's server signs; without it no token is believed."""

    def field_of(self, key: str) -> DataField | None:
        """What is known of the field with this key; a key that is written out comes before one with ``*``."""
        if (field := self.fields.get(key)) is not None:
            return field
        parts = key.split(".")
        return next((field for name, field in self.fields.items() if _matches(name.split("."), parts)), None)

    def label_of(self, key: str) -> str:
        """What agents read before the field."""
        field = self.field_of(key)
        return field.label if field is not None and field.label else key

    def is_sensitive(self, key: str) -> bool:
        """Whether the field is for those alone who have the right to it."""
        field = self.field_of(key)
        return field is not None and field.sensitive


def _matches(name: list[str], parts: list[str]) -> bool:
    return len(name) == len(parts) and all(
        wanted in ("*", part) for wanted, part in zip(name, parts, strict=True)
    )


def check_data_pass(draft: Draft, loc: Loc, settings: DataPass) -> None:
    """Problems and warnings of what a site's pages pass."""
    _fields(draft, loc, settings)
    if settings.signing is not None:
        _signing(draft, (*loc, "signing"), settings.signing)


def _fields(draft: Draft, loc: Loc, settings: DataPass) -> None:
    if settings.unknown_fields != "keep" and not settings.fields:
        becomes = "dropped" if settings.unknown_fields == "drop" else "refused"
        draft.doubtful((*loc, "unknown_fields"), f'everything a page passes is {becomes}: add "fields"')
    for key, field in settings.fields.items():
        if field.element is not None:
            check_selector(draft, (*loc, "fields", key, "element"), field.element)
            if not field.sensitive:
                draft.doubtful((*loc, "fields", key, "element"), "has no effect: the field is not sensitive")
        if field.type != "text" and field.most_characters != 512:
            draft.doubtful(
                (*loc, "fields", key, "most_characters"), f"has no effect: the field is a {field.type}"
            )


def _signing(draft: Draft, loc: Loc, signing: Signing) -> None:
    if signing.algorithm == "HS256":
        if signing.secret is None:
            draft.wrong(loc, 'HS256 needs a secret: add "secret_file" or "secret_env"')
        for name in ("secret", "former_secret"):
            secret = getattr(signing, name)
            if secret is None or secret.get_secret_value() == NO_SECRET:
                continue
            if len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
                here = draft.written((*loc, f"{name}_file"), (*loc, f"{name}_env"))
                draft.wrong(here, f"this secret is shorter than {SHORTEST_SECRET} bytes: use a longer one")
        if signing.public_keys:
            draft.wrong((*loc, "public_keys"), "HS256 has no public keys: set algorithm to ES256")
        return
    for name in ("secret", "former_secret"):
        if getattr(signing, name) is not None:
            here = draft.written((*loc, f"{name}_file"), (*loc, f"{name}_env"))
            draft.wrong(here, "ES256 has no secret here: remove it, or set algorithm to HS256")
    if not signing.public_keys:
        draft.wrong(loc, 'ES256 needs the public key: add "public_keys"')
    for index, key in enumerate(signing.public_keys):
        if not _verifies(key):
            draft.wrong((*loc, "public_keys", index), "not a public key of the curve P-256")


def _verifies(public_key: str) -> bool:
    try:
        key = load_der_public_key(b64decode(public_key, validate=True))
    except ValueError:
        return False
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
