"""Logging in with a password and, where the settings say so, a code: how often one may try, what is noted."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from api.accounts import Accounts
from api.addresses import sender_of
from api.audit import AuditTrail
from api.cookies import LoginCookies
from api.limits import RequestRate
from api.passwords import Passwords
from api.problems import Problem, RequestError
from api.sessions import LONGEST, LoginSessions, NotLoggedInError, Origin
from api.totp import OneTimeCodes
from bridge.protocols import Clock
from config.fields import Window
from config.models import Config
from notify.wording import one_line

#: Wrong passwords that one address may try; or one browser, if the person has logged in there before: it is
#: not held to what others try from its address.
TRIES_PER_ADDRESS = TRIES_PER_DEVICE = (Window(10, 900.0),)
#: Wrong passwords for one person from all unknown browsers together, beyond which each address may try one a
#: minute. A browser in which they have logged in before is not held to that: nobody locks them out.
TRIES_FROM_ANYWHERE = (Window(50, 900.0),)
TRIES_UNDER_ATTACK = (Window(1, 60.0),)
#: Characters of what a browser calls itself that are kept.
LONGEST_BROWSER = 200


class Logins:
    """Logs people of one kind in and out; ``kind`` is what the audit trail calls them."""

    def __init__(
        self,
        kind: str,
        accounts: Accounts,
        cookies: LoginCookies,
        *,
        config: Callable[[], Config],
        clock: Clock,
        sessions: LoginSessions,
        audit: AuditTrail,
    ) -> None:
        self._kind = kind
        self._accounts = accounts
        self._cookies = cookies
        self._config = config
        self._clock = clock
        self._sessions = sessions
        self._audit = audit
        self._passwords = Passwords()
        self._codes = OneTimeCodes()
        self._tries = {kind: RequestRate() for kind in ("address", "device", "anywhere", "attack")}

    async def log_in(
        self, request: Request, response: Response, *, name: str, password: str, code: str | None
    ) -> None:
        """Open a session of ``name`` in this browser; a session that it had ends.

        RequestError: ``login_refused``, ``code_required`` where the password was right, ``limit_login``.
        """
        config = self._config()
        address = sender_of(request, config.server.trusted_proxies)
        admitted = self._admit(name, address, request)
        account = self._accounts(name)
        right = await self._passwords.right(password, account.password_hash if account else None)
        # A reload may have taken the person away, or changed the password, while it was tried.
        right = right and self._accounts(name) == account
        if right and account is not None and account.totp_secret is not None:
            if code is None:
                self._forgive(admitted)  # the password is right, and there is more to come
                raise RequestError(Problem.CODE_REQUIRED)
            secret = account.totp_secret.get_secret_value()
            right = self._codes.right(name, secret, code, self._clock.time())
        if not right or account is None:
            self._write(request, "login_failed", one_line(name))
            raise RequestError(Problem.LOGIN_REFUSED)
        # A whole office logs in from one address when its shift begins.
        self._forgive(admitted)
        # A session that somebody else's cookie opened in this browser must not become theirs.
        self._sessions.close(self._cookies.session_of(request, config))
        browser = one_line(request.headers.get("user-agent", ""), LONGEST_BROWSER)
        token = self._sessions.open(name, Origin(address, browser))
        self._cookies.set_session(request, response, config, token, int(LONGEST))
        self._cookies.set_known_device(request, response, config, name, account)
        self._write(request, f"{self._kind}_logged_in", name)

    def who(self, request: Request) -> str:
        """Who is logged in on this browser; RequestError ``not_logged_in``."""
        try:
            return self._sessions.name_of(self._cookies.session_of(request, self._config()))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None

    def log_out(self, request: Request, response: Response) -> None:
        """End this browser's session. Without one it changes nothing."""
        config = self._config()
        name = self._sessions.close(self._cookies.session_of(request, config))
        if name is not None:
            self._write(request, f"{self._kind}_logged_out", name)
        self._cookies.set_session(request, response, config, "", 0)

    def _forgive(self, admitted: list[tuple[str, str, float]]) -> None:
        for kind, key, at in admitted:
            self._tries[kind].forgive(key, at)

    def _admit(self, name: str, address: str, request: Request) -> list[tuple[str, str, float]]:
        """Count a try; RequestError where there were too many. Returns what is forgiven if it is right."""
        now, account = self._clock.time(), self._accounts(name)
        device = self._cookies.is_known_device(request, self._config(), name, account)
        if device is not None:
            return [self._count("device", f"{device} {name}", TRIES_PER_DEVICE, now, name, request)]
        counted = [self._count("address", address, TRIES_PER_ADDRESS, now, name, request)]
        if self._tries["anywhere"].admit(name, TRIES_FROM_ANYWHERE, now) is None:
            return [*counted, ("anywhere", name, now)]
        of_name = f"{address} {name}"
        return [*counted, self._count("attack", of_name, TRIES_UNDER_ATTACK, now, name, request)]

    def _count(
        self, kind: str, key: str, windows: tuple[Window, ...], now: float, name: str, request: Request
    ) -> tuple[str, str, float]:
        wait = self._tries[kind].admit(key, windows, now)
        if wait is not None:
            self._write(request, "login_limited", one_line(name))
            raise RequestError(Problem.LIMIT_LOGIN, retry_after=wait)
        return kind, key, now

    def _write(self, request: Request, event: str, name: str) -> None:
        self._audit.write(request, event, **{self._kind: name})
