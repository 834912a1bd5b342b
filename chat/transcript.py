"""A chat as a text to keep: as plain text and as HTML, complete, with the time zone. Pure.

Whatever people wrote stays text: in the HTML nothing of it is markup, links included, and in the plain text a
line of theirs never looks like the beginning of somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from zoneinfo import ZoneInfo

from chat.entries import EVENT_WORDS, ChatEntry
from chat.wording import fill

#: What turns or hides text for its reader: controls but for line feeds, marks of direction, separators.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)
#: Entries that a subject would be ruined by are cut to so many characters.
_LONGEST_LABEL = 80

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "subject": "Your chat with {}",
        "title": "Chat with {}",
        "you": "You",
        "shopper": "Shopper",
        "note": "note",
        "card": "page",
        "zone": "Times are those of {}.",
        "id": "Chat {}",
        "why": "You asked for this transcript. Nobody answers to this address.",
    },
    "de": {
        "subject": "Ihr Chat mit {}",
        "title": "Chat mit {}",
        "you": "Sie",
        "shopper": "Kunde",
        "note": "Notiz",
        "card": "Seite",
        "zone": "Die Zeiten sind die von {}.",
        "id": "Chat {}",
        "why": "Sie haben um dieses Protokoll gebeten. Auf diese Adresse antwortet niemand.",
    },
    "es": {
        "subject": "Su chat con {}",
        "title": "Chat con {}",
        "you": "Usted",
        "shopper": "Cliente",
        "note": "nota",
        "card": "página",
        "zone": "Las horas son las de {}.",
        "id": "Chat {}",
        "why": "Usted ha pedido esta transcripción. Nadie responde en esta dirección.",
    },
    "fr": {
        "subject": "Votre conversation avec {}",
        "title": "Conversation avec {}",
        "you": "Vous",
        "shopper": "Client",
        "note": "note",
        "card": "page",
        "zone": "Les heures sont celles de {}.",
        "id": "Conversation {}",
        "why": "Vous avez demandé cette transcription. Personne ne répond à cette adresse.",
    },
}


@dataclass(frozen=True, slots=True)
class TranscriptHead:
    """What a transcript says besides the entries."""

    chat_id: str
    #: The site's label.
    site: str
    #: In which its times are told.
    zone: ZoneInfo
    language: str = "en"
    #: The agents' labels by their names.
    agents: Mapping[str, str] = field(default_factory=dict)
    #: Whether it is the shopper's own, without notes; else the agents'.
    for_shopper: bool = True
    #: What is known of the shopper, each with its label; in the agents' own alone.
    context: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The same as plain text and as an HTML document."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One entry as it is shown: when, who, and what; an event has nobody."""

    clock: str
    who: str
    text: str


def transcript(head: TranscriptHead, entries: Sequence[ChatEntry]) -> Transcript:
    """All that the reader may see, in the order in which it was said."""
    site = _one_line(head.site)
    seen = [entry for entry in entries if entry.for_shopper or not head.for_shopper]
    # Notes count apart: between other entries their time says where they were written.
    days = _days(head, sorted(seen, key=lambda entry: entry.at) if not head.for_shopper else seen)
    return Transcript(
        subject=_one_line(_words(head, "subject").format(site)),
        text=_text(head, days),
        html=_html(head, days),
    )


def _days(head: TranscriptHead, entries: Sequence[ChatEntry]) -> list[tuple[str, list[_Line]]]:
    """The entries below the day and the offset from UTC at which they were said."""
    days: list[tuple[str, list[_Line]]] = []
    for entry in entries:
        at = datetime.fromtimestamp(entry.at, UTC).astimezone(head.zone)
        day = f"{at:%Y-%m-%d} (UTC{_offset(at)})"
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(_Line(f"{at:%H:%M:%S}", *_said(head, entry)))
    return days


def _said(head: TranscriptHead, entry: ChatEntry) -> tuple[str, str]:
    agent = _one_line(head.agents.get(entry.agent or "", entry.agent or ""))
    if entry.kind == "event":
        words = EVENT_WORDS.get(entry.text, entry.text.replace("_", " "))
        return "", fill(words, lambda name: agent if name == "agent" else "")
    text = _UNSEEN.sub("", entry.text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    match entry.by:
        case "shopper":
            who = _words(head, "you" if head.for_shopper else "shopper")
        case "agent":
            who = agent or _one_line(head.site)
        case _:
            who = _one_line(head.site)
    mark = {"note": "note", "card": "card"}.get(entry.kind)
    return (f"{who} ({_words(head, mark)})" if mark else who), text


def _text(head: TranscriptHead, days: Sequence[tuple[str, Sequence[_Line]]]) -> str:
    lines = [_words(head, "title").format(_one_line(head.site)), *_footing(head), ""]
    lines += [f"{_one_line(label)}: {_one_line(value)}" for label, value in _context(head)]
    for day, said in days:
        lines += ["", day]
        for line in said:
            first, *rest = line.text.split("\n")
            begin = f"[{line.clock}] {line.who}: " if line.who else f"[{line.clock}] * "
            lines += [begin + first, *(f"    {each}" for each in rest)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _html(head: TranscriptHead, days: Sequence[tuple[str, Sequence[_Line]]]) -> str:
    title = escape(_words(head, "title").format(_one_line(head.site)))
    return "".join(
        [
            f'<!doctype html>\n<html lang="{escape(_language(head))}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width">\n',
            f"<title>{title}</title>\n</head>\n",
            '<body style="font-family: sans-serif; max-width: 40em; margin: auto; padding: 1em">\n',
            f"<h1>{title}</h1>\n",
            *(f"<p>{escape(line)}</p>\n" for line in _footing(head)),
            *_html_context(head),
            *(part for day, said in days for part in _html_day(day, said)),
            "</body>\n</html>\n",
        ]
    )


def _html_context(head: TranscriptHead) -> Iterator[str]:
    pairs = _context(head)
    if pairs:
        yield "<dl>\n"
        for label, value in pairs:
            yield f"<dt><bdi>{escape(_one_line(label))}</bdi></dt>"
            yield f"<dd><bdi>{escape(_one_line(value))}</bdi></dd>\n"
        yield "</dl>\n"


def _html_day(day: str, said: Sequence[_Line]) -> Iterator[str]:
    yield f"<h2>{escape(day)}</h2>\n"
    for line in said:
        who = f"<b><bdi>{escape(line.who)}</bdi></b>: " if line.who else ""
        yield f'<p style="white-space: pre-wrap; overflow-wrap: anywhere"><small>{line.clock}</small> {who}'
        yield f"<bdi>{escape(line.text)}</bdi></p>\n"


def _footing(head: TranscriptHead) -> list[str]:
    lines = [_words(head, "id").format(head.chat_id), _words(head, "zone").format(head.zone.key)]
    return [*lines, _words(head, "why")] if head.for_shopper else lines


def _context(head: TranscriptHead) -> Sequence[tuple[str, str]]:
    return () if head.for_shopper else head.context


def _language(head: TranscriptHead) -> str:
    return head.language if head.language in _WORDS else "en"


def _words(head: TranscriptHead, name: str) -> str:
    return _WORDS[_language(head)][name]


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())[:_LONGEST_LABEL]


def _offset(at: datetime) -> str:
    text = at.strftime("%z") or "+0000"
    return f"{text[:3]}:{text[3:5]}"
