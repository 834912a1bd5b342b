"""What pages pass and retailers' servers sign: flat, fitted to the settings, apart to the end."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.utils import base64url_encode

from api.data_pass import LONGEST, MOST_FIELDS, passed
from api.problems import Problem, RequestError
from api.shop.signed_data import read_signed
from bridge.causes import Disposition
from config.models import Config
from config.sections.data_pass import DataPass
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import admin, limits, settings

SECRET = "a-secret-that-the-retailer-and-we-know-and-nobody-else-in-the-world"
NOW = 1_800_000_000.0
FIELDS = {
    "cart.value": {"type": "number"},
    "cart.items.*.sku": {"most_characters": 4},
    "customer.gold": {"type": "truth"},
    "customer.name": {"sensitive": True},
}


def site(**data_pass: Any) -> Config:
    return settings(data_pass={"signing": {"secret": SECRET}, **data_pass})


def token(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A good token, except what is given; a claim that is None is left out."""
    usual = {"aud": "shop", "iat": NOW, "exp": NOW + 300, "jti": "t1", "context": {"cart": {"value": 99}}}
    told = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(told, key, algorithm=algorithm)


# --- flat texts that fit ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "flat"),
    [
        ({"a": 1, "b": 1.5, "c": True, "d": "x", "e": None}, {"a": "1", "b": "1.5", "c": "true", "d": "x"}),
        ({"cart": {"value": 120, "items": [{"sku": "B7"}, {"sku": "C8"}]}},
         {"cart.value": "120", "cart.items.0.sku": "B7", "cart.items.1.sku": "C8"}),
        ({"cart.value": 1, "empty": {}, "none": []}, {"cart.value": "1"}),
        ({"name": "Zoë 東京"}, {"name": "Zoë 東京"}),
    ],
)  # fmt: skip
def test_nested_data_becomes_flat(data: dict[str, Any], flat: dict[str, str]) -> None:
    assert passed(data, DataPass(), "body.context") == flat


@pytest.mark.parametrize(
    ("policy", "data", "kept"),
    [
        ({}, {"cart": {"value": "12.50"}, "x": 1}, {"cart.value": "12.50", "x": "1"}),
        ({}, {"cart": {"value": 1e-7}}, {"cart.value": "1e-07"}),
        ({}, {"cart": {"value": "lots"}, "customer": {"gold": "yes"}}, {}),
        ({}, {"customer": {"gold": False}}, {"customer.gold": "false"}),
        ({}, {"cart": {"items": [{"sku": "ABCDEF"}]}}, {"cart.items.0.sku": "ABCD"}),
        ({"unknown_fields": "drop"}, {"cart": {"value": 1, "count": 2}, "x": 1}, {"cart.value": "1"}),
        ({"unknown_fields": "refuse"}, {"x": 1}, "body.context.x: this site knows no such field"),
        ({"mistyped_fields": "refuse"}, {"cart": {"value": "lots"}}, "body.context.cart.value: not a number"),
        ({"mistyped_fields": "refuse"}, {"customer": {"gold": 1}}, "body.context.customer.gold: not a truth"),
        ({"mistyped_fields": "refuse"}, {"cart": {"items": [{"sku": "ABCDE"}]}},
         "body.context.cart.items.0.sku: longer than 4 characters"),
        ({"most_bytes": 64}, {"note": "é" * 31}, "body.context: more than 64 bytes"),
        ({"most_bytes": 64}, {"note": "é" * 30}, {"note": "é" * 30}),
    ],
)  # fmt: skip
def test_fields_fit_the_settings(
    policy: dict[str, Any], data: dict[str, Any], kept: dict[str, str] | str
) -> None:
    made = DataPass.model_validate({"fields": FIELDS, **policy}, strict=False)
    if isinstance(kept, dict):
        assert passed(data, made, "body.context") == kept
        return
    with pytest.raises(RequestError) as refused:
        passed(data, made, "body.context")
    assert [f"{each.path}: {each.message}" for each in refused.value.errors] == [kept]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=70), _JSON, max_size=80), st.sampled_from(["keep", "drop", "refuse"]))
def test_whatever_is_passed_is_refused_or_safe(data: dict[str, Any], unknown: Any) -> None:
    refused, kept = None, dict[str, str]()
    try:
        kept = passed(data, DataPass(unknown_fields=unknown, most_bytes=1000), "body.context")
    except RequestError as error:
        refused = error
    assert refused is None or (
        refused.problem is Problem.VALIDATION_FAILED and 1 <= len(refused.errors) <= 20
    )
    assert len(kept) <= MOST_FIELDS
    for key, text in kept.items():
        assert key.isascii()
        assert len(text) <= LONGEST
        assert not any(ord(each) < 32 or 0x7F <= ord(each) < 0xA0 for each in text)
        text.encode()


# --- tokens ------------------------------------------------------------------------------------------------


def read(signed: str | None, config: Config | None = None, at: float = NOW) -> dict[str, str] | str:
    """What the token says, or the id of the problem and what is wrong with it."""
    try:
        return read_signed(signed, "shop", (config or site()).sites["shop"], at).context
    except RequestError as refused:
        return f"{refused.problem.id}: {refused.detail}" if refused.detail else refused.problem.id


@pytest.mark.parametrize(
    ("signed", "answer"),
    [
        (token(), {"cart.value": "99"}),
        (token(exp=NOW - 20, iat=NOW - 300), {"cart.value": "99"}),  # clocks differ a little
        (token(iat=NOW + 20, exp=NOW + 300), {"cart.value": "99"}),
        (token(aud=["other", "shop"]), {"cart.value": "99"}),
        (token(exp=NOW - 31, iat=NOW - 300), "signed_expired"),
        (token("another-secret-of-somebody-else-0001"), "not valid: no key has signed it"),
        (token(aud="other"), "not valid: Audience"),
        (token(aud=None), "not valid: Token is missing"),
        (token(jti=None), "not valid: Token is missing"),
        (token(exp=None), "not valid: Token is missing"),
        (token(context=None), "not valid: Token is missing"),
        (token(jti=""), "jti is no text"),
        (token(jti="x" * 129), "jti is no text"),
        (token(context=["a"]), "context is no object"),
        (token(exp="soon"), "iat or exp is no number"),
        (token(nbf=NOW + 29), {"cart.value": "99"}),
        (token(nbf=NOW - 1000), {"cart.value": "99"}),
        (token(nbf=NOW + 31), "nbf lies in the future"),
        (token(nbf="soon"), "nbf is no number"),
        (token(nbf=True), "nbf is no number"),
        (token(nbf=float("nan")), "nbf is no number"),
        (token(nbf=[]), "nbf is no number"),
        (token(iat=True), "iat or exp is no number"),
        (token(iat=-(10**400)), "iat or exp is no number"),
        (token(iat=NOW + 31, exp=NOW + 300), "compare the servers' clocks"),
        (token(exp=NOW + 601), "by 600 seconds at most"),
        (token(exp=NOW - 1), "by 600 seconds at most"),
        (token(iat=float("nan")), "iat or exp is no number"),
        (token(exp=float("inf")), "iat or exp is no number"),
        (token(algorithm="HS512"), "alg value is not allowed"),
        (token("", algorithm="none"), "alg value is not allowed"),
        (token()[:-4] + "AAAA", "no key has signed it"),
        ("a.b.c", "not valid"),
        (base64url_encode(b"[" * 9000).decode() + ".e30.x", "not valid"),
    ],
)
def test_which_tokens_are_believed(signed: str, answer: dict[str, str] | str) -> None:
    told = read(signed)
    if isinstance(answer, dict):
        assert told == answer
    else:
        assert isinstance(told, str)
        assert answer in told


@given(
    st.fixed_dictionaries(
        {"aud": st.just("shop") | _JSON, "context": st.dictionaries(st.text(max_size=9), _JSON, max_size=4)},
        optional={
            "iat": st.just(NOW) | _JSON,
            "nbf": st.just(NOW) | _JSON,
            "exp": st.just(NOW + 9) | _JSON,
            "jti": st.just("t") | _JSON,
        },
    ),
    st.dictionaries(st.sampled_from(["typ", "kid", "crit", "b64", "x"]), _JSON, max_size=2),
)
def test_whatever_the_key_has_signed_is_refused_or_read(
    claims: dict[str, Any], header: dict[str, Any]
) -> None:
    told = read(_signed(claims, header))
    assert isinstance(told, dict) or told.partition(":")[0] in (
        "signed_invalid",
        "signed_expired",
        "validation_failed",
    )


def _signed(claims: dict[str, Any], header: dict[str, Any]) -> str:
    """A token as any library may make it: PyJWT's own would not make all of these."""
    parts = [json.dumps(each).encode() for each in ({"alg": "HS256", **header}, claims)]
    text = b".".join(base64url_encode(part) for part in parts)
    return (text + b"." + base64url_encode(hmac.digest(SECRET.encode(), text, "sha256"))).decode()


def test_the_former_secret_is_believed_while_servers_change_over() -> None:
    former = "the-secret-that-was-there-before-0001"
    both = site(signing={"secret": SECRET, "former_secret": former})
    assert read(token(former), both) == read(token(SECRET), both) == {"cart.value": "99"}
    assert read(token(former)) != {"cart.value": "99"}


def test_a_public_key_verifies_and_is_no_secret() -> None:
    keys = [generate_private_key(SECP256R1()) for _ in range(3)]
    public = [
        b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
        for key in keys
    ]
    config = site(signing={"algorithm": "ES256", "public_keys": public[:2]})
    assert [read(token(key, "ES256"), config) == {"cart.value": "99"} for key in keys] == [True, True, False]
    # The public key as the secret of HS256: the oldest trick there is.
    forged = jwt.encode({"aud": "shop"}, SECRET, algorithm="HS256")
    assert "alg value is not allowed" in str(read(forged, config))


def test_a_site_may_want_a_token_and_another_may_know_of_none() -> None:
    assert read(None) == {}
    assert read(None, site(signing={"secret": SECRET, "token_required": True})) == "signed_missing"
    assert "name no key" in str(read(token(), settings()))


def test_signed_fields_fit_the_settings_too() -> None:
    strict = site(fields=FIELDS, unknown_fields="drop")
    assert read(token(context={"cart": {"value": "?", "x": 1}, "customer": {"gold": True}}), strict) == {
        "customer.gold": "true"
    }
    assert read(token(context={"a": "\ud800"})) == "validation_failed"


# --- over HTTP ---------------------------------------------------------------------------------------------


async def placed(server: Server, **body: Any) -> Any:
    server.clock.now = NOW
    return await server.place(**body)


@asyncio_test
async def test_claimed_and_signed_stay_apart_to_the_cdr(tmp_path: Path) -> None:
    async with serving(tmp_path, site()) as server:
        claim = {"cart": {"value": 1}, "customer": {"name": "Ann"}}
        answer = await placed(server, context=claim, signed=token(context={"cart": {"value": 99}}))
        assert answer.status_code == 201, answer.text
        call_id = answer.json()["id"]
        click, _ = server.engine._clicks[call_id]
        assert click.context == {"cart.value": "1", "customer.name": "Ann"}
        assert click.signed == {"cart.value": "99"}
        assert click.known == {"cart.value": "99", "customer.name": "Ann"}
        await server.engine.end(call_id, Disposition.CANCELLED)
        (record,) = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        assert (record["context"], record["signed"]) == (click.context, click.signed)


@asyncio_test
async def test_a_token_is_good_for_one_call(tmp_path: Path) -> None:
    async with serving(tmp_path, site()) as server:
        assert (await placed(server, signed=token())).status_code == 201
        again = await placed(server, signed=token())
        assert (again.status_code, again.json()["id"]) == (403, "signed_used")
        assert (await placed(server, signed=token(jti="t2"))).status_code == 201
    async with serving(tmp_path, site()) as server:  # nor after a restart
        assert (await placed(server, signed=token())).json()["id"] == "signed_used"


@asyncio_test
async def test_a_call_that_was_refused_leaves_its_token_unused(tmp_path: Path) -> None:
    async with serving(tmp_path, site()) as server:
        server.engine.full = True
        assert (await placed(server, signed=token())).json()["id"] == "out_of_capacity"
        server.engine.full = False
        server.world.config = settings(
            data_pass={"signing": {"secret": SECRET}}, limits=limits(live_calls_per_site=1)
        )
        assert (await placed(server, signed=token(jti="t2"))).status_code == 201
        assert (await placed(server, signed=token())).json()["id"] == "limit_live_calls"
        server.world.config = site()
        assert (await placed(server, signed=token())).status_code == 201
        # A refused call's record has what was signed as well.
        records = (await server.http.get("/v1/cdrs?disposition=refused", headers=admin())).json()["cdrs"]
        assert [record["signed"] for record in records] == [{"cart.value": "99"}]


@asyncio_test
async def test_other_sites_do_not_share_tokens(tmp_path: Path) -> None:
    async with serving(tmp_path, site()) as server:
        answer = await placed(
            server,
            site_key="other-public-key",
            signed=token(),
            headers={"Origin": "https://other.example"},
        )
        assert answer.json()["id"] == "signed_invalid"
