"""Which action of an agent on a shopper's page is allowed, and what to tell the agent where it is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, get_args

from cobrowse.flags import Flags
from config.sections.cobrowse import Scope
from config.sections.page_push import PagePush, origin_of
from config.sections.sites import Site

ActionKind = Literal["point", "highlight", "scroll", "propose", "fill", "click", "navigate"]
ACTION_KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
#: What the shopper must have agreed to. A proposal only shows a value beside a field.
NEEDED_SCOPE: dict[ActionKind, Scope] = {
    "point": "point",
    "highlight": "point",
    "scroll": "point",
    "propose": "point",
    "navigate": "point",
    "fill": "fill",
    "click": "fill",
}
#: Actions that write something on the page.
_WRITES: frozenset[ActionKind] = frozenset({"propose", "fill"})
#: Characters of a value, and of the word that is shown beside what is highlighted.
LONGEST_VALUE, LONGEST_WORD = 2000, 120

RefusalId = Literal[
    "not_agreed", "not_your_right", "not_on_site", "gone", "masked", "never_fill", "never_click",
    "not_fillable", "not_clickable", "bad_value", "bad_word", "bad_address", "other_origin", "no_navigation",
]  # fmt: skip
REFUSALS: dict[RefusalId, str] = {
    "not_agreed": "The shopper has not agreed to this.",
    "not_your_right": "You do not have the right to do this.",
    "not_on_site": "This shop does not allow this in shared views.",
    "gone": "This is no longer on the page.",
    "masked": "This is hidden to protect the shopper's privacy.",
    "never_fill": "Only the shopper may fill in this field.",
    "never_click": "Only the shopper may press this.",
    "not_fillable": "Nothing can be filled in here.",
    "not_clickable": "This cannot be pressed.",
    "bad_value": "This value is too long, or contains characters that nobody types.",
    "bad_word": "This note is too long, or contains characters that nobody types.",
    "bad_address": "Browsers may read this address differently: write it in full, starting with https://.",
    "other_origin": "Shoppers of this shop are not sent to this site.",
    "no_navigation": "Agents of this shop do not open pages for shoppers.",
}


@dataclass(frozen=True, slots=True)
class ViewAction:
    """What an agent asks to do. ``node`` is rrweb's id of an element; positions are never used."""

    kind: ActionKind
    node: int | None = None
    #: Of ``propose`` and ``fill``: what to write; of ``navigate``: the address.
    value: str | None = None
    #: Of ``point`` and ``highlight``: what is shown beside it, such as "this one, please".
    word: str | None = None


@dataclass(frozen=True, slots=True)
class ActionTerms:
    """What a site allows agents to do in shared views."""

    allow: frozenset[Scope]
    #: Origins of the site's pages.
    origins: frozenset[str]
    page_push: PagePush | None = None

    @classmethod
    def of(cls, site: Site) -> ActionTerms:
        """The terms of a site; without its section ``cobrowse`` nothing is allowed."""
        allow = site.cobrowse.allow if site.cobrowse else ()
        return cls(frozenset(allow), frozenset(site.origins), site.page_push)


@dataclass(frozen=True, slots=True)
class ActionAllowed:
    """The action may go to the shopper's page."""

    #: Whether the shopper is asked first, as for a proposal.
    ask: bool = False


@dataclass(frozen=True, slots=True)
class ActionRefused:
    """The action goes nowhere."""

    id: RefusalId
    #: What the agent is told.
    reason: str = field(default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", REFUSALS[self.id])


def judge(
    action: ViewAction,
    scopes: Collection[Scope],
    flags: Flags | None,
    rights: Collection[Scope],
    site: ActionTerms,
) -> ActionAllowed | ActionRefused:
    """Whether an agent with these ``rights`` may do this.

    ``scopes`` is what the shopper agrees to now; ``flags`` is what the mirror of the page that is shown tells
    of the element, None for one that it does not know.
    """
    needed = NEEDED_SCOPE[action.kind]
    if needed not in site.allow or "see" not in site.allow:
        return ActionRefused("not_on_site")
    if needed not in rights or "see" not in rights:
        return ActionRefused("not_your_right")
    if needed not in scopes or "see" not in scopes:
        return ActionRefused("not_agreed")
    if action.word is not None and not _is_typed(action.word, LONGEST_WORD):
        return ActionRefused("bad_word")
    if action.kind == "navigate":
        return _navigate(action.value, scopes, site)
    if action.kind in _WRITES and (action.value is None or not _is_typed(action.value, LONGEST_VALUE)):
        return ActionRefused("bad_value")
    if flags is None:
        return ActionRefused("gone")
    return _on_element(action.kind, flags)


def _on_element(kind: ActionKind, flags: Flags) -> ActionAllowed | ActionRefused:
    if kind in _WRITES:
        if flags.masked:
            return ActionRefused("masked")
        if flags.never_fill:
            return ActionRefused("never_fill")
        return ActionAllowed(ask=kind == "propose") if flags.fillable else ActionRefused("not_fillable")
    if kind == "click":
        if flags.masked:
            return ActionRefused("masked")
        if flags.never_click:
            return ActionRefused("never_click")
        return ActionAllowed() if flags.clickable else ActionRefused("not_clickable")
    # Where a hidden field is can be shown: "please type your card number here".
    return ActionAllowed()


def _navigate(
    address: str | None, scopes: Collection[Scope], site: ActionTerms
) -> ActionAllowed | ActionRefused:
    """As for a pushed page: its origin must be one of the site's or of ``page_push``."""
    push = site.page_push
    if push is None:
        return ActionRefused("no_navigation")
    origin = origin_of(address) if address is not None else None
    if origin is None:
        return ActionRefused("bad_address")
    if origin not in site.origins and origin not in push.origins:
        return ActionRefused("other_origin")
    if not push.any_page and address not in {page.url for page in push.catalogue.values()}:
        return ActionRefused("other_origin")
    return ActionAllowed(ask=push.mode == "ask" or "fill" not in scopes)


def _is_typed(text: str, longest: int) -> bool:
    """Whether somebody can have typed it: not too long, no control characters but line ends and tabs."""
    return len(text) <= longest and not any(
        (character < " " and character not in "\n\t")
        or "\x7f" <= character <= "\x9f"
        or "\ud800" <= character <= "\udfff"
        for character in text
    )
