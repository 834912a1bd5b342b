"""What agents do on the shopper's page: judged by the mirror, done by the page, told to all, kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import structlog

from cobrowse.actions import NEEDED_SCOPE, ActionAllowed, ActionKind, ActionTerms, ViewAction, judge
from config.models import Config
from views.audience import ActionResultWord, OrderedAction
from views.engine import SharedViews
from views.live import LiveTab, LiveView, LiveViewer, OpenAction

log = structlog.get_logger(__name__)

#: Actions that pages have not answered, of one view.
MOST_OPEN = 100
#: What a page may say of why it did not do it; anything else is ``other``.
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz_")


class ViewActions:
    """The actions of all views."""

    def __init__(self, views: SharedViews, config: Callable[[], Config]) -> None:
        self._views = views
        self._config = config

    async def act(self, live: LiveView, viewer: LiveViewer, name: str, action: ViewAction) -> None:
        """An agent asks for something; it is done by the page, or refused with a reason."""
        async with live.reading:  # a snapshot that is being read may change what the element is
            self._act(live, viewer, name, action)

    def _act(self, live: LiveView, viewer: LiveViewer, name: str, action: ViewAction) -> None:
        if live.viewers.get(viewer.name) is not viewer:
            return
        site = self._config().sites.get(live.site)
        if site is None:
            return
        rights = self._views.rights.of_viewer(viewer.agent, live.standing.agent, live.site)
        flags = None
        if live.stream is not None and action.node is not None:
            flags = live.stream.mirror.flags(action.node)
        judged = judge(action, live.standing.scopes, flags, rights, ActionTerms.of(site))
        if not isinstance(judged, ActionAllowed):
            self._refused(live, viewer, name, action.kind, judged.id, judged.reason)
            return
        tab = live.recorded
        if tab is None:
            self._refused(live, viewer, name, action.kind, "paused", "The shopper's page is not there now.")
            return
        if len(live.actions) >= MOST_OPEN:
            self._refused(live, viewer, name, action.kind, "too_many", "The page has not answered yet.")
            return
        action_id = secrets.token_hex(6)
        live.actions[action_id] = OpenAction(viewer.name, name, viewer.agent, action.kind)
        self._views.active(live)
        tab.link.act(
            OrderedAction(action_id, action.kind, action.node, action.value, action.word,
                          self._views.rights.label(viewer.agent), judged.ask)
        )  # fmt: skip

    def _refused(
        self, live: LiveView, viewer: LiveViewer, name: str, kind: ActionKind, reason: str, detail: str
    ) -> None:
        viewer.link.result(name, "refused", reason, detail)
        self._views.counts.acted(kind, "refused")
        log.info("view_action_refused", view=live.view[:8], agent=viewer.agent, kind=kind, reason=reason)
        self._views.keep(live, "action", viewer.agent, what=kind, result="refused", reason=reason)

    def done(
        self, live: LiveView, tab: LiveTab, action_id: str, result: ActionResultWord, reason: str
    ) -> None:
        """What the page says became of an action; it says so once."""
        known = live.actions.get(action_id)
        if known is None or live.tabs.get(tab.tab) is not tab:
            return
        del live.actions[action_id]
        word = reason if reason and set(reason) <= _WORD else ("other" if reason else "")
        self._views.counts.acted(known.kind, result)
        self._views.keep(live, "action", known.agent, what=known.kind, result=result, reason=word)
        for viewer in live.viewers.values():
            name = known.name if viewer.name == known.viewer else ""
            viewer.link.result(name, result, word, "")

    def agent_points(self, live: LiveView, viewer: LiveViewer, node: int, dx: float, dy: float) -> None:
        """Where the agent's pointer is: shown where they may point."""
        tab, stream = live.recorded, live.stream
        allowed = NEEDED_SCOPE["point"] in live.standing.scopes & viewer.rights
        if tab is None or stream is None or not allowed or live.reading.locked():
            return
        if stream.mirror.flags(node) is not None:
            self._views.active(live)
            tab.link.point(node, dx, dy, self._views.rights.label(viewer.agent))

    def shopper_points(self, live: LiveView, tab: LiveTab, node: int, dx: float, dy: float) -> None:
        """Where the shopper's pointer is."""
        if live.recorded is tab:
            for viewer in live.viewers.values():
                if not viewer.waiting:
                    viewer.link.point(node, dx, dy)
