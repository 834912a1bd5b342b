"""Who may answer a phone, as scripts: a person, a machine, somebody who says nothing."""

from __future__ import annotations

import dataclasses

from phones.wire import Part, PhoneSpeech, Script

#: The tone after which an answering machine records, in Hz.
BEEP_HZ = 1400
_SILENCE = PhoneSpeech()


def voicemail(talks: float = 5.0, *, ring_for: float = 0.2, waits: float = 0.5) -> Script:
    """A machine: it answers, waits a moment, talks for so many seconds, beeps, and listens in silence."""
    return Script(
        ring_for=ring_for,
        first=(
            Part(_SILENCE, waits),
            Part(PhoneSpeech(talk=True), talks),
            Part(_SILENCE, 0.3),
            Part(PhoneSpeech(hz=BEEP_HZ), 0.4),
        ),
    )


def person(
    *,
    ring_for: float = 0.2,
    waits: float = 0.4,
    hello: float = 0.6,
    key: str = "",
    key_after: float = 1.0,
    prompt_hz: int | None = None,
    then: PhoneSpeech = _SILENCE,
) -> Script:
    """Somebody who says hello for so long and then waits, or says ``then``.

    They press ``key`` so many seconds after the answer, or after a prompt of this tone was heard.
    """
    return Script(
        ring_for=ring_for,
        first=(Part(_SILENCE, waits), Part(PhoneSpeech(talk=True), hello)),
        speak=then,
        dtmf=key,
        dtmf_after=key_after,
        listen_for=prompt_hz,
    )


def mute_person(
    *, ring_for: float = 0.2, key: str = "", key_after: float = 1.0, prompt_hz: int | None = None
) -> Script:
    """Somebody who picks up and says nothing; the key as with :func:`person`."""
    spoken = person(ring_for=ring_for, key=key, key_after=key_after, prompt_hz=prompt_hz)
    return dataclasses.replace(spoken, first=())
