"""Canned replies: which ones an agent has in a chat, with what is known of the shopper filled in.

What nobody knows becomes a gap, between two signs that no keyboard has. A text with a gap is never sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from chat.wording import safe_value
from config.sections.canned import CannedReply
from config.sections.data_pass import DataPass
from routing.plan import ClickToCall

#: What stands around a gap (mathematical white square brackets).
OPENS, CLOSES = "\u27e6", "\u27e7"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_GAP_SIGNS = re.compile(f"[{OPENS}{CLOSES}]")


@dataclass(frozen=True, slots=True)
class ReadyReply:
    """A canned reply for one chat: what the agent gets to see, change and send."""

    name: str
    title: str
    text: str
    #: What the gaps in the text ask for, in order.
    gaps: tuple[str, ...]


def replies_for(
    canned: Mapping[str, CannedReply],
    site: str,
    teams: Collection[str],
    languages: Collection[str],
    value_of: Callable[[str], str],
    label_of: Callable[[str], str],
) -> tuple[ReadyReply, ...]:
    """The replies that an agent of these teams has in a chat of this site, by title.

    ``languages`` are those that the shopper reads, the best first. ``value_of`` knows what a placeholder
    stands for, empty where nobody does; ``label_of`` what a gap is called then.
    """
    ready = [
        ready_reply(name, reply, languages, value_of, label_of)
        for name, reply in canned.items()
        if (not reply.sites or site in reply.sites) and (not reply.teams or set(reply.teams) & set(teams))
    ]
    return tuple(sorted(ready, key=lambda reply: (reply.title.casefold(), reply.name)))


def ready_reply(
    name: str,
    reply: CannedReply,
    languages: Collection[str],
    value_of: Callable[[str], str],
    label_of: Callable[[str], str],
) -> ReadyReply:
    """One reply in the best of the languages, its placeholders filled in or made gaps."""
    chosen = next((language for language in languages if language in reply.text), next(iter(reply.text)))
    gaps: list[str] = []

    def value(found: re.Match[str]) -> str:
        if known := _sayable(value_of(found[1])):
            return known
        gaps.append(_sayable(label_of(found[1])) or found[1])
        return f"{OPENS}{gaps[-1]}{CLOSES}"

    def part(found: re.Match[str]) -> str:
        known = all(_sayable(value_of(inner[1])) for inner in _PLACEHOLDER.finditer(found[1]))
        return found[1] if known else ""

    text = _PLACEHOLDER.sub(value, _OPTIONAL.sub(part, reply.text[chosen]))
    return ReadyReply(name, reply.title, text, tuple(gaps))


def has_gap(text: str) -> bool:
    """Whether the text has a gap that was not filled, or what is left of one: it must not be sent."""
    return _GAP_SIGNS.search(text) is not None


def values_of(
    click: ClickToCall, data_pass: DataPass, site: str, agent: str, *, sees_sensitive: bool
) -> Callable[[str], str]:
    """What placeholders stand for in a chat. ``site`` and ``agent`` are labels.

    A sensitive field is unknown to an agent who may not see it.
    """

    def value(name: str) -> str:
        source, _, key = name.partition(".")
        if name in ("site", "agent"):
            return site if name == "site" else agent
        if source not in ("context", "signed") or (data_pass.is_sensitive(key) and not sees_sensitive):
            return ""
        return (click.known if source == "context" else click.signed).get(key, "")

    return value


def labels_of(data_pass: DataPass) -> Callable[[str], str]:
    """What gaps are called: the label of the field that is missing."""
    return lambda name: data_pass.label_of(name.partition(".")[2] or name)


def _sayable(value: str) -> str:
    return _GAP_SIGNS.sub("", safe_value(value)).strip()
