"""The section ``operators``: people who work at the portal.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.checks.labels import check_labels
from config.checks.passwords import PasswordHash, check_password_hashes, check_totp_secrets
from config.draft import Draft
from config.fields import Secret
from config.section import Section

#: What an operator may see and do at the portal.
OperatorRight = Literal[
    "look", "reports", "wallboard", "texts", "hours", "edit", "agents", "publish", "erase", "listen"
]


class Operator(Model):
    """Somebody who works at the portal, `/portal/`."""

    label: str
    """What colleagues read beside a change or a look: "Maria"."""
    password_hash: PasswordHash
    """What `ringback agent-password` prints for the operator's password."""
    totp_secret: Secret | None = None
    """What `ringback agent-totp` prints: then a log-in wants a code of the operator's authenticator app,
    too."""
    rights: Annotated[tuple[OperatorRight, ...], Field(min_length=1)]
    """What the operator may do: `look` at the settings and the leads; see `reports`, and the calls and chats
    behind a number; see the `wallboard`; change `texts` (prompts, canned replies, answers) and opening
    `hours`; `edit` every section that the portal has; change `agents`, see their numbers and the audit trail;
    `publish` changes; `erase` or export what is kept of a person; `listen` to
    recorded talks. See [the portal](portal.md#rights)."""


def check_operators(draft: Draft) -> None:
    """Problems and warnings of operators' log-ins and rights."""
    check_totp_secrets(draft, "operators")
    check_password_hashes(draft, "operators")
    check_labels(draft, "operators")
    for name, operator in draft.items(Operator).items():
        for index, right in enumerate(operator.rights):
            if right in operator.rights[:index]:
                draft.doubtful(("operators", name, "rights", index), "this right is there twice: remove one")


OPERATORS = Section(checks=(check_operators,), one="operator", many="operators")
