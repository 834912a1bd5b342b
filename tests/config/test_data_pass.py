"""Settings of passed data, whispers and headers of the INVITE: what is refused, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.config.files import ENVIRONMENT, changed, complaints, load_text, warnings


def public_key(curve: EllipticCurve) -> str:
    key = generate_private_key(curve).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


P256, P384 = public_key(SECP256R1()), public_key(SECP384R1())
#: Long enough for HS256.
LONG, SHORT = "WEBHOOK_SECRET", "PBX_PASSWORD"


def with_site(line: str) -> str:
    return changed(("    greeting: welcome\n", f"    greeting: welcome\n    {line}\n"))


def with_store(line: str) -> str:
    return changed(("    label: Store\n", f"    label: Store\n    {line}\n"))


def told(folder: Path, text: str) -> str:
    (line,) = complaints(folder, text)
    return line.split(": ", 1)[1]


def test_fields_are_found_by_their_keys(tmp_path: Path) -> None:
    text = with_site(
        'data_pass: {fields: {cart.value: {type: number, label: Cart}, "cart.items.*.sku": {}, '
        '"cart.*": {most_characters: 9}, customer.account: {sensitive: true}}}'
    )
    rules = load_text(tmp_path, text).config.sites["shop"].data_pass
    found = rules.field_of("cart.value"), rules.field_of("cart.items.3.sku"), rules.field_of("cart.count")
    assert [field and (field.type, field.most_characters) for field in found] == [
        ("number", 512),
        ("text", 512),
        ("text", 9),
    ]
    assert rules.field_of("cart.items.3.sku.x") is rules.field_of("cart") is rules.field_of("page") is None
    assert (rules.label_of("cart.value"), rules.label_of("cart.count")) == ("Cart", "cart.count")
    assert [rules.is_sensitive(key) for key in ("customer.account", "cart.value", "x")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "signing",
    [
        f"secret_env: {LONG}",
        f"secret_env: {LONG}, former_secret_env: {LONG}, token_required: true, lifetime: 30s",
        f"algorithm: ES256, public_keys: [{P256}]",
    ],
)
def test_keys_that_verify(tmp_path: Path, signing: str) -> None:
    loaded = load_text(tmp_path, with_site(f"data_pass: {{signing: {{{signing}}}}}"))
    assert loaded.warnings == ()
    assert ENVIRONMENT[LONG] not in loaded.config.model_dump_json()


@pytest.mark.parametrize(
    ("signing", "expected"),
    [
        ("lifetime: 5m", 'signing: HS256 needs a secret: add "secret_file" or "secret_env"'),
        (f"secret_env: {SHORT}", "signing.secret_env: this secret is shorter than 32 bytes: use a longer one"),
        (f"secret_env: {LONG}, former_secret_env: {SHORT}", "signing.former_secret_env: this secret is shorter than 32 bytes: use a longer one"),
        (f"secret_env: {LONG}, public_keys: [{P256}]", "signing.public_keys: HS256 has no public keys: set algorithm to ES256"),
        ("algorithm: ES256", 'signing: ES256 needs the public key: add "public_keys"'),
        (f"algorithm: ES256, secret_env: {LONG}, public_keys: [{P256}]", "signing.secret_env: ES256 has no secret here: remove it, or set algorithm to HS256"),
        (f"algorithm: ES256, public_keys: [{P384}]", "signing.public_keys[0]: not a public key of the curve P-256"),
        (f"algorithm: ES256, public_keys: [{P256[:-8]}]", "signing.public_keys[0]: not a public key of the curve P-256"),
        ("algorithm: ES256, public_keys: [-----BEGIN PUBLIC KEY-----]", "signing.public_keys[0]: write what `openssl pkey -in private.pem -pubout -outform DER | base64 -w0` prints"),
        ("algorithm: RS256", 'signing.algorithm: not a known value: did you mean "HS256"?'),
        (f"secret_env: {LONG}, lifetime: 2d", "signing.lifetime: too large: the maximum is 1d"),
    ],
)  # fmt: skip
def test_keys_that_cannot_verify(tmp_path: Path, signing: str, expected: str) -> None:
    text = with_site(f"data_pass: {{signing: {{{signing}}}}}")
    assert told(tmp_path, text) == f"sites.shop.data_pass.{expected}"


def test_a_secret_that_is_missing_is_told_once(tmp_path: Path) -> None:
    text = with_site("data_pass: {signing: {secret_env: NOT_SET}}")
    assert "this environment variable is not set" in told(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("data_pass: {fields: {a b: {}}}", "sites.shop.data_pass.fields['a b']: not a valid name: write the key of a field with at most 64 characters, such as cart.value; * matches one part of a key"),
        ("whisper: {text: 'Web call, {url}.'}", "sites.shop.whisper.text: {url} is not a placeholder: the placeholders are: context.KEY, from_shopper, page, signed.KEY, site"),
        ("whisper: {text: 'Web call[, {context.cart}.'}", "sites.shop.whisper.text: an unmatched bracket, or one within another"),
        ("whisper: {prompt: hallo}", 'sites.shop.whisper.prompt: there is no prompt called "hallo": the prompts are: welcome'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_site(tmp_path: Path, line: str, expected: str) -> None:
    assert told(tmp_path, with_site(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("call_info: 'https://{site}.example/x'", "call_info: write a URL with http or https, such as https://crm.example/calls/{call_id}"),
        ("call_info: 'https://crm.example/{url}'", "call_info: {url} is not a placeholder: the placeholders are: call_id, claimed_number, context.KEY, number, page, signed.KEY, site"),
        ("user_to_user: {text: '{x}'}", "user_to_user.text: {x} is not a placeholder: the placeholders are: call_id, claimed_number, context.KEY, number, page, signed.KEY, site"),
        ("user_to_user: {text: x, discriminator: 4}", "user_to_user.discriminator: write two hexadecimal digits, such as 04"),
        ("user_to_user: {text: x}\n    headers: {User-to-User: y}", 'headers.User-to-User: "user_to_user" already writes this header: keep one of the two'),
        ("call_info: https://crm.example\n    headers: {call-info: y}", 'headers.call-info: "call_info" already writes this header: keep one of the two'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_destination(tmp_path: Path, line: str, expected: str) -> None:
    assert told(tmp_path, with_store(line)) == f"destinations.store.{expected}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("data_pass: {unknown_fields: drop}", 'data_pass.unknown_fields: everything a page passes is dropped: add "fields"'),
        ("data_pass: {fields: {cart.value: {type: number, most_characters: 5}}}", "data_pass.fields['cart.value'].most_characters: has no effect: the field is a number"),
        ("whisper: {text: '[Web call]'}", "whisper.text: this part in brackets is always said: it has no placeholder that can be empty"),
        ("whisper: {text: Web call, prompt: welcome}", 'whisper.text: has no effect: "prompt" is played instead'),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, line: str, expected: str) -> None:
    (warning,) = warnings(tmp_path, with_site(line))
    assert warning.split(": ", 1)[1] == f"sites.shop.{expected}"


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_headers_want_room(tmp_path: Path, transport: str) -> None:
    text = with_store("call_info: https://crm.example\n    user_to_user: {text: x}")
    told = warnings(
        tmp_path, changed(("    username:", f"    transport: {transport}\n    username:"), text=text)
    )
    assert [line.split(": ")[1] for line in told] == [
        *(("destinations.store.call_info", "destinations.store.user_to_user") if transport == "udp" else ()),
    ]
    assert all(line.endswith("set the trunk's transport to tcp") for line in told)
