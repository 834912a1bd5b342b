"""Who is logged in, agents and operators apart: random tokens, of which only digests are kept, in memory."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.accounts import Accounts
from api.digests import digest_of
from api.page_queue import PageQueue
from api.sockets import NOT_LOGGED_IN
from bridge.protocols import Cancellable, Clock

#: Seconds that a session lasts after it was last used, which a connected page does all the time; and at most.
LIFETIME, LONGEST = 12 * 3600.0, 24 * 3600.0
#: Seconds between two looks for what has expired.
REVIEW_PAUSE = 60.0
#: Sessions of one person; a further one ends the oldest.
MOST_PER_PERSON = 16


class NotLoggedInError(Exception):
    """This token opens nothing, or nothing any more."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody logged in: the address, and what their browser calls itself."""

    address: str = ""
    browser: str = ""


NOWHERE = Origin()


@dataclass(slots=True)
class _LogIn:
    name: str
    #: Of the password that was given: a new one in the settings ends the session.
    password_hash: str
    #: What ends it for the operator, who does not know the token; and where it was opened.
    session_id: str
    origin: Origin
    opened_at: float
    used_at: float
    #: Whether it ends as soon as its agent is in no call any more.
    ending: bool = False
    listeners: list[PageQueue] = field(default_factory=list)

    def expires_at(self, now: float) -> float:
        """When it ends if nobody uses it any more."""
        used_at = now if self.listeners else self.used_at
        return min(used_at + LIFETIME, self.opened_at + LONGEST)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as the operator sees it. Times are seconds since the epoch."""

    session_id: str
    name: str
    origin: Origin
    opened_at: float
    used_at: float
    expires_at: float
    #: How many pages are connected.
    pages: int


class LoginSessions:
    """Opens, finds and ends sessions. A session that ends closes its WebSockets.

    ``account(name)`` is what the settings have for somebody; None for a name of nobody.

    What expires, or is ended by a change of the settings, lives on while its agent talks: with its WebSocket
    the agent's browser would lose the call. ``in_call(name)`` tells whether they do; call :meth:`review`
    when that changes. ``on_ending(name)`` is called once for each session that waits so.
    """

    def __init__(
        self,
        account: Accounts,
        clock: Clock,
        in_call: Callable[[str], bool] = lambda name: False,
        on_ending: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._account = account
        self._clock = clock
        self._in_call = in_call
        self._on_ending = on_ending
        #: By the digest of their tokens, the one first that was used longest ago.
        self._sessions: dict[bytes, _LogIn] = {}
        self._timer: Cancellable | None = None

    def open(self, name: str, origin: Origin = NOWHERE) -> str:
        """A new session of somebody in the settings, as a token of 256 random bits."""
        self.review()
        own = [digest for digest, session in self._sessions.items() if session.name == name]
        for digest in own[: max(0, len(own) - MOST_PER_PERSON + 1)]:
            self._end(digest)
        token, now = secrets.token_urlsafe(32), self._clock.time()
        account = self._account(name)
        assert account is not None, name  # noqa: S101 - nobody else's password is right
        session_id = secrets.token_hex(8)
        self._sessions[digest_of(token)] = _LogIn(name, account.password_hash, session_id, origin, now, now)
        self._look_again()
        return token

    def sessions(self) -> list[OpenSession]:
        """All of them, the one that was opened last first."""
        self.review()
        now = self._clock.time()
        return sorted(
            (
                OpenSession(
                    session_id=session.session_id,
                    name=session.name,
                    origin=session.origin,
                    opened_at=session.opened_at,
                    used_at=now if session.listeners else session.used_at,
                    expires_at=session.expires_at(now),
                    pages=len(session.listeners),
                )
                for session in self._sessions.values()
            ),
            key=lambda session: session.opened_at,
            reverse=True,
        )

    def end(self, session_id: str) -> str | None:
        """End the session with this id at once, even during a call; returns whose it was, or None."""
        for digest, session in self._sessions.items():
            if session.session_id == session_id:
                self._end(digest)
                return session.name
        return None

    def name_of(self, token: str) -> str:
        """Whose session it is, which starts over from now; :class:`NotLoggedInError`."""
        return self._use(token).name

    @contextmanager
    def listening(self, token: str, listener: PageQueue) -> Iterator[str]:
        """Whose session it is; when it ends, the queue is closed. :class:`NotLoggedInError`."""
        session = self._use(token)
        session.listeners.append(listener)
        try:
            yield session.name
        finally:
            session.used_at = self._clock.time()
            session.listeners.remove(listener)

    def close(self, token: str) -> str | None:
        """End a session; returns whose it was, None if there was none."""
        session = self._sessions.get(digest := digest_of(token))
        if session is None:
            return None
        self._end(digest)
        return session.name

    def review(self) -> None:
        """End sessions that have expired, and those of people who were removed or have a new password.

        Not while they talk; call it again then.
        """
        for digest, session in list(self._sessions.items()):
            if not self._holds(session):
                self._end(digest)

    def _look_again(self) -> None:
        """Look for what has expired now and then, while there is anything that could."""
        if self._timer is None and self._sessions:
            self._timer = self._clock.call_later(REVIEW_PAUSE, self._review_again)

    def _review_again(self) -> None:
        self._timer = None
        self.review()
        self._look_again()

    def __len__(self) -> int:
        return len(self._sessions)

    def _use(self, token: str) -> _LogIn:
        digest = digest_of(token)
        session = self._sessions.get(digest)
        if session is None:
            raise NotLoggedInError
        if not self._holds(session):
            self._end(digest)
            raise NotLoggedInError
        session.used_at = self._clock.time()
        self._sessions[digest] = self._sessions.pop(digest)
        return session

    def _holds(self, session: _LogIn) -> bool:
        account = self._account(session.name)
        current = account is not None and account.password_hash == session.password_hash
        now = self._clock.time()
        if current and not session.ending and session.expires_at(now) > now:
            return True
        # Once it is to end it ends, whatever the settings say by then.
        if not session.ending and self._in_call(session.name):
            session.ending = True
            self._on_ending(session.name)
        return session.ending and self._in_call(session.name)

    def _end(self, digest: bytes) -> None:
        session = self._sessions.pop(digest, None)
        if session is not None:  # else a review that this one led to was faster
            for listener in session.listeners:
                listener.close(NOT_LOGGED_IN)
