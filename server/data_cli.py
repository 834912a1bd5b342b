"""``ringback data-token``: signed data for testing a site, as the retailer's server would make it."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Annotated

import jwt
import typer

from config.models import Config
from config.sections.data_pass import Signing
from routing.clicks import NoSuchSiteError, try_click
from routing.load import load
from server.options import ConfigFile, SiteOption, passed
from server.routes_cli import passed_data, refuse


def data_token(
    context: typer.Context,
    config: ConfigFile,
    site: SiteOption = None,
    key: Annotated[
        Path | None, typer.Option(help="The private key in PEM, where the site's algorithm is ES256.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds until it expires.")] = 300.0,
) -> None:
    """Print a token for one call. Give its data as --cart.value 120."""
    name, signing = _signing(load(config).config, site)
    claimed, signed = passed_data(passed(context))
    made = time.time()
    claims = {
        "aud": name,
        "iat": made,
        "exp": made + min(seconds, signing.lifetime),
        "jti": secrets.token_urlsafe(16),
        "context": {**claimed, **signed},
    }
    try:
        print(jwt.encode(claims, _key(signing, key), algorithm=signing.algorithm))
    except (jwt.PyJWTError, ValueError, TypeError):
        refuse("not a PEM private key on the curve P-256", "--key")


def _signing(config: Config, site: str | None) -> tuple[str, Signing]:
    try:
        name = try_click(config, site).site
    except NoSuchSiteError as error:
        refuse(str(error), "--site")
    signing = config.sites[name].data_pass.signing
    if signing is None:
        refuse(f"the site {name} has no data_pass.signing in its settings", "--site")
    return name, signing


def _key(signing: Signing, file: Path | None) -> str:
    if signing.secret is not None:
        return signing.secret.get_secret_value()
    if file is None:
        refuse("ES256 needs a private key: give its file", "--key")
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        refuse(f"cannot read {file}", "--key")
