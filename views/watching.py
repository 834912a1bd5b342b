"""Who looks at shared views: the agent whose view it is, and those who supervise."""

from __future__ import annotations

import secrets

from cobrowse.standing import MOST_VIEWERS
from cobrowse.view_events import ViewerJoined, ViewerLeft
from views.audience import ViewerLink
from views.engine import SharedViews
from views.live import LiveView, LiveViewer, in_order
from views.rights import WishProblem, WishRefusedError


class ViewWatchers:
    """The documents of all views."""

    def __init__(self, views: SharedViews) -> None:
        self._views = views

    def token_for(self, agent: str, view: str) -> tuple[LiveView, str]:
        """Another token for an agent's desk."""
        live = self._views.view(view)
        rights = self._views.rights
        if live is None or "see" not in rights.of_viewer(agent, live.standing.agent, live.site):
            raise WishRefusedError("unknown")
        return live, self._views.new_token(live, agent)

    def opened(self, view: str, token: str, link: ViewerLink) -> tuple[LiveView, LiveViewer] | WishProblem:
        """A document of an agent's takes part; an older one of the same agent leaves."""
        live = self._views.view(view)
        if live is None:
            return "unknown"
        agent = live.tokens.take(token, self._views.clock.time()) or ""
        rights = self._views.rights.of_viewer(agent, live.standing.agent, live.site)
        if "see" not in rights:
            return "no_right"
        for older in [each for each in live.viewers.values() if each.agent == agent]:
            older.link.leave(None)
            self.closed(live, older)
        if len(live.viewers) >= MOST_VIEWERS:
            return "full"
        viewer = LiveViewer(secrets.token_hex(4), agent, link, rights)
        live.viewers[viewer.name] = viewer
        if agent not in live.seen_by:
            live.seen_by.add(agent)
            self._views.keep(live, "watched", agent)
        link.welcome(self._views.telling.now_of(live), in_order(rights), live.document)
        self._views.handle(live, ViewerJoined(viewer.name))
        return live, viewer

    def settings_changed(self) -> None:
        """Who may not see a view any more does not; what others may do there is read again."""
        for live in self._views.running():
            for viewer in [*live.viewers.values()]:
                viewer.rights = self._views.rights.of_viewer(viewer.agent, live.standing.agent, live.site)
                if "see" not in viewer.rights:
                    viewer.link.leave("server")
                    self.closed(live, viewer)

    def closed(self, live: LiveView, viewer: LiveViewer) -> None:
        """It is gone."""
        if live.viewers.get(viewer.name) is viewer:
            del live.viewers[viewer.name]
            self._views.handle(live, ViewerLeft(viewer.name))
