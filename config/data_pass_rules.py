"""What the settings of passed data must keep beyond their own form: keys and fields."""

from __future__ import annotations

from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from config.data_pass import DataPass, Signing
from config.draft import Draft
from config.problems import Loc
from config.resolve import NO_SECRET

#: Bytes of a secret for HS256 (RFC 7518 section 3.2).
SHORTEST_SECRET = 32


def check_data_pass(draft: Draft) -> None:
    """Problems and warnings of what the sites' pages pass."""
    for name, site in draft.sites.items():
        loc: Loc = ("sites", name, "data_pass")
        _fields(draft, loc, site.data_pass)
        if site.data_pass.signing is not None:
            _signing(draft, (*loc, "signing"), site.data_pass.signing)


def _fields(draft: Draft, loc: Loc, settings: DataPass) -> None:
    if settings.unknown_fields != "keep" and not settings.fields:
        becomes = "dropped" if settings.unknown_fields == "drop" else "refused"
        draft.doubtful((*loc, "unknown_fields"), f'all that a page passes is {becomes}: add "fields"')
    for key, field in settings.fields.items():
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
                draft.wrong(here, f"this secret is shorter than {SHORTEST_SECRET} bytes: take a longer one")
        if signing.public_keys:
            draft.wrong((*loc, "public_keys"), "HS256 has no public keys: set algorithm to ES256")
        return
    for name in ("secret", "former_secret"):
        if getattr(signing, name) is not None:
            here = draft.written((*loc, f"{name}_file"), (*loc, f"{name}_env"))
            draft.wrong(here, "ES256 has no secret here: take it out, or set algorithm to HS256")
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
