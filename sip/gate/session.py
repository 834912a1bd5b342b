"""Session timers (RFC 4028): the gate writes and reads them; PJSIP sends the refreshes when it is told to.

A refresh that is refused does not end the call: it is tried again as its status says, until shortly before
the session would expire. Only then, or where the peer does not know the call any more (481, 408), it ends.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bridge.causes import HangupCause
from sip.gate.calls import Call
from sip.gate.judge import number_in
from sip.gate.message import Message, parameter
from sip.gate.tables import Fate
from sip.reactor import Reactor

#: RFC 4028 section 4: nothing shorter; and a day, the longest that a timer here is set to.
SHORTEST, LONGEST = 90, 86400
#: How often a 422 makes us ask for a longer session.
_MOST_RAISES = 3
#: RFC 3261 section 14.1: who owns the Call-ID waits so long, and who does not.
_OWNER, _OTHER = (2.1, 4.0), (0.0, 2.0)

Method = Literal["UPDATE", "INVITE"]
Refresh = Callable[[Method], None]


@dataclass(slots=True)
class Session:
    """One call's timer; times are the reactor's."""

    #: What we ask for: raised where a peer wants more.
    wanted: int
    interval: int | None = None
    #: Whether we refresh.
    ours: bool = False
    ends_at: float = 0.0
    method: Method = "UPDATE"
    refreshing: bool = False
    raises: int = 0


def wait_after(status: int, retry_after: int | None, left: float, *, owner: bool) -> float | None:
    """Seconds until a refused refresh is tried again; None for never. Pure.

    ``left`` are the seconds until the call has to be ended for want of a refresh.
    """
    if status == 491:
        least, most = _OWNER if owner else _OTHER
        wait = random.uniform(least, most)  # noqa: S311 - against two that try at once, not against guessing
    elif retry_after is not None:
        wait = max(1.0, float(retry_after))
    else:
        wait = max(2.0, left / 2)
    return wait if wait < left else None


def margin(interval: int) -> float:
    """How long before its end a session that was not refreshed is ended (RFC 4028 section 10)."""
    return min(32.0, interval / 3)


class SessionTimers:
    """The timers of all calls."""

    def __init__(self, reactor: Reactor, end_call: Callable[[Call, Fate], None]) -> None:
        self._reactor = reactor
        self._end_call = end_call
        self._sessions: dict[str, Session] = {}
        self._timers: dict[str, list[Any]] = {}
        #: What has PJSIP refresh a call, by Call-ID.
        self.refreshers: dict[str, Refresh] = {}

    def session_of(self, call: Call) -> Session | None:
        """A call's timer; None on a trunk without."""
        if call.hop.session_expires is None:
            return None
        known = self._sessions.get(call.call_id)
        if known is None:
            known = self._sessions[call.call_id] = Session(call.hop.session_expires)
        return known

    def forget(self, call: Call) -> None:
        """Forget the timer of a call that has ended."""
        self._stop(call)
        self._sessions.pop(call.call_id, None)
        self.refreshers.pop(call.call_id, None)

    def write_request(self, call: Call, message: Message) -> None:
        """Request a session timer in an INVITE or UPDATE of ours."""
        session = self.session_of(call)
        if session is None or message.method not in ("INVITE", "UPDATE"):
            return
        interval = max(session.interval or 0, session.wanted)
        who = ""
        if session.interval is not None:
            who = ";refresher=uac" if session.ours else ";refresher=uas"
        _support(message)
        message.headers.append(("Session-Expires", f"{interval}{who}"))
        if session.raises or interval > SHORTEST:
            message.headers.append(("Min-SE", str(session.wanted if session.raises else SHORTEST)))

    def too_short(self, call: Call, request: Message) -> bool:
        """Whether a peer asks for a session that is too short: 422 (section 9)."""
        asked = number_in(request, "Session-Expires", LONGEST)
        return self.session_of(call) is not None and asked is not None and asked < SHORTEST

    def write_answer(self, call: Call, request: Message, answer: Message) -> None:
        """Grant a timer in our 2xx to a peer's INVITE or UPDATE (section 9), and begin it."""
        session = self.session_of(call)
        if session is None or request.method not in ("INVITE", "UPDATE") or answer.status // 100 != 2:
            return
        asked = number_in(request, "Session-Expires", LONGEST)
        if asked is None:
            self._begin(call, session, None, ours=False)
            return
        able = any(tag.lower() == "timer" for tag in request.all("Supported"))
        named = (parameter(request.get("Session-Expires"), "refresher") or "").lower()
        ours = named == "uas" or (not named and not able)
        _support(answer)
        answer.headers.append(("Session-Expires", f"{asked};refresher={'uas' if ours else 'uac'}"))
        if not ours:
            answer.headers.append(("Require", "timer"))
        self._begin(call, session, asked, ours=ours)

    def answered(self, call: Call, answer: Message) -> bool:
        """The peer's final answer to an INVITE or UPDATE of ours; whether to send that once more at once."""
        session = self.session_of(call)
        if session is None:
            return False
        if answer.status // 100 == 2:
            session.refreshing = False
            granted = number_in(answer, "Session-Expires", LONGEST)
            named = (parameter(answer.get("Session-Expires"), "refresher") or "").lower()
            self._begin(call, session, granted or None, ours=named != "uas")
            return False
        if answer.status == 422:
            least = number_in(answer, "Min-SE", LONGEST)
            session.raises += 1
            if least and least > session.wanted and session.raises <= _MOST_RAISES:
                session.wanted = least
                return True
        if session.refreshing and answer.status not in (401, 407):
            self._refused(call, session, answer)
        return False

    # --- the timer itself -------------------------------------------------------------------------------

    def _begin(self, call: Call, session: Session, interval: int | None, *, ours: bool) -> None:
        self._stop(call)
        session.interval, session.ours = interval, ours
        if interval is None:
            return
        session.ends_at = self._reactor.seconds() + interval - margin(interval)
        allow = call.peer.allow if call.peer is not None else frozenset()
        session.method = "UPDATE" if "UPDATE" in allow else "INVITE"
        if ours:
            self._later(call, interval / 2, self._refresh, call, session)
        self._later(call, interval - margin(interval), self._expired, call)

    def _later(self, call: Call, wait: float, what: Callable[..., None], *arguments: Any) -> None:
        timers = self._timers.setdefault(call.call_id, [])
        timers[:] = [timer for timer in timers if timer.active()]
        timers.append(self._reactor.callLater(wait, what, *arguments))

    def _stop(self, call: Call) -> None:
        for timer in self._timers.pop(call.call_id, []):
            if timer.active():
                timer.cancel()

    def _refresh(self, call: Call, session: Session) -> None:
        refresh = self.refreshers.get(call.call_id)
        if refresh is not None and not call.over:
            session.refreshing = True
            refresh(session.method)

    def _refused(self, call: Call, session: Session, answer: Message) -> None:
        session.refreshing = False
        if answer.status in (405, 501) and session.method == "UPDATE":
            session.method = "INVITE"
            self._later(call, 0.5, self._refresh, call, session)
            return
        left = session.ends_at - self._reactor.seconds()
        wait = wait_after(answer.status, number_in(answer, "Retry-After", LONGEST), left, owner=call.ours)
        if wait is not None:
            if answer.status not in (491, 500, 503) and session.method == "UPDATE":
                session.method = "INVITE"
            self._later(call, wait, self._refresh, call, session)

    def _expired(self, call: Call) -> None:
        self._end_call(call, Fate(HangupCause.SESSION_EXPIRED, "the session timer ran out (RFC 4028)"))


def _support(message: Message) -> None:
    """Say that we know session timers."""
    for at, (name, value) in enumerate(message.headers):
        if name == "Supported":
            if not re.search(r"\btimer\b", value):
                message.headers[at] = (name, f"{value}, timer" if value else "timer")
            return
    message.headers.append(("Supported", "timer"))
