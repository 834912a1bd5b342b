"""What an agent's page is told of the calls that are theirs: the message ``pop``."""

from __future__ import annotations

import json
from dataclasses import asdict

from cti.screen_pops import ShownPop


def pop_message(shown: ShownPop) -> str:
    """The message as JSON, for ``/v1/agent/events``.

    It holds all that the page is to show of this call: the newest one of a ``call_id`` replaces those before.
    A page that opens is told what its agent has, and the last call they had::

        {"type": "pop", "call_id": "6b1f…", "state": "offered", "since": 1800000000.0, "cause": null,
         "pop": {"call_id": "6b1f…", "site": "Shop", "by": "phone", "number": "+1617•••••23",
                 "place": "Boston, MA, US", "page": "https://shop.example/cart", "asked_at": 1799999990.0,
                 "name": "Ann", "name_signed": true, "page_known": true,
                 "signed": [{"key": "customer.name", "label": "Customer name", "value": "Ann",
                             "masked": false, "differs": false}],
                 "claimed": [],
                 "links": [{"label": "Open in CRM", "url": "https://crm.example/…", "open": "answer"}],
                 "history": [{"call_id": "…", "at": 1799000000.0, "page": "https://shop.example/",
                              "disposition": "bridged", "talked_to": "Alice", "seconds": 61.5,
                              "notes": [{"agent": "Alice", "code": "Order", "text": "Wants a red one"}]}]}}

    ``state`` is ``offered`` (it rings), ``answered`` or ``over``, and ``since`` when that was; ``cause`` says
    why it is over. ``history`` is null until it was looked up, and then the message comes once more.
    """
    fields = {"type": "pop", "call_id": shown.pop.call_id, "state": shown.state, "since": shown.since}
    return json.dumps(fields | {"cause": shown.cause, "pop": asdict(shown.pop)})
