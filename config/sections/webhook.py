"""An address that is told of something by HTTP.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from config.base import Model, Url
from config.checks.addresses import check_in_the_clear
from config.checks.secrets import is_webhook_secret
from config.draft import Draft
from config.fields import NO_SECRET, Secret
from config.problems import Loc


class Webhook(Model):
    """An address that is told by HTTP POST, signed as Standard Webhooks ask."""

    url: Url
    """Where to."""
    secret: Secret
    """The key of the signature: `whsec_` and 24 to 64 bytes in base64."""


def check_webhook(draft: Draft, loc: Loc, webhook: Webhook) -> None:
    """A URL that can be read on its way is doubtful, a secret of another form is wrong."""
    check_in_the_clear(draft, (*loc, "url"), webhook.url)
    secret = webhook.secret.get_secret_value()
    if secret != NO_SECRET and not is_webhook_secret(secret):
        draft.wrong(
            draft.written((*loc, "secret_file"), (*loc, "secret_env")),
            "not a webhook's secret: write whsec_ and the base64 of 24 to 64 random bytes "
            "(openssl rand -base64 32)",
        )
