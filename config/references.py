"""Names that point at other sections: each must exist, and what nothing points at is doubtful."""

from __future__ import annotations

from config.base import AGENT
from config.draft import Draft
from config.problems import Loc, shorten, suggest

#: Where names stand, and the section they must be found in.
REFERENCES: tuple[tuple[Loc, str], ...] = (
    (("sites", "*", "trunk"), "trunks"),
    (("sites", "*", "backup_trunks", "*"), "trunks"),
    (("sites", "*", "route"), "routes"),
    (("sites", "*", "customer"), "customers"),
    (("agents", "*", "customer"), "customers"),
    (("sites", "*", "greeting"), "prompts"),
    (("sites", "*", "music"), "prompts"),
    (("sites", "*", "hold_music"), "prompts"),
    (("sites", "*", "screening", "prompt"), "prompts"),
    (("sites", "*", "whisper", "prompt"), "prompts"),
    (("sites", "*", "lost_connection", "prompt"), "prompts"),
    (("destinations", "*", "whisper", "prompt"), "prompts"),
    (("stores", "*", "whisper", "prompt"), "prompts"),
    (("agents", "*", "whisper", "prompt"), "prompts"),
    (("routes", "*", "steps", "*", "whisper", "prompt"), "prompts"),
    (("destinations", "*", "trunk"), "trunks"),
    (("destinations", "*", "backup_trunks", "*"), "trunks"),
    (("destinations", "*", "origination", "asterisk"), "asterisk"),
    (("destinations", "*", "hours"), "hours"),
    (("destinations", "*", "find_me", "*", "trunk"), "trunks"),
    (("destinations", "*", "find_me", "*", "backup_trunks", "*"), "trunks"),
    (("destinations", "*", "find_me", "*", "hours"), "hours"),
    (("stores", "*", "trunk"), "trunks"),
    (("stores", "*", "backup_trunks", "*"), "trunks"),
    (("stores", "*", "hours"), "hours"),
    (("agents", "*", "hours"), "hours"),
    (("agents", "*", "asterisk"), "asterisk"),
    (("routes", "*", "hours"), "hours"),
    (("routes", "*", "branches", "*"), "routes"),
    (("routes", "*", "otherwise"), "routes"),
    (("routes", "*", "message"), "mailboxes"),
    (("routes", "*", "callback"), "callbacks"),
    (("routes", "*", "queue"), "queues"),
    (("mailboxes", "*", "greeting"), "prompts"),
    (("callbacks", "*", "hours"), "hours"),
    (("callbacks", "*", "mailbox"), "mailboxes"),
    (("callbacks", "*", "booked_prompt"), "prompts"),
    (("callbacks", "*", "sorry_prompt"), "prompts"),
    (("sites", "*", "spend", "mailbox"), "mailboxes"),
    (("trunks", "*", "spend", "mailbox"), "mailboxes"),
    (("queues", "*", "music"), "prompts"),
    (("queues", "*", "prompt"), "prompts"),
    (("queues", "*", "callback"), "callbacks"),
    (("desk", "transfers", "routes", "*"), "routes"),
    (("customers", "*", "desk", "transfers", "routes", "*"), "routes"),
    (("tests", "*", "site"), "sites"),
    (("tests", "*", "expect", "route"), "routes"),
    (("tests", "*", "expect", "queue"), "queues"),
)
#: Where a destination, an agent, a store table or a row of one may be named.
NAMED: tuple[Loc, ...] = (
    ("routes", "*", "steps", "*", "destinations", "*"),
    ("desk", "transfers", "destinations", "*"),
    ("customers", "*", "desk", "transfers", "destinations", "*"),
    ("tests", "*", "expect", "destinations", "*"),
    ("tests", "*", "expect", "order", "*"),
    ("tests", "*", "busy_destinations", "*"),
)
_ONE = {"hours": "opening hours", "mailboxes": "mailbox", "asterisk": "Asterisk"}
_MANY = {"hours": "opening hours", "asterisk": "Asterisks"}


def check_references(draft: Draft) -> None:
    """Problems for names that lead nowhere, warnings for items that nothing names."""
    used: dict[str, set[str]] = {section: set() for _, section in REFERENCES}
    used |= {"destinations": set(), "stores": set()}
    # Whoever answers a phone of their own need not be rung in a browser.
    used["agents"] = {name for name, agent in draft.agents.items() if agent.phones or agent.interface}
    for pattern, section in REFERENCES:
        known = draft.named(section)
        for loc, name in draft.at(pattern):
            if loc[0] != "tests":  # an expectation puts nothing to use
                used[section].add(name)
            if name not in known:
                draft.wrong(loc, _unknown(name, section, draft))
    for loc, ending in draft.at(("tests", "*", "expect", "ending")):
        kind, _, name = ending.partition(":")
        kept_in = {"message": "mailboxes", "callback": "callbacks"}.get(kind)
        if kept_in and name and name not in draft.named(kept_in):
            draft.wrong(loc, _unknown(name, kept_in, draft))
    for pattern in NAMED:
        for loc, name in draft.at(pattern):
            named = _section_of(draft, loc, name)
            if named and loc[0] != "tests":
                used[named].add(name.removeprefix(AGENT).partition("/")[0])
    for name in draft.named("stores").keys() & draft.named("destinations").keys():
        draft.wrong(("stores", name), "a destination has the same name: choose another")
    for section, names in used.items():
        for name in draft.named(section):
            if name not in names and section == "agents":
                text = f'no ring step names this agent: name it as "{AGENT}{name}", or take it out'
                draft.idle(section, name, text)
            elif name not in names and section not in ("sites", "asterisk"):
                draft.idle(section, name, "nothing uses this: name it somewhere, or take it out")


def _unknown(name: str, section: str, draft: Draft) -> str:
    one = _ONE.get(section, section.removesuffix("s"))
    tip = suggest(name, draft.named(section), _MANY.get(section, section))
    return f'there is no {one} called "{shorten(name)}": {tip}'


def _section_of(draft: Draft, loc: Loc, name: str) -> str | None:
    """The section that ``name`` stands in; None, and a problem, where it stands in none."""
    agents = draft.named("agents")
    if name.startswith(AGENT):
        if name.removeprefix(AGENT) in agents:
            return "agents"
        draft.wrong(loc, _unknown(name.removeprefix(AGENT), "agents", draft))
        return None
    table, slash, _ = name.partition("/")
    destinations, stores = draft.named("destinations"), draft.named("stores")
    if table in stores:
        return "stores"
    if slash:
        draft.wrong(
            loc,
            f'there is no store table called "{shorten(table)}": {suggest(table, stores, "store tables")}',
        )
        return None
    if table in destinations:
        return "destinations"
    if name in agents:
        tip = f'the agent is called "{AGENT}{name}"'
    else:
        known = [*destinations, *stores, *(f"{AGENT}{agent}" for agent in agents)]
        tip = suggest(name, known, "destinations")
    draft.wrong(loc, f'there is no destination called "{shorten(name)}": {tip}')
    return None
