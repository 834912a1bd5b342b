"""Who is logged in as which agent: random tokens, of which only digests are kept, in memory."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.listener import Listener
from api.sockets import NOT_LOGGED_IN
from bridge.protocols import Clock
from config.models import Config

#: Seconds that a session lasts after it was last used.
LIFETIME = 12 * 3600.0
#: Sessions of one agent; a further one ends the oldest.
MOST_PER_AGENT = 16


class NotLoggedInError(Exception):
    """This token opens nothing, or nothing any more."""


@dataclass(slots=True)
class _Session:
    agent: str
    #: Of the password that was given: a new one in the settings ends the session.
    password_hash: str
    expires_at: float
    #: Whether it ends as soon as its agent is in no call any more.
    ending: bool = False
    listeners: list[Listener] = field(default_factory=list)


class AgentSessions:
    """Opens, finds and ends sessions. A session that ends closes its WebSockets.

    What expires, or is ended by a change of the settings, lives on while its agent talks: with its WebSocket
    the agent's browser would lose the call. ``in_call(agent)`` tells whether they do; call :meth:`review`
    when that changes. ``on_ending(agent)`` is called once for each session that waits so.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        clock: Clock,
        in_call: Callable[[str], bool] = lambda agent: False,
        on_ending: Callable[[str], None] = lambda agent: None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._in_call = in_call
        self._on_ending = on_ending
        #: By the digest of their tokens, the one first that was used longest ago.
        self._sessions: dict[bytes, _Session] = {}

    def open(self, agent: str) -> str:
        """A new session of an agent of the settings, as a token of 256 random bits."""
        self.review()
        own = [digest for digest, session in self._sessions.items() if session.agent == agent]
        for digest in own[: max(0, len(own) - MOST_PER_AGENT + 1)]:
            self._end(digest)
        token = secrets.token_urlsafe(32)
        password_hash = self._config().agents[agent].password_hash
        self._sessions[_digest(token)] = _Session(agent, password_hash, self._clock.time() + LIFETIME)
        return token

    def agent_of(self, token: str) -> str:
        """Whose session this is, which lasts from now on anew; :class:`NotLoggedInError`."""
        return self._use(token).agent

    @contextmanager
    def listening(self, token: str, listener: Listener) -> Iterator[str]:
        """Whose session this is; when it ends, the listener is closed. :class:`NotLoggedInError`."""
        session = self._use(token)
        session.listeners.append(listener)
        try:
            yield session.agent
        finally:
            session.listeners.remove(listener)

    def close(self, token: str) -> None:
        """End a session; one that is none is no error."""
        if (digest := _digest(token)) in self._sessions:
            self._end(digest)

    def review(self) -> None:
        """End what has expired, and sessions of agents who are no more or have another password now.

        Not while they talk; call it again then.
        """
        for digest, session in list(self._sessions.items()):
            if not self._holds(session):
                self._end(digest)

    def __len__(self) -> int:
        return len(self._sessions)

    def _use(self, token: str) -> _Session:
        digest = _digest(token)
        session = self._sessions.get(digest)
        if session is None:
            raise NotLoggedInError
        if not self._holds(session):
            self._end(digest)
            raise NotLoggedInError
        if not session.ending:
            session.expires_at = self._clock.time() + LIFETIME
        self._sessions[digest] = self._sessions.pop(digest)
        return session

    def _holds(self, session: _Session) -> bool:
        agent = self._config().agents.get(session.agent)
        current = agent is not None and agent.password_hash == session.password_hash
        if current and not session.ending and session.expires_at > self._clock.time():
            return True
        # Once it is to end it ends, whatever the settings say by then.
        if not session.ending and self._in_call(session.agent):
            session.ending = True
            self._on_ending(session.agent)
        return session.ending and self._in_call(session.agent)

    def _end(self, digest: bytes) -> None:
        session = self._sessions.pop(digest, None)
        if session is not None:  # else a review that this one led to was faster
            for listener in session.listeners:
                listener.close(NOT_LOGGED_IN)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
