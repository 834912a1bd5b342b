"""How shoppers of a site chat with agents.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.base import AGENT, CallbackName, FlowName, Language, MailboxName, Model, RouteName, SomeSeconds
from config.checks.masks import mask_problem
from config.draft import Draft
from config.fields import DAY, HOUR, MINUTE, KeptSeconds, Limit, Window, write_duration
from config.marks import Form, Usual
from config.problems import Loc
from config.sections.data_pass import FieldKey
from config.sections.route import Route, reached

Wording = Annotated[str, Field(min_length=1, max_length=300), Form("a text of at most 300 characters")]
#: What shoppers may do when nobody has time for them, besides waiting.
Otherwise = Literal["message", "callback"]


class ChatForm(Model):
    """What shoppers are asked before a chat begins."""

    fields: tuple[FieldKey, ...] = ()
    """Fields of `data_pass`, in this order."""
    required: tuple[FieldKey, ...] = ()
    """Those of them that must be filled in."""


class ChatIdle(Model):
    """What happens while the shopper is silent after the agent's last word."""

    remind: Annotated[SomeSeconds, Usual(20, "people type that long", HOUR, "few are still there then")] = (
        180.0
    )
    """When the shopper is asked whether they are still there."""
    close: Annotated[
        SomeSeconds, Usual(MINUTE, "people type that long", DAY, "agents are not free until then")
    ] = 360.0
    """When the chat closes."""
    reopen: Annotated[KeptSeconds, Field(le=7 * DAY)] = DAY
    """So long after the end a word of the shopper's opens the same chat again."""


class AgentSilent(Model):
    """What happens while the shopper waits for the agent's word."""

    nudge: Annotated[SomeSeconds, Usual(10, "agents type that long", 30 * MINUTE, "the shopper has left")] = (
        60.0
    )
    """When the agent is reminded."""
    hand_on: Annotated[
        SomeSeconds, Usual(MINUTE, "agents look things up that long", HOUR, "the shopper has left")
    ] = 300.0
    """When the chat goes back to the head of the queue, for somebody else."""


class HoldingWordsStep(Model):
    """Words that the shopper reads while the agent is silent. No wording is used twice in a chat."""

    after: SomeSeconds | None = None
    """So long after the shopper's word; once."""
    every: SomeSeconds | None = None
    """Again and again after the step before."""
    at_most: Annotated[int, Field(ge=1, le=20)] = 3
    """How often, with `every`."""
    texts: Annotated[tuple[Wording, ...], Field(min_length=1, max_length=20)]
    """Wordings: the first one that this shopper has not read yet is used."""
    translations: dict[Language, Annotated[tuple[Wording, ...], Field(min_length=1, max_length=20)]] = {}
    """The wordings in other languages; a shopper whose language is not here reads `texts`."""


class TranscriptSettings(Model):
    """What was said in a chat, to keep."""

    shopper: bool = True
    """Whether shoppers may save it, or have it mailed to them."""
    keep: Annotated[KeptSeconds, Field(ge=3600)] | None = None
    """How long after its end what was said in a chat is kept; then the chat is a row that is counted. Without
    a time, as long as the chat (`retention.chats`)."""


class ChatLimits(Model):
    """How often chats may be asked for."""

    per_visitor: tuple[Limit, ...] = (Window(6, 12 * HOUR),)
    """Chats of one visitor."""
    per_ip: tuple[Limit, ...] = (Window(30, 12 * HOUR),)
    """Chats asked for by one IP address, where many visitors may share one."""
    open_per_site: Annotated[int, Field(ge=1)] = 500
    """Open chats of one site at once."""


class ChatSettings(Model):
    """How shoppers of this site chat with agents. Without this section they do not."""

    route: RouteName
    """The root of the routes that say which agents take a chat: their ring steps ask agents in the same order
    as for calls. Its `queue` is where chats wait, in one line with the calls of that queue."""
    offer: Annotated[
        SomeSeconds, Usual(5, "nobody reacts that quickly", 2 * MINUTE, "the shopper waits so long for each")
    ] = 20.0
    """How long an agent is asked whether they take a chat, before the next one is."""
    longest_wait: Annotated[
        SomeSeconds, Usual(20, "few agents are free that soon", HOUR, "few wait that long")
    ] = 240.0
    """How long a shopper waits before they are asked what to do: go on waiting, or `otherwise`."""
    otherwise: tuple[Otherwise, ...] = ()
    """What they may do then, and when nobody is there: leave a `message`, be called back (`callback`)."""
    mailbox: MailboxName | None = None
    """Where messages go; needed with `message`."""
    callback: CallbackName | None = None
    """The terms of callbacks; needed with `callback`."""
    form: ChatForm = ChatForm()
    """What shoppers are asked first."""
    flow: FlowName | None = None
    """A guided chat that comes first: its questions are asked, then what it offers."""
    longest_entry: Annotated[int, Field(ge=100, le=4000)] = 2000
    """The longest entry, in characters."""
    idle: ChatIdle = ChatIdle()
    """When the shopper is silent."""
    agent_silent: AgentSilent = AgentSilent()
    """When the agent is silent."""
    mask: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    """What is masked in entries besides card numbers, before anybody sees it: patterns in which `#` is a
    digit and `@` a letter, such as `@@######@`."""
    holding: tuple[HoldingWordsStep, ...] = ()
    """What shoppers read while the agent is silent."""
    escalate: tuple[Literal["phone", "pc"], ...] = ("phone",)
    """How shopper and agent may talk instead: by `phone`, by `pc`, or both; `[]` for not at all."""
    closed: Literal["otherwise", "hide"] = "otherwise"
    """What pages offer instead of a chat while nobody is there: what `otherwise` says, or nothing: then the
    chat is hidden."""
    transcript: TranscriptSettings = TranscriptSettings()
    """What was said, to keep."""
    survey: bool = True
    """Whether shoppers are asked at the end how it was, from 1 to 5."""
    limits: ChatLimits = ChatLimits()
    """How often chats may be asked for."""


def check_chat(draft: Draft, loc: Loc, chat: ChatSettings, fields: Mapping[str, object]) -> None:
    """Problems and warnings of how a site chats; ``fields`` are those of its ``data_pass``."""
    _otherwise(draft, loc, chat)
    keep = chat.transcript.keep
    if keep is not None and keep < chat.idle.reopen:
        draft.wrong(
            (*loc, "transcript", "keep"),
            "a chat that the shopper opens again needs what was said in it: keep it for at least "
            f"{write_duration(chat.idle.reopen)} (idle.reopen)",
        )
    if chat.closed == "hide" and chat.flow is not None:
        draft.doubtful(
            (*loc, "closed"),
            'has no effect: the questions of "flow" need nobody, so the chat is never hidden',
        )
    for key in chat.form.required:
        if key not in chat.form.fields:
            draft.wrong((*loc, "form", "required"), f'"{key}" is not one of the fields: add it to "fields"')
    for index, key in enumerate(chat.form.fields):
        if key not in fields:
            draft.doubtful(
                (*loc, "form", "fields", index),
                f'data_pass has no field "{key}": agents see its bare name. Add it to data_pass',
            )
    if chat.idle.remind >= chat.idle.close:
        draft.doubtful(
            draft.written((*loc, "idle", "remind"), (*loc, "idle", "close")),
            f"never happens: the chat closes after {write_duration(chat.idle.close)} (close)",
        )
    if chat.agent_silent.nudge >= chat.agent_silent.hand_on:
        draft.doubtful(
            draft.written((*loc, "agent_silent", "nudge"), (*loc, "agent_silent", "hand_on")),
            f"never happens: somebody else gets the chat after {write_duration(chat.agent_silent.hand_on)}"
            " (hand_on)",
        )
    for index, pattern in enumerate(chat.mask):
        if problem := mask_problem(pattern):
            draft.wrong((*loc, "mask", index), problem)
    _holding(draft, (*loc, "holding"), chat)
    _agents(draft, loc, chat)


def _otherwise(draft: Draft, loc: Loc, chat: ChatSettings) -> None:
    needs: tuple[tuple[Otherwise, str, str | None], ...] = (
        ("message", "mailbox", chat.mailbox),
        ("callback", "callback", chat.callback),
    )
    for way, key, value in needs:
        if way in chat.otherwise and value is None:
            draft.wrong((*loc, "otherwise"), f'"{way}" needs "{key}": add it')
        elif value is not None and way not in chat.otherwise:
            draft.doubtful((*loc, key), f'has no effect: add "{way}" to "otherwise"')


def _holding(draft: Draft, loc: Loc, chat: ChatSettings) -> None:
    last = 0.0
    for index, step in enumerate(chat.holding):
        here: Loc = (*loc, index)
        if (step.after is None) == (step.every is None):
            draft.wrong(here, 'write either "after" or "every"')
        elif step.after is not None and step.after <= last:
            draft.wrong(
                (*here, "after"), f"comes after a step at {write_duration(last)}: write a longer time"
            )
        elif step.every is not None and index + 1 < len(chat.holding):
            draft.wrong((*here, "every"), "steps after this one are never reached: put it last")
        last = step.after or last
    if last >= chat.agent_silent.hand_on:
        draft.doubtful(
            loc,
            "not all are said: somebody else gets the chat after "
            f"{write_duration(chat.agent_silent.hand_on)} (agent_silent.hand_on)",
        )


def _agents(draft: Draft, loc: Loc, chat: ChatSettings) -> None:
    """Only agents chat: their page is where chats are."""
    routes = draft.items(Route)
    steps = [step for name in reached(routes, [chat.route]) for step in routes[name].steps or ()]
    named = {name for step in steps for name in step.destinations}
    if steps and not any(name.startswith(AGENT) for name in named):
        draft.wrong(
            (*loc, "route"),
            f'nobody of this route can chat: name agents in its ring steps, such as "{AGENT}alice"',
        )
    if chat.route in routes and not any(routes[name].queue for name in reached(routes, [chat.route])):
        draft.doubtful(
            (*loc, "route"), 'chats wait in a line of their own, with default settings: add a "queue"'
        )
