"""What keeps a call from being lost, planned for one click: screening, queue, message, callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.sections.callbacks import CallbackTerms
from config.sections.destinations import Screen
from config.sections.route import Last
from routing.language import translated
from routing.plan import Apology, Ending, OfferCallback, Queueing, RecordTalks, Screening, TakeMessage
from routing.router import Router
from routing.spoken import Speaker
from routing.tones import RINGBACK

#: How a destination is screened, by its settings.
Screenings = Callable[[Screen], Screening | None]


def ending_of(
    last: Last | None, speaker: Speaker, router: Router, call_id: str, *, can_record: bool = True
) -> Ending | None:
    """What becomes of a call that nobody takes; None where its last resort is another route, or nothing.

    Where nothing can be recorded, what comes in the place of a message.
    """
    if last is None or last.kind == "otherwise":
        return None
    if last.kind == "callback":
        return _offer(last.name, speaker)
    instead = _instead(last.name, speaker)
    if not can_record:
        return instead
    mailbox = router.config.mailboxes[last.name]
    here = f"mailboxes.{last.name}"
    return TakeMessage(
        mailbox=last.name,
        greeting=speaker.play_or_say(mailbox.greeting, mailbox.text, f"{here}.text"),
        thanks=speaker.say(mailbox.thanks, f"{here}.thanks"),
        path=f"{router.recordings}/{call_id}.wav",
        longest=mailbox.longest_message,
        instead=instead,
    )


def _instead(mailbox: str, speaker: Speaker) -> OfferCallback | Apology:
    """A callback by the terms that tell this mailbox, else by the first ones; else words alone."""
    name = stand_in(mailbox, speaker.config.callbacks)
    if name is None:
        return Apology(speaker.say(CallbackTerms().sorry_text, "sorry"))
    offer = _offer(name, speaker)
    # Who gave no number cannot be called back.
    return offer if speaker.click.number else Apology(offer.sorry)


def stand_in(mailbox: str, callbacks: Mapping[str, CallbackTerms]) -> str | None:
    """The terms of callbacks in the place of a message to this mailbox; None where there are no callbacks."""
    of_mailbox = (name for name, terms in callbacks.items() if terms.mailbox == mailbox)
    return next(of_mailbox, next(iter(callbacks), None))


def ending_name(ending: Ending | None) -> str | None:
    """An ending as expectations name it: ``message:sales``, ``callback:later``."""
    if ending is None:
        return None
    match ending:
        case TakeMessage(mailbox=mailbox):
            return f"message:{mailbox}"
        case OfferCallback(terms=terms):
            return f"callback:{terms}"
        case Apology():
            return "apology"


def ending_in_words(ending: Ending | None) -> str:
    """An ending as people say it."""
    if ending is None:
        return "nothing"
    if isinstance(ending, TakeMessage):
        return f"a message in mailbox {ending.mailbox}"
    if isinstance(ending, Apology):
        return "an apology"
    return f"a callback with terms {ending.terms}"


def queueing(name: str, speaker: Speaker) -> Queueing:
    """How the shopper waits in the queue of this name."""
    queue, here = speaker.config.queues[name], f"queues.{name}"
    site = speaker.site
    # Who gave no number cannot be called back.
    offered = queue.callback if speaker.click.number else None
    callback = None if offered is None else _offer(offered, speaker)
    text = translated(queue.announcement, site.tongue)
    if callback is not None:
        text = f"{text} {translated(queue.offer, site.tongue).replace('{key}', queue.callback_key)}"
    return Queueing(
        queue=name,
        announcement=speaker.play_or_say(queue.prompt, text, f"{here}.announcement"),
        music=speaker.play(queue.music) or speaker.play(site.music) or RINGBACK[site.ringback],
        announce_every=queue.announcement_interval,
        longest=queue.longest_wait,
        callback=callback,
        callback_key=queue.callback_key,
    )


def recording_of(speaker: Speaker, folder: str, *, can_record: bool = True) -> RecordTalks | None:
    """How the talk of a click is recorded; None where it is not."""
    recording = speaker.site.recording
    if recording is None or not can_record:
        return None
    notice = translated(recording.notice, speaker.site.tongue).replace("{key}", recording.decline_key)
    return RecordTalks(
        announcement=speaker.play_or_say(recording.prompt, notice, "recording.notice"),
        refused=speaker.play_or_say(recording.declined_prompt, recording.declined, "recording.declined"),
        decline_key=recording.decline_key,
        folder=folder,
    )


def screenings(speaker: Speaker, terms: CallbackTerms | None = None) -> Screenings:
    """The screening of a call's destinations; of a callback by ``terms``, when the business is dialled first.

    Then everybody is screened: somebody who listens must be there before a shopper is dialled.
    """
    made: dict[Screen, Screening | None] = {"none": None}
    settings = speaker.site.screening
    text = settings.text if terms is None else terms.text

    def screening(screen: Screen) -> Screening | None:
        if terms is not None and screen == "none":
            screen = "press_1"
        if screen not in made:
            prompt = speaker.play_or_say(settings.prompt, text, "screening")
            made[screen] = Screening(prompt, settings.timeout, detect_machine=screen == "amd")
        return made[screen]

    return screening


def _offer(name: str, speaker: Speaker) -> OfferCallback:
    terms, here = speaker.config.callbacks[name], f"callbacks.{name}"
    return OfferCallback(
        terms=name,
        booked=speaker.play_or_say(terms.booked_prompt, terms.booked_text, f"{here}.booked_text"),
        sorry=speaker.play_or_say(terms.sorry_prompt, terms.sorry_text, f"{here}.sorry_text"),
    )
