"""``ringback data-token``: what it prints, the server believes."""

from __future__ import annotations

import io
import time
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from rich.console import Console
from typer.testing import CliRunner

from api.shop.signed_data import read_signed
from server.cli import app
from server.data_cli import load
from server.listing import show
from server.tables import cdr_table
from tests.config.files import GOOD, write_wav
from tests.store.records import a_record

SECRET = "a-secret-that-the-retailer-and-we-know"


def config_with(folder: Path, signing: str) -> Path:
    write_wav(folder / "welcome.wav")
    (folder / "shop.key").write_text(SECRET)
    (folder / "shop.key").chmod(0o600)
    file = folder / "ringback.yaml"
    text = GOOD.replace("    password_env: PBX_PASSWORD\n", "").replace('    username: "4412345"\n', "")
    file.write_text(text.replace("    greeting: welcome\n", f"    greeting: welcome\n{signing}"))
    return file


def printed(file: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["data-token", str(file), *words])
    return result.exit_code, result.output


def test_a_token_of_the_secret(tmp_path: Path) -> None:
    file = config_with(tmp_path, "    data_pass: {signing: {secret_file: shop.key}}\n")
    code, token = printed(file, "--cart.value", "120", "--signed.vip=true", "--customer.name=Ann")
    assert code == 0, token
    site = load(file).config.sites["shop"]
    signed = read_signed(token.strip(), "shop", site, time.time())
    assert signed.context == {"cart.value": "120", "vip": "true", "customer.name": "Ann"}


def test_a_token_of_the_private_key(tmp_path: Path) -> None:
    key = generate_private_key(SECP256R1())
    public = b64encode(
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()
    signing = f"    data_pass: {{signing: {{algorithm: ES256, public_keys: [{public}]}}}}\n"
    file = config_with(tmp_path, signing)
    private = tmp_path / "private.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    code, token = printed(file, "--key", str(private), "--cart.value=1")
    assert code == 0, token
    site = load(file).config.sites["shop"]
    assert read_signed(token.strip(), "shop", site, time.time()).context == {"cart.value": "1"}
    for words, said in ((), "give its file"), (("--key", str(tmp_path / "no.pem")), "cannot read"):
        code, output = printed(file, *words)
        assert (code, said in output) == (2, True), output
    (tmp_path / "bad.pem").write_text("no key")
    assert "not a PEM private key" in printed(file, "--key", str(tmp_path / "bad.pem"))[1]


def test_a_site_that_knows_no_key(tmp_path: Path) -> None:
    code, output = printed(config_with(tmp_path, ""))
    assert (code, "no data_pass.signing" in output) == (2, True)


def test_a_table_of_calls_says_who_told_what() -> None:
    record = a_record("one", signed={"cart.value": "99"}, context={"cart.value": "1", "x": "[red]\x1b[31m"})
    console = Console(width=400, record=True, file=io.StringIO(), force_terminal=True)
    show(cdr_table([record], full_numbers=False, data=True), console)
    told = console.export_text()
    for line in ("cart.value: 99 (signed)", "cart.value: 1 (the page)", "x: [red] [31m (the page)"):
        assert line in told
    show(cdr_table([record], full_numbers=False), console)
    assert "(signed)" not in console.export_text()
