"""``python -m api.reference`` writes what follows from the tables of messages.

That is the TypeScript of the pages, examples that hold the pages to the tables, and the tables of the docs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from api import lead_views
from api.agents.calls import DESK_ACTIONS
from api.agents.chat_wishes import CHAT_ACTIONS
from api.agents.events import AGENT_SAYS
from api.agents.models import AgentMe
from api.agents.view_desk import VIEW_ACTIONS
from api.browser_legs import LEG_SAYS
from api.lead_reports import PromiseReport
from api.page import models as page
from api.portal import conversions
from api.portal import models as portal
from api.portal import prompt_models as prompts
from api.portal import report_models as reports
from api.portal import settings_models as edits
from api.portal import wallboard_models as board
from api.shop.chat_events import CHAT_SAYS
from api.shop.events import SHOPPER_SAYS
from api.shop.models import CallbackView
from api.subprotocol import agent, chat, legs, shopper, view_desks, view_words, views
from api.subprotocol.base import FromServer, RefusalReason, Refused, type_of
from api.subprotocol.interfaces import interfaces, union
from api.subprotocol.typescript import Module, examples
from bridge.causes import Disposition, Word
from bridge.progress import CallProgress, Transfer
from cti.screen_pops import PopState
from routing.directory import AgentState

ROOT = Path(__file__).parent.parent
_MESSAGES = "messages.ts"
_LEG = "@ringback/browser-leg"


def files() -> dict[str, str]:
    """Every file that is written, by its path from the repository's root."""
    of_legs = Module("api/subprotocol/legs.py")
    of_legs.words("FailedProblem", _literal(legs.LegFailed, "problem"))
    of_legs.words("Transfer", Transfer)
    of_legs.words("Scope", view_words.Scope)
    of_legs.value(Disposition)
    of_legs.value(Refused)
    for asked in views.VIEW_ASKED_TOLD:  # on two sockets: one reader in the page's bundle
        of_legs.value(asked)
    of_legs.said((model for model, _ in LEG_SAYS), "PageLegMessage")
    of_legs.told(legs.LEG_TOLD, "ServerLegMessage", "LEG_MESSAGES")

    of_shoppers = Module("api/subprotocol/shopper.py", imports=(_LEG, of_legs), shapes=f"{_LEG}/shapes")
    of_shoppers.said(SHOPPER_SAYS.models, "ShopperPageMessage")
    of_shoppers.value(CallProgress)
    of_shoppers.value(CallbackView)
    of_shoppers.told(shopper.SHOPPER_TOLD, "ShopperServerMessage", "SHOPPER_MESSAGES")

    of_chats = Module("api/subprotocol/chat.py", imports=(_LEG, of_legs), shapes=f"{_LEG}/shapes")
    of_chats.said(CHAT_SAYS.models, "ChatPageMessage")
    of_chats.told(chat.CHAT_TOLD, "ChatServerMessage", "CHAT_MESSAGES")

    of_agents = Module("api/subprotocol/agent.py", imports=(_LEG, of_legs), shapes=f"{_LEG}/shapes")
    of_agents.words("AgentState", AgentState)
    of_agents.words("ViewEnd", view_words.ViewEnd)
    of_agents.words("PopState", PopState)
    of_agents.words("PushProgress", _literal(agent.PushState, "state"))
    of_agents.said(AGENT_SAYS.models, "AgentPageMessage")
    of_agents.value(AgentMe)
    of_agents.told(agent.AGENT_TOLD, "AgentServerMessage", "AGENT_MESSAGES")

    source = "api/subprotocol/views.py"
    of_view_pages = (
        interfaces(source, said=views.VIEW_PAGE_SAYS, told=views.VIEW_PAGE_TOLD)
        + union("ViewPageMessage", views.VIEW_PAGE_SAYS)
        + union("ViewServerMessage", views.VIEW_PAGE_TOLD)
    )
    of_view_agents = (
        interfaces(
            "api/subprotocol/view_desks.py", said=view_desks.VIEW_AGENT_SAYS, told=view_desks.VIEW_AGENT_TOLD
        )
        + union("ViewAgentMessage", view_desks.VIEW_AGENT_SAYS)
        + union("ViewServerMessage", view_desks.VIEW_AGENT_TOLD)
    )

    told = {
        "chat": chat.CHAT_TOLD,
        "leg": legs.LEG_TOLD,
        "shopper": shopper.SHOPPER_TOLD,
        "agent": agent.AGENT_TOLD,
    }
    made = {socket: list(examples(models)) for socket, models in told.items()}
    of_pages = interfaces(
        "api/page/models.py",
        said=(page.PageQuestion, page.PageEvent),
        told=(page.PagePlan, page.WaysNow, page.Explained),
    )
    of_leads = interfaces(
        "api/lead_views.py", said=(lead_views.LeadDone,), told=(lead_views.LeadList, lead_views.LeadDetail)
    )
    of_portal = interfaces(
        "api/portal/models.py",
        said=(portal.OperatorLogin,),
        told=(portal.OperatorMe, portal.AuditPage, PromiseReport),
    )
    of_edits = interfaces(
        "api/portal/settings_models.py",
        said=(edits.TextTyped, edits.WishedEdits, edits.ConflictChoices, edits.WishedApply, edits.WishedUndo,
              edits.WishedTrial, edits.WishedPage, edits.WishedQuestion, edits.WishedHours,
              prompts.PromptUpload, prompts.WishedSpeech),
        told=(edits.SettingsView, edits.TextView, edits.ReviewView, edits.ChangeList, edits.ChangeDetails,
              edits.MentionsView, edits.TrialView, edits.EngageTrialView, edits.AnswersTrialView,
              edits.WeekView, edits.ReplayView, edits.HoursView, edits.HoursText, prompts.PromptView,
              prompts.PromptKept, prompts.SpokenView),
    )  # fmt: skip
    of_board = interfaces(
        "api/portal/wallboard_models.py",
        said=(board.KioskWish,),
        told=(board.BoardSnapshot, board.BoardChanges, board.NewKiosk, board.KioskList),
    )
    of_reports = interfaces(
        "api/portal/report_models.py",
        said=(),
        told=(
            reports.ReportView,
            reports.AtOnceView,
            reports.ReportChoices,
            reports.TalkList,
            reports.AgentSpanList,
            reports.TalkStoryView,
        ),
    )
    of_conversions = interfaces("api/portal/conversions.py", said=(), told=(conversions.ConversionsView,))
    return {
        f"web/portal/src/{_MESSAGES}": of_portal,
        f"web/portal/src/conversions/{_MESSAGES}": of_conversions,
        f"web/portal/src/reports/{_MESSAGES}": of_reports,
        f"web/portal/src/settings/{_MESSAGES}": of_edits,
        "web/look/src/lead-messages.ts": of_leads,
        f"web/portal/src/wallboard/{_MESSAGES}": of_board,
        f"web/page/src/{_MESSAGES}": of_pages,
        f"web/browser-leg/src/{_MESSAGES}": of_legs.text(),
        f"web/call-client/src/{_MESSAGES}": of_shoppers.text(),
        f"web/call-client/src/chat/{_MESSAGES}": of_chats.text(),
        f"web/agent/src/{_MESSAGES}": of_agents.text(),
        f"web/call-client/src/shared-view/{_MESSAGES}": of_view_pages,
        f"web/agent/src/shared-view/{_MESSAGES}": of_view_agents,
        "web/browser-leg/tests/messages.json": json.dumps(made, indent=2) + "\n",
        "docs/api.md": filled("docs/api.md"),
        "docs/chat.md": filled("docs/chat.md"),
        "docs/co-browse.md": filled("docs/co-browse.md"),
        "docs/desk.md": filled("docs/desk.md"),
    }


# --- the docs -----------------------------------------------------------------------------------------------


def filled(page: str) -> str:
    """A page with its tables as they are now, each between ``<!-- table: NAME -->`` and ``<!-- end -->``."""
    tables = _tables()

    def fill(found: re.Match[str]) -> str:
        return f"<!-- table: {found[1]} -->\n\n{tables[found[1]]}\n<!-- end -->"

    text = (ROOT / page).read_text()
    return re.sub(r"<!-- table: ([\w ]+) -->\n.*?<!-- end -->", fill, text, flags=re.DOTALL)


def _tables() -> Mapping[str, str]:
    desk = (agent.DeskSettings, agent.Colleagues, agent.Kept, agent.PushState)
    others = (agent.Me, agent.RecentCallList, agent.ScreenPop, agent.AgentLegState)
    ring = set(agent.AgentRing.model_fields) - set(legs.LegRing.model_fields)
    return {
        "legs from pages": _messages((model for model, _ in LEG_SAYS), {"leg"}),
        "legs from the server": _messages(legs.LEG_TOLD, {"leg"}),
        "shoppers from pages": _messages([shopper.PageAnswer]),
        "shoppers from the server": _messages([shopper.OpenPage]),
        "agents from pages": _messages([agent.ChooseState]),
        "agents from the server": _messages(others),
        "agents ring": _fields(agent.AgentRing, ring),
        "desk from pages": _messages(model for model, _ in DESK_ACTIONS),
        "desk from the server": _messages(desk),
        "desk call": _fields(agent.CallAtDesk, set(agent.CallAtDesk.model_fields) - {"type"}),
        "chats from pages": _messages(CHAT_SAYS.models),
        "chats from the server": _messages(chat.CHAT_TOLD[:-1]),
        "chats from desks": _messages(model for model, _ in CHAT_ACTIONS),
        "chats to desks": _messages(chat.DESK_CHAT_TOLD),
        "views asked": _messages(views.VIEW_ASKED_TOLD),
        "views from pages": _messages(views.VIEW_PAGE_SAYS),
        "views to pages": _messages(views.VIEW_PAGE_TOLD[:-1]),
        "views from agents": _messages(view_desks.VIEW_AGENT_SAYS),
        "views to agents": _messages(view_desks.VIEW_AGENT_TOLD[:-1]),
        "views from desks": _messages(model for model, _ in VIEW_ACTIONS),
        "views to desks": _messages([view_desks.DeskView, view_desks.RunningViews]),
        "refused": _fields(Refused, set(Refused.model_fields) - {"type"}),
        "refusals": _words(RefusalReason),
    }


def _messages(models: Iterable[type[BaseModel]], without: frozenset[str] | set[str] = frozenset()) -> str:
    rows = ["| `type` | fields | means |", "| --- | --- | --- |"]
    for model in models:
        names = [name for name in model.model_fields if name not in {"type", *without}]
        cells = "; ".join(_field(model, name) for name in names)
        rows.append(f"| `{type_of(model)}` | {cells} | {_meaning(model)} |")  # type: ignore[arg-type]
    return "\n".join(rows) + "\n"


def _fields(model: type[BaseModel], names: set[str]) -> str:
    rows = ["| field | means |", "| --- | --- |"]
    for name in model.model_fields:
        if name in names:
            field, _, means = _field(model, name).partition(": ")
            rows.append(f"| {field} | {means} |")
    return "\n".join(rows) + "\n"


def _field(model: type[BaseModel], name: str) -> str:
    """``name`` (what it may be): what that means."""
    schema = model.model_json_schema()
    field = schema["properties"][name]
    words = _choices(field)
    means = str(field.get("description", "")).replace("``", "`")
    kind = (" or " if len(words) < 3 else ", ").join(f"`{word}`" for word in words)
    if all(f"`{word}`" in means for word in words):
        kind = ""  # the meaning names them all
    if "$ref" in field.get("items", {}):
        inner = schema["$defs"][field["items"]["$ref"].rpartition("/")[2]]
        kind = f"list of `{{{', '.join(inner['properties'])}}}`"
    told = f"`{name}`" + (f" ({kind})" if kind else "") + (f": {means}" if means else "")
    return told.replace("|", "\\|")


def _choices(field: Mapping[str, Any]) -> list[str]:
    for option in (field, *field.get("anyOf", ())):
        if "enum" in option:
            return [str(word) for word in option["enum"]]
    return []


def _meaning(model: type[BaseModel]) -> str:
    words = " ".join((model.__doc__ or "").split()).replace("``", "`")
    return words.removesuffix(".")


def _words(*vocabularies: type[Word]) -> str:
    rows = ["| word | means |", "| --- | --- |"]
    rows += [f"| `{word}` | {word.meaning} |" for vocabulary in vocabularies for word in vocabulary]
    return "\n".join(rows) + "\n"


def _literal(model: type[FromServer], field: str) -> Any:
    return model.model_fields[field].annotation


def main() -> None:
    """Write them."""
    for path, text in files().items():
        (ROOT / path).write_text(text)


if __name__ == "__main__":
    main()
