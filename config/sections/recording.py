"""How the talks of a site's shoppers are recorded.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Model, PromptName
from config.draft import Draft
from config.fields import KeptSeconds
from config.problems import Loc
from config.sections.queues import Key, Queue
from config.sections.speech import Words, check_instead, check_spoken


class RecordingSettings(Model):
    """How talks are recorded: both sides, while shopper and business hear each other, never on hold. Each
    shopper is told before anybody is rung, and may refuse by a key. Without this section, nothing is."""

    prompt: PromptName | None = None
    """A recorded prompt that tells the shopper, in place of the text."""
    notice: Words = "This call is recorded. If you do not want that, press {key}."
    """What a synthetic voice says; placeholders as in `screening`, and {key}."""
    decline_key: Key = "9"
    """The key by which a shopper refuses, from the notice on until somebody takes the call."""
    declined_prompt: PromptName | None = None
    """A recorded prompt for who refuses, in place of the text."""
    declined: Words = "This call is not recorded."
    """What a synthetic voice says to who refuses; placeholders as in `screening`."""
    keep: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long a recording is kept; then it is deleted."""


def check_recording(draft: Draft, loc: Loc, recording: RecordingSettings) -> None:
    """Problems and warnings of how a site records."""
    check_spoken(draft, loc, recording, "notice", "declined")
    check_instead(draft, loc, "prompt", "notice")
    check_instead(draft, loc, "declined_prompt", "declined")
    if recording.prompt is None and not {"{key}", recording.decline_key} & set(_words(recording.notice)):
        draft.doubtful((*loc, "notice"), "does not say which key to press: write {key}")
    for name, queue in draft.items(Queue).items():
        if queue.callback is not None and queue.callback_key == recording.decline_key:
            draft.doubtful(
                (*loc, "decline_key"),
                f"in queue {name} this key books a callback: who waits there can no longer refuse",
            )


def _words(text: str) -> list[str]:
    return text.replace(".", " ").replace(",", " ").split()
