"""How the settings keep the passwords and second factors of those who log in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.checks.files import readable_by_everybody
from config.draft import Draft
from config.marks import Form

#: How a password is kept: argon2's own form, salt and costs included (RFC 9106).
PasswordHash = Annotated[
    str,
    Field(
        pattern=r"^\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,2}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,128}$"
    ),
    Form("what `ringback agent-password` prints, which begins with $argon2id$"),
]


def check_password_hashes(draft: Draft, section: str) -> None:
    """Somebody who reads a hash can try passwords against it without limit."""
    told: set[str] = set()
    for loc, _ in draft.at((section, "*", "password_hash")):
        file = draft.source.place(loc).file
        try:
            open_to_all = readable_by_everybody(Path(file) if file else draft.source.file)
        except OSError:
            continue
        if open_to_all and file not in told:
            told.add(file)
            draft.doubtful(
                loc,
                "every user of this machine can read this file, and try passwords against it: chmod o-r it",
            )


def check_totp_secrets(draft: Draft, section: str) -> None:
    """What an authenticator app can be given (RFC 4648 section 6), of 80 bits at least."""
    for loc, secret in draft.at((section, "*", "totp_secret")):
        if not _is_base32(secret):
            here = [(*loc[:-1], f"totp_secret_{kind}") for kind in ("file", "env")]
            draft.wrong(
                draft.written(*here), "use the output of `ringback agent-totp`: letters and the digits 2 to 7"
            )


def _is_base32(secret: str) -> bool:
    return re.fullmatch(r"[A-Za-z2-7]{16,128}=*", "".join(secret.split())) is not None
