"""The page behind a shopper's link: when they will be called back, and a button against it.

It needs no script, and tells nobody but who has the link. Looking changes nothing: what scans mails for bad
links looks at them too.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.routes import UrlRow, for_people
from api.shop.callback_texts import words_in
from api.shop.callback_words import written_time
from api.shop.callbacks import PAGE, CallbackLookup, Cancel
from api.shop.link_page import LinkPage
from bridge.callback import Callback
from config.models import Config
from store.errors import StoreError

_PAGE = LinkPage(
    width="27rem",
    accent="#b3261e",
    dark_accent="#ff8a80",
    on_dark_accent="#2b0806",
    style=""".site { margin: 0 0 .25rem; color: var(--soft); }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 .75rem; overflow-wrap: anywhere; }
main > :last-child { margin-bottom: 0; }
.when { font-size: 1.1875rem; font-weight: 600; }
.soft { color: var(--soft); }
details { margin: 1.5rem 0 0; }
summary { display: grid; place-items: center; min-height: 3rem; padding: .5rem 1rem; border-radius: .625rem;
  border: .125rem solid var(--soft); font-weight: 600; text-align: center; cursor: pointer;
  list-style: none; }
summary::-webkit-details-marker { display: none; }
details[open] summary { border-style: dashed; color: var(--soft); }
summary + p { margin: 1rem 0; text-wrap: pretty; }
form { margin: 0; }
button { width: 100%; min-height: 3rem; padding: .5rem 1rem; border: 0; border-radius: .625rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
:is(button, summary):focus-visible { outline: .1875rem solid var(--ink); outline-offset: .1875rem; }
""",
)


class CallbackPage:
    """``/callbacks/{secret}``, for people."""

    def __init__(self, config: Callable[[], Config], callbacks: CallbackLookup, cancel: Cancel) -> None:
        self._config = config
        self._callbacks = callbacks
        self._cancel = cancel

    def routes(self) -> tuple[UrlRow, ...]:
        """The page's address."""
        path = f"{PAGE}{{secret}}"
        return (
            *for_people(path, self.show, _PAGE.headers),
            *for_people(path, self.cancel, _PAGE.headers, method="POST"),
        )

    async def show(self, request: Request) -> Response:
        """The callback; a link that opens none gets a friendly page."""
        try:
            callback = await self._callbacks.callback_by_secret(request.path_params["secret"])
        except StoreError:
            return _unavailable()
        return self._page(callback) if callback else _unknown()

    async def cancel(self, request: Request) -> Response:
        """Cancel the callback, and go to its page, so that a reload asks for nothing."""
        secret = request.path_params["secret"]
        try:
            callback = await self._cancel(secret)
        except StoreError:
            return _unavailable()
        # Relative to this page, whatever path a proxy has put before it.
        return RedirectResponse(quote(secret, safe=""), 303) if callback else _unknown()

    def _page(self, callback: Callback) -> Response:
        config = self._config()
        site = config.sites.get(callback.click.site)
        words = words_in(site.tongue if site else "en")
        title, body = words.states[callback.state]
        when = written_time(callback, config)
        body = body.format(
            when=escape(when[:1].upper() + when[1:]), number=escape(callback.click.number[-2:])
        )
        return _PAGE.html(
            title,
            body + (words.cancel if callback.open else ""),
            site=site.label if site else "",
            language=words.language,
        )


def _unknown() -> Response:
    body = "<p>We know no callback by this link. Please check that you have opened all of it.</p>\n"
    return _PAGE.html("Nothing here", body, status=404)


def _unavailable() -> Response:
    body = "<p>Our server is in trouble. Please open this link again in a moment.</p>\n"
    return _PAGE.html("Please try again", body, status=503, headers={"Retry-After": "5"})
