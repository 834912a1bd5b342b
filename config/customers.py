"""The customers of an agency: whoever the sites belong to, where one server serves several.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from config.base import Model, Url
from config.desk import Desk
from config.fields import Secret


class Customer(Model):
    """Whoever some of the sites belong to: a site names its `customer`, and so may an agent."""

    public_url: Url | None = None
    """Where this customer's shoppers and agents reach this server: the beginning of the links that they are
    given. Without one, `server.public_url`."""
    admin_key: Secret | None = None
    """Key of the operator's side of the API for this customer: it opens what is of the customer's own sites,
    and nothing else. See [one server, several customers](operating.md#one-server-several-customers)."""
    desk: Desk | None = None
    """What this customer's agents find at their desk, all of it in place of `desk`: wrap-up codes and
    transfers of their own."""
