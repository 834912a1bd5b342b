"""What people and programs are told when a day's calls come near what they may cost, and reach it."""

from __future__ import annotations

from collections.abc import Callable

from bridge.spend import SpendStanding
from config.models import Config
from notify.delivery import Delivery
from notify.wording import MailboxPost, new_delivery_id


def alarm_deliveries(
    standing: SpendStanding,
    level: int,
    mailbox: str | None,
    config: Config,
    now: float,
    new_id: Callable[[], str] = new_delivery_id,
) -> tuple[Delivery, ...]:
    """The mails and the webhook of an alarm; none where the cap names no mailbox."""
    box = config.mailboxes.get(mailbox) if mailbox is not None else None
    if mailbox is None or box is None:
        return ()
    kind, _, name = standing.account.partition(":")
    spent = [
        f"{have} of {most} {unit}".strip()
        for have, most, unit in (
            (f"{standing.spent:.2f}", standing.cap, standing.currency),
            (f"{standing.minutes:.0f}", standing.cap_minutes, "minutes"),
        )
        if most is not None
    ]
    stopped = level == 100
    what = "has reached its daily cap" if stopped else f"has spent {level} % of its daily cap"
    lines = [
        f"The {kind} {name} {what}: {', '.join(spent)} on {standing.day}.",
        "",
        "No new call begins until the next day; calls that are live go on."
        if stopped
        else "At the cap no new call begins until the next day.",
        "ringback spend FILE shows how it stands.",
    ]
    data = {
        "account": standing.account,
        "day": standing.day,
        "currency": standing.currency,
        "spent": f"{standing.spent:f}",
        "cap": None if standing.cap is None else f"{standing.cap:f}",
        "minutes": float(standing.minutes),
        "cap_minutes": standing.cap_minutes,
        "percent": level,
    }
    post = MailboxPost(mailbox, box, now, new_id, name if kind == "site" else "")
    event = "spend.cap_reached" if stopped else "spend.alarm"
    return post.mails(f"The {kind} {name} {what}", "\n".join(lines) + "\n", None) + post.webhook(
        event, now, data
    )
