"""Sofia-SIP (Debian's ``libsofia-sip-ua0``) by cffi: the one file that knows C.

No struct is read, so no offset can be wrong: a message comes as the text that Sofia prints of it, an event by
the name that Sofia gives its number. :meth:`Sofia.load` tries both before anything is trusted.

Everything runs on the thread of one asyncio loop: Sofia's epoll descriptor is one of its readers, and a timer
of the loop's stands for Sofia's timers. Sofia calls back from within :meth:`Sofia._step` alone.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cffi import FFI

from sip.journal import note

LIBRARY = "libsofia-sip-ua.so.0"
#: Where nothing is kept that Sofia writes.
NOWHERE = "/dev/null"
#: Longest wait for the next of Sofia's timers, in seconds.
_LONGEST_NAP = 15.0
#: Steps after which the loop has its turn, whatever else Sofia has to do.
_MOST_STEPS = 200
#: Messages larger than that are refused (NTATAG_MAXSIZE), and requests larger than this leave by UDP still:
#: which transport is used is decided by the sender, not by the size (RFC 3261 section 18.1.1).
_LARGEST_MESSAGE = 65535

_TAGS = (
    "nutag_allow", "nutag_appl_method", "nutag_auth", "nutag_auto302", "nutag_auto305", "nutag_autoack",
    "nutag_autoalert", "nutag_autoanswer", "nutag_certificate_dir", "nutag_initial_route_str",
    "nutag_invite_timer", "nutag_media_enable", "nutag_method", "nutag_min_se", "nutag_outbound",
    "nutag_path_enable", "nutag_refresh_without_sdp", "nutag_registrar", "nutag_retry_count",
    "nutag_service_route_enable", "nutag_session_refresher", "nutag_session_timer", "nutag_sips_url",
    "nutag_update_refresh", "nutag_url", "nutag_with", "ntatag_cancel_2543", "ntatag_client_rport",
    "ntatag_default_proxy", "ntatag_max_proceeding", "ntatag_maxsize", "ntatag_merge_482",
    "ntatag_pass_100", "ntatag_server_rport", "ntatag_sip_t1x64", "ntatag_tcp_rport", "ntatag_tls_rport",
    "ntatag_udp_mtu", "ntatag_use_naptr", "ntatag_use_srv", "siptag_allow_str", "siptag_authorization_str",
    "siptag_call_id_str", "siptag_contact_str", "siptag_content_type_str", "siptag_cseq_str",
    "siptag_expires_str", "siptag_from_str", "siptag_header_str", "siptag_payload_str",
    "siptag_proxy_authorization_str", "siptag_reason_str", "siptag_require_str", "siptag_retry_after_str",
    "siptag_route_str", "siptag_supported_str", "siptag_to_str", "siptag_user_agent_str",
    "siptag_warning_str", "tptag_certificate", "tptag_dump", "tptag_reuse", "tptag_tls_verify_date",
    "tptag_tls_verify_policy", "tptag_tls_version",
)  # fmt: skip
_LOGS = ("nua_log", "nta_log", "nea_log", "tport_log", "su_log_default", "sresolv_log", "iptsec_log")
#: What is sent, by nua's word for it.
_SENDERS = (
    "nua_invite", "nua_ack", "nua_prack", "nua_bye", "nua_cancel", "nua_info", "nua_update", "nua_options",
    "nua_register", "nua_unregister", "nua_authenticate", "nua_method",
)  # fmt: skip
#: The events that this engine lives by; a library that does not know one of them is another library.
EVENTS = frozenset({
    "nua_i_invite", "nua_i_cancel", "nua_i_ack", "nua_i_terminated", "nua_i_bye", "nua_i_options",
    "nua_i_info", "nua_i_update", "nua_i_prack", "nua_i_error", "nua_r_invite", "nua_r_cancel", "nua_r_bye",
    "nua_r_info", "nua_r_update", "nua_r_options", "nua_r_register", "nua_r_unregister", "nua_r_method",
    "nua_r_shutdown",
})  # fmt: skip

_ffi = FFI()
_ffi.cdef(
    "int su_init(void); void *su_root_create(void *); int su_root_threading(void *, int);"
    "long su_root_step(void *, long); void su_log_set_level(void *, unsigned);"
    "void *su_home_new(size_t); void su_free(void *, void *);"
    "void *sip_default_mclass(void); void *msg_make(void *, int, const void *, ssize_t);"
    "char *msg_as_string(void *, void *, void *, int, size_t *); void msg_destroy(void *);"
    "void msg_get_address(void *, void *, unsigned *);"
    "typedef void nua_cb(int, int, const char *, void *, void *, void *, void *, const void *, void *);"
    "void *nua_create(void *, nua_cb *, void *, ...); void nua_set_params(void *, ...);"
    "void nua_shutdown(void *); void nua_destroy(void *); const char *nua_event_name(int);"
    "void *nua_current_request(void *);"
    "void *nua_handle(void *, void *, ...); void nua_handle_bind(void *, void *);"
    "void nua_handle_destroy(void *); void nua_respond(void *, int, const char *, ...);"
    + "".join(f"void {name}(void *, ...);" for name in _SENDERS)
    + "".join(f"extern char {name}[];" for name in (*_TAGS, *_LOGS))
)

_PROBE = (
    b"SIP/2.0 183 Session Progress\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKprobe\r\n"
    b"From: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>;tag=2\r\nCall-ID: probe\r\nCSeq: 7 INVITE\r\n"
    b'Reason: Q.850;cause=17;text="probe"\r\nContent-Type: application/sdp\r\n'
    b"Content-Length: 5\r\n\r\nv=0\r\n"
)


class SofiaError(Exception):
    """Sofia-SIP cannot be used; the text says what the operator can do."""


@dataclass(frozen=True, slots=True)
class Event:
    """What Sofia tells: ``name`` without ``nua_``; ``text`` is the message, None where Sofia made it up."""

    name: str
    status: int
    text: bytes | None
    #: Names the request to Sofia, for :meth:`Handle.respond`: a handle may wait with several.
    request: int = 0
    #: Whether it came from the network. Sofia makes up responses, whole with tags, in a silent peer's place.
    from_peer: bool = False


Tags = dict[str, str | int]


@dataclass(eq=False)
class Handle:
    """One of nua's handles: a call, a registration, or a request outside of both."""

    agent: SofiaAgent
    key: int
    pointer: Any
    #: Called with every event of this handle.
    heard: Callable[[Event], None] = field(repr=False)
    gone: bool = False

    def send(self, what: str, /, **tags: str | int) -> None:
        """Call ``nua_<what>`` with these tags; nothing once it is destroyed."""
        if not self.gone:
            self.agent.sofia.call(getattr(self.agent.sofia.lib, f"nua_{what}"), self.pointer, tags)

    def send_by(self, hop: str, what: str, /, **tags: str | int) -> None:
        """The same, but sent to the URI ``hop``, whatever the request URI and the routes name.

        Nua has no such thing a handle, but its transport has one for all (NTATAG_DEFAULT_PROXY): it is set
        around this one request. Sofia takes the three in one go: its calls are messages to its own root.
        """
        if not self.gone:
            self.agent.set(ntatag_default_proxy=hop)
            self.send(what, **tags)
            self.agent.set(ntatag_default_proxy=0)

    def invite_by(self, hop: str, what: str, /, **tags: str | int) -> None:
        """The same for an INVITE, which is written down as it leaves (``SofiaAgent.invites``)."""
        if not self.gone:
            self.agent.set(ntatag_default_proxy=hop, tptag_dump=self.agent.invites)
            self.send(what, **tags)
            self.agent.set(ntatag_default_proxy=0, tptag_dump=self.agent.messages)

    def respond(self, request: int, status: int, phrase: str, /, **tags: str | int) -> None:
        """Answer this request (``Event.request``); ``phrase`` is one of the few that our code has."""
        if not self.gone:
            self.agent.sofia.respond(self.pointer, status, phrase, {"nutag_with": request, **tags})

    def destroy(self) -> None:
        """Let go of it, with whatever it still has; takes effect once Sofia is not calling us."""
        if not self.gone:
            self.gone = True
            self.agent.handles.pop(self.key, None)
            self.agent.sofia.destroy_later(self.pointer)


class Sofia:
    """The library in this process: its root, and the loop that turns it."""

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self._loop = asyncio.get_running_loop()
        self._home = lib.su_home_new(256)
        self._names = _names_of_events(lib)
        self._agents: dict[int, SofiaAgent] = {}
        self._keys = itertools.count(1)
        self._callback = _ffi.callback("nua_cb", self._called, onerror=_callback_failed)
        self._doomed: list[Any] = []
        self._phrases: dict[str, Any] = {}
        #: A ``struct sockaddr_storage``.
        self._address = _ffi.new("unsigned char[128]")
        self._stepping = self._kicked = False
        #: Called when Sofia has worked.
        self.worked: Callable[[], None] = _nothing
        self._timer: asyncio.TimerHandle | None = None
        before = _epolls()
        self.root = lib.su_root_create(_ffi.NULL)
        if not self.root:
            raise SofiaError("Sofia-SIP cannot create its root: no file descriptor is left")
        lib.su_root_threading(self.root, 0)
        made = _epolls() - before
        if len(made) != 1:
            raise SofiaError(f"Sofia-SIP does not wait by epoll here ({len(made)} descriptors)")
        self._loop.add_reader(made.pop(), self._step)
        self._step()

    @classmethod
    def load(cls) -> Sofia:
        """Load the library, and try what this file takes for granted; :class:`SofiaError` if it is not so."""
        try:
            lib = _ffi.dlopen(LIBRARY)
        except OSError as error:
            raise SofiaError(
                f"{LIBRARY} cannot be loaded ({error}): install Debian's package libsofia-sip-ua0"
            ) from error
        try:
            for name in (*_TAGS, *_LOGS, "nua_current_request", "msg_as_string"):
                getattr(lib, name)
        except (AttributeError, KeyError) as error:
            raise SofiaError(f"{LIBRARY} is not Sofia-SIP 1.12.11: {error}") from error
        lib.su_init()
        for name in _LOGS:
            # Its own log would show numbers unmasked.
            lib.su_log_set_level(getattr(lib, name), 0)
        if missing := EVENTS - set(_names_of_events(lib).values()):
            raise SofiaError(f"{LIBRARY} does not know {', '.join(sorted(missing))}")
        sofia = cls(lib)
        message = lib.msg_make(lib.sip_default_mclass(), 0, _PROBE, len(_PROBE))
        if not message or sofia.text_of(message) != _PROBE or sofia._came_from_network(message):
            raise SofiaError(f"{LIBRARY} does not print a SIP message as it read it")
        lib.msg_destroy(message)
        return sofia

    def open(self, url: str, strange: Callable[[Handle, Event], None], **tags: str | int) -> SofiaAgent:
        """An agent that listens at this URL; ``strange`` hears what comes in outside of any handle of ours.

        :class:`OSError` where it cannot listen there.
        """
        key = next(self._keys)
        agent = SofiaAgent(self, key, strange)
        self._agents[key] = agent
        before = _sockets()
        agent.pointer = self.call(
            lambda *given: self.lib.nua_create(
                self.root, self._callback, _ffi.cast("void *", key), *given[1:]
            ),
            None,
            {
                "nutag_url": url,
                "ntatag_maxsize": _LARGEST_MESSAGE,
                "ntatag_udp_mtu": _LARGEST_MESSAGE,
                "ntatag_use_naptr": 0,
                "ntatag_use_srv": 0,
                **tags,
            },
        )
        if not agent.pointer:
            del self._agents[key]
            raise OSError(f"Sofia-SIP cannot listen at {url}")
        agent.sockets = tuple(sorted(_sockets() - before))
        return agent

    def call(self, function: Callable[..., Any], first: Any, tags: Tags) -> Any:
        """Call one of nua's functions that end in a list of tags, then let Sofia work."""
        kept, arguments = self._arguments(tags)
        result = function(first, *arguments)
        del kept
        self._kick()
        return result

    def respond(self, pointer: Any, status: int, phrase: str, tags: Tags) -> None:
        """``nua_respond``."""
        kept, arguments = self._arguments(tags)
        # Nua keeps the pointer, not the phrase: it must live for ever.
        if phrase not in self._phrases:
            self._phrases[phrase] = _ffi.new("char[]", phrase.encode())
        self.lib.nua_respond(pointer, status, self._phrases[phrase], *arguments)
        del kept
        self._kick()

    def destroy_later(self, pointer: Any) -> None:
        """Destroy a handle, but not while Sofia is calling us from it."""
        self._doomed.append(pointer)
        self._kick()

    def next_key(self) -> int:
        """A number for a handle that no other has had."""
        return next(self._keys)

    def text_of(self, message: Any) -> bytes | None:
        """A message as it would stand on the wire."""
        size = _ffi.new("size_t *")
        printed = self.lib.msg_as_string(self._home, message, _ffi.NULL, 0, size)
        if printed == _ffi.NULL:
            return None
        text = bytes(_ffi.buffer(printed, size[0]))
        self.lib.su_free(self._home, printed)
        return text

    def _came_from_network(self, message: Any) -> bool:
        """Whether a message has a sender: a ``struct sockaddr``, which begins with its family."""
        size = _ffi.new("unsigned *", len(self._address))
        _ffi.memmove(self._address, b"\0\0", 2)
        self.lib.msg_get_address(message, self._address, size)
        return bytes(self._address[0:2]) != b"\0\0"

    def _arguments(self, tags: Tags) -> tuple[list[Any], list[Any]]:
        """What must live during the call, and its arguments: tag, value, …, TAG_END()."""
        kept, arguments = [], []
        for name, value in tags.items():
            if isinstance(value, str):
                text = _ffi.new("char[]", value.encode("utf-8", "surrogateescape"))
                kept.append(text)
                cast = _ffi.cast("intptr_t", text)
            else:
                cast = _ffi.cast("intptr_t", value)
            arguments += [_ffi.cast("void *", getattr(self.lib, name)), cast]
        return kept, [*arguments, _ffi.cast("void *", 0), _ffi.cast("intptr_t", 0)]

    def _kick(self) -> None:
        """Have Sofia carry out soon what it was asked: its calls only post messages to its own root."""
        if not self._kicked and not self._stepping:
            self._kicked = True
            self._loop.call_soon(self._step)

    def _step(self) -> None:
        if self._stepping:
            return
        self._stepping, self._kicked = True, False
        try:
            for _ in range(_MOST_STEPS):
                doomed, self._doomed = self._doomed, []
                for pointer in doomed:
                    self.lib.nua_handle_destroy(pointer)
                # Milliseconds until its next timer is due; 0: more waits to be done; -1: it has no timer.
                wait = self.lib.su_root_step(self.root, 0)
                if wait != 0 and not self._doomed:
                    break
        finally:
            self._stepping = False
        self.worked()
        if self._timer is not None:
            self._timer.cancel()
        nap = min(wait / 1000, _LONGEST_NAP) if wait >= 0 else _LONGEST_NAP
        self._timer = self._loop.call_later(nap, self._step)

    def _called(
        self, event: int, status: int, _phrase: Any, nua: Any, magic: Any, pointer: Any, hmagic: Any, *_: Any
    ) -> None:
        agent = self._agents.get(int(_ffi.cast("intptr_t", magic)))
        if agent is None:
            return
        name = self._names.get(event, "")
        if name in EVENTS:
            message = self.lib.nua_current_request(nua)
            text = (self.text_of(message) or None) if message else None
            request = int(_ffi.cast("intptr_t", message)) if message else 0
            came = bool(message) and self._came_from_network(message)
            event_told = Event(name.removeprefix("nua_"), status, text, request, came)
            agent.called(event_told, pointer, int(_ffi.cast("intptr_t", hmagic)))


class SofiaAgent:
    """One of nua's agents: sockets of its own, and its handles."""

    def __init__(self, sofia: Sofia, key: int, strange: Callable[[Handle, Event], None]) -> None:
        self.sofia = sofia
        self.key = key
        self.pointer: Any = None
        self.handles: dict[int, Handle] = {}
        #: Descriptors of the sockets that it listens with.
        self.sockets: tuple[int, ...] = ()
        #: Files that Sofia writes to (TPTAG_DUMP): all messages, and those that pass while an INVITE leaves.
        self.messages = self.invites = NOWHERE
        self._strange = strange

    def set(self, **tags: str | int) -> None:
        """Set parameters of all its handles."""
        self.sofia.call(self.sofia.lib.nua_set_params, self.pointer, tags)

    def handle(self, heard: Callable[[Event], None], **tags: str | int) -> Handle:
        """A handle of ours."""
        key = self.sofia.next_key()
        magic = _ffi.cast("void *", key)
        pointer = self.sofia.call(
            lambda *given: self.sofia.lib.nua_handle(self.pointer, magic, *given[1:]), None, tags
        )
        handle = self.handles[key] = Handle(self, key, pointer, heard)
        return handle

    def called(self, event: Event, pointer: Any, key: int) -> None:
        """Sofia tells something; what is of no handle of ours begins one, for a stranger's request."""
        handle = self.handles.get(key)
        if handle is not None:
            handle.heard(event)
        elif key == 0 and pointer != _ffi.NULL and event.name.startswith("i_"):
            key = self.sofia.next_key()
            handle = self.handles[key] = Handle(self, key, pointer, _unheard)
            self.sofia.lib.nua_handle_bind(pointer, _ffi.cast("void *", key))
            self._strange(handle, event)


def _nothing() -> None:
    """Nobody wants to know."""


def _unheard(_: Event) -> None:
    """Of a stranger's handle that nobody has taken."""


def _callback_failed(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """An exception cannot go through C: it is noted, and the event is lost."""
    note("sofia_callback_failed", "error", kind=kind.__name__, reason=error)


def _names_of_events(lib: Any) -> dict[int, str]:
    """Sofia's events by number, as it names them itself."""
    return {number: _ffi.string(lib.nua_event_name(number)).decode() for number in range(64)}


def _descriptors(kind: str) -> set[int]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            if kind in os.readlink(f"/proc/self/fd/{name}"):
                found.add(int(name))
        except OSError:
            continue  # the directory's own descriptor is gone by now
    return found


def _epolls() -> set[int]:
    return _descriptors("eventpoll")


def _sockets() -> set[int]:
    return _descriptors("socket:")
