"""The visitors that are here now, or were a moment ago: bounded.

Somebody who did not agree to be remembered is a visitor of one page view, and is never on disk.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engage.explain import RuleAccount
from engage.kept import read_memory, write_memory
from engage.memory import VisitorMemory
from visits.records import VisitorRow

#: Visitors in memory, and page views of one of them.
MOST_VISITORS = 50_000
MOST_VIEWS = 20
#: Decisions of a visitor that can be explained.
MOST_EXPLAINED = 20


@dataclass(frozen=True, slots=True)
class ExplainedAsk:
    """One decision, with an account of each rule."""

    at: float
    url: str
    #: The rule whose invitation was offered; empty where none was.
    offered: str
    accounts: tuple[RuleAccount, ...]


@dataclass(slots=True)
class PageView:
    """One page view: what is counted of it already, and which offers it was made."""

    #: Rules that were held, with the reasons.
    held: set[tuple[str, str]] = field(default_factory=set)
    #: The id of the invitation that it was made last, and of each button, by rule.
    invitation: str = ""
    buttons: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LiveVisitor:
    """One visitor of one site."""

    site: str
    #: The visitor's id; of somebody who is not remembered, that of the page view.
    key: str
    remembered: bool
    first_at: float
    last_at: float
    memory: VisitorMemory = field(default_factory=VisitorMemory)
    call_id: str | None = None
    called_at: float | None = None
    #: ``source``, ``medium`` and ``name`` of the first page of this visit.
    campaign: Mapping[str, str] | None = None
    views: OrderedDict[str, PageView] = field(default_factory=OrderedDict)
    #: The last decisions, where the site explains them.
    decisions: deque[ExplainedAsk] = field(default_factory=lambda: deque(maxlen=MOST_EXPLAINED))

    @property
    def id(self) -> str | None:
        """By which they are known again; None for somebody who is not remembered."""
        return self.key if self.remembered else None

    def view(self, name: str) -> tuple[PageView, bool]:
        """A page view, and whether it is a new one."""
        found = self.views.get(name)
        if found is not None:
            return found, False
        if len(self.views) >= MOST_VIEWS:
            self.views.popitem(last=False)
        made = self.views[name] = PageView()
        return made, True

    def row(self) -> VisitorRow:
        """What is kept on disk."""
        return VisitorRow(
            site=self.site,
            id=self.key,
            first_at=self.first_at,
            last_at=self.last_at,
            visits=self.memory.visit,
            memory=write_memory(self.memory),
            call_id=self.call_id,
            called_at=self.called_at,
        )

    @classmethod
    def of(cls, row: VisitorRow) -> LiveVisitor:
        """As they were kept."""
        return cls(
            site=row.site,
            key=row.id,
            remembered=True,
            first_at=row.first_at,
            last_at=row.last_at,
            memory=read_memory(row.memory),
            call_id=row.call_id,
            called_at=row.called_at,
        )


class LiveVisitors:
    """Those who were here last."""

    def __init__(self, most: int = MOST_VISITORS) -> None:
        self._most = most
        self._visitors: OrderedDict[tuple[str, str], LiveVisitor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._visitors)

    def find(self, site: str, key: str) -> LiveVisitor | None:
        """A visitor who was here a moment ago."""
        found = self._visitors.get((site, key))
        if found is not None:
            self._visitors.move_to_end((site, key))
        return found

    def add(self, visitor: LiveVisitor) -> LiveVisitor:
        """Remember a visitor, unless they are known meanwhile; whoever is."""
        known = self._visitors.setdefault((visitor.site, visitor.key), visitor)
        if len(self._visitors) > self._most:
            self._visitors.popitem(last=False)
        return known

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        """Forget these: their data was erased."""
        for key in keys:
            self._visitors.pop(key, None)
