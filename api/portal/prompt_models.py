"""What the portal's pages send of recordings, and what they are answered. Sounds are WAV files in base64."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.portal.settings_models import DraftView

#: Characters of ten megabytes in base64.
_MOST = 14 * 1024 * 1024


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PromptUpload(_Said):
    """A recording."""

    wav: str = Field(min_length=1, max_length=_MOST, description="16 bit, mono, 8 or 16 kHz, in base64.")


class WishedSpeech(_Said):
    """A text to be spoken by the synthetic voice."""

    text: str = Field(min_length=1, max_length=1000)
    voice: str = Field(default="en-us", max_length=40, description="As espeak-ng calls it.")


class PromptView(BaseModel):
    """A recording and its file, from the config file's folder."""

    file: str
    wav: str


class PromptKept(BaseModel):
    """A recording that was kept, and the draft that names it now."""

    file: str
    draft: DraftView


class SpokenView(BaseModel):
    """What the synthetic voice said."""

    wav: str
