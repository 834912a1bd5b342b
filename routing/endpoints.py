"""What the legs of one call dial: the shopper, and all that a ring step rings, with what they are told."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from config.sections.speech import Whisper
from routing.contacts import Contact, DialledPhone
from routing.dialling import ways
from routing.endings import Screenings
from routing.headers import room_for_headers
from routing.identity import shopper_number
from routing.plan import BrowserEndpoint, Endpoint, PlannedStep, SipEndpoint, Spoken
from routing.router import Router
from routing.spoken import Speaker
from routing.strategies import Arranged


def shopper_endpoint(speaker: Speaker, router: Router) -> Endpoint:
    """Where the shopper is reached: on the phone, or in the page that asked."""
    click, site = speaker.click, speaker.site
    if click.by == "pc":
        return BrowserEndpoint(
            "shopper", "Shopper", audio=site.browser_audio, media_timeout=site.media_timeout
        )
    trunks = router.config.trunks
    way, *backups = ways(None, click.number, (site.trunk, *site.backup_trunks), trunks)
    return SipEndpoint(
        destination="shopper",
        label="Shopper",
        uri=way.uri,
        trunk=way.trunk,
        backups=tuple(backups),
        number=click.number,
        caller_number=site.caller_id.number,
        caller_name=site.caller_id.name,
        media_timeout=site.media_timeout,
    )


class BusinessEndpoints:
    """The endpoints of one call's business legs."""

    def __init__(self, speaker: Speaker, router: Router, call_id: str, screening: Screenings) -> None:
        self._speaker = speaker
        self._router = router
        self._call_id = call_id
        self._screening = screening
        #: What was said once need not be put together again: a step may ring hundreds.
        self._whispers: dict[Whisper, Spoken | None] = {}

    def planned(self, steps: Iterable[Arranged]) -> tuple[PlannedStep, ...]:
        """The steps for the call machine, without those that can ring nobody."""
        found = (step.planned(partial(self._endpoint, step.step.name)) for step in steps)
        return tuple(step for step in found if step is not None)

    def _endpoint(self, step: str, name: str, place: int) -> Endpoint:
        contact, site = self._router.contacts[name], self._speaker.site
        whisper = self._whisper(contact.whisper or self._router.whispers.get(step) or site.whisper)
        if contact.agent is not None:
            # Who presses a button to answer needs no other key.
            return BrowserEndpoint(
                name, contact.label, contact.agent, site.browser_audio, site.media_timeout, whisper=whisper
            )
        return self._phone(contact, contact.phones[place], whisper)

    def _phone(self, contact: Contact, phone: DialledPhone, whisper: Spoken | None) -> SipEndpoint:
        click, site = self._speaker.click, self._speaker.site
        # A number that anybody may have typed is nobody's caller ID; who talks by PC may have none.
        own = shopper_number(click).known if contact.show == "shopper" else ""
        shopper = bool(own)
        number = own or site.caller_id.number
        name = None if shopper else site.caller_id.name
        trunks, shown = self._router.config.trunks, f"{name or ''}{number}"
        room = room_for_headers(phone.uri, trunks[phone.trunk] if phone.trunk else None, shown)
        for way in phone.backups:
            room = min(room, room_for_headers(way.uri, trunks[way.trunk], shown))
        return SipEndpoint(
            destination=contact.name,
            label=contact.label,
            uri=phone.uri,
            trunk=phone.trunk,
            caller_number=number,
            caller_name=name,
            headers=contact.headers.fill(click, self._call_id, room),
            media_timeout=site.media_timeout,
            screening=self._screening(phone.screening),
            whisper=whisper,
            originate=phone.originate,
            backups=phone.backups,
            number=phone.number,
        )

    def _whisper(self, settings: Whisper) -> Spoken | None:
        if settings not in self._whispers:
            said = self._speaker.play(settings.prompt)
            if said is None and settings.text is not None:
                self._whispers[settings] = self._speaker.say(settings.text, "whisper")
            else:
                self._whispers[settings] = said
        return self._whispers[settings]
