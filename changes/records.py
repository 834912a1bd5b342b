"""Changes and drafts as they are kept, and what keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

#: Texts of settings files, by the files' names.
Texts = Mapping[str, str]
#: ``waiting`` for its time, ``applied``, ``refused`` when its time came, or ``cancelled`` before.
ChangeState = Literal["applied", "waiting", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change: the texts before and after of the files that it touches, by their names."""

    at: float
    by: str
    #: ``portal``, or ``disk`` for what somebody did with an editor.
    via: str
    why: str
    before: Texts
    after: Texts
    sentences: Sequence[str] = ()
    #: The change that it takes back.
    undoes: int | None = None
    state: ChangeState = "applied"
    #: When it is to be applied; None for at once.
    publish_at: float | None = None
    #: Why it was refused.
    problem: str = ""
    change_id: int = 0


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """What an operator has typed and not applied: their texts, and what they began with."""

    operator: str
    revision: int
    saved_at: float
    base: Texts
    mine: Texts


class ChangeStore(Protocol):
    """Keeps changes, drafts, and what the files held. Every method may raise StoreError."""

    async def add(self, change: Change) -> int:
        """Keep a change; its number."""

    async def change(self, change_id: int) -> Change | None:
        """One change."""

    async def newest(self, before: int | None = None, limit: int = 50) -> Sequence[Change]:
        """Changes, the newest first."""

    async def waiting(self) -> Sequence[Change]:
        """Changes that wait, the earliest first."""

    async def settle(self, change_id: int, state: ChangeState, at: float, problem: str = "") -> bool:
        """What became of one that waited; False where it waits no more."""

    async def draft(self, operator: str) -> KeptDraft | None:
        """What an operator has typed."""

    async def keep_draft(self, draft: KeptDraft) -> None:
        """Keep what an operator typed."""

    async def drop_draft(self, operator: str) -> None:
        """Forget a draft."""

    async def known(self) -> Texts:
        """What the files held when they were last looked at."""

    async def keep_known(self, texts: Texts) -> None:
        """Note what the files hold."""
