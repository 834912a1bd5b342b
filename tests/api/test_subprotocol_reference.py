"""What is written from the tables of messages is current, and says what the server says."""

from __future__ import annotations

import json
import re

import pytest

from api import reference
from api.subprotocol.agent import AGENT_TOLD, ScreenPop
from api.subprotocol.base import FromServer, type_of
from api.subprotocol.chat import CHAT_TOLD
from api.subprotocol.legs import LEG_TOLD
from api.subprotocol.shopper import SHOPPER_TOLD
from api.subprotocol.view_desks import VIEW_AGENT_TOLD
from api.subprotocol.views import VIEW_PAGE_TOLD
from bridge.progress import CallState

PAGES = ("docs/api.md", "docs/chat.md", "docs/co-browse.md", "docs/desk.md")
TOLD = {"chat": CHAT_TOLD, "leg": LEG_TOLD, "shopper": SHOPPER_TOLD, "agent": AGENT_TOLD}


@pytest.mark.parametrize("path", reference.files())
def test_what_is_committed_is_current(path: str) -> None:
    committed = (reference.ROOT / path).read_text()
    assert committed == reference.files()[path], "run python -m api.reference"


@pytest.mark.parametrize("socket", TOLD)
def test_the_examples_that_pages_are_held_to_are_messages(socket: str) -> None:
    """So what web/*/tests/messages.test.ts reads is what this server says."""
    made = json.loads((reference.ROOT / "web/browser-leg/tests/messages.json").read_text())[socket]
    models = {type_of(model): model for model in TOLD[socket]}
    assert [each["type"] for each in made] == list(models)
    for each in made:
        told = models[each["type"]].model_validate(each["known"])
        assert json.loads(told.model_dump_json()) == each["known"]
        assert set(each["read"]) == set(each["known"]) < set(each["newer"])


def test_every_message_of_the_server_is_in_a_table() -> None:
    listed = {model for models in TOLD.values() for model in models} | {*VIEW_PAGE_TOLD, *VIEW_AGENT_TOLD}
    unlisted = {model for model in _leaves(FromServer) if model not in listed}
    assert unlisted == set()


def test_every_table_of_the_docs_is_filled() -> None:
    for page in PAGES:
        text = (reference.ROOT / page).read_text()
        assert re.findall(r"<!-- table: [\w ]+ -->", text)
        assert text.count("<!-- table:") == text.count("<!-- end -->")
    used = {
        name
        for page in PAGES
        for name in re.findall(r"<!-- table: ([\w ]+) -->", (reference.ROOT / page).read_text())
    }
    assert used == set(reference._tables())


def _leaves(model: type[FromServer]) -> set[type[FromServer]]:
    below = {leaf for each in model.__subclasses__() for leaf in _leaves(each)}
    return below | ({model} if not model.__subclasses__() else set())


def test_the_example_of_a_screen_pop_in_the_docs_is_a_message() -> None:
    text = (reference.ROOT / "docs/screen-pop.md").read_text()
    (example,) = (block for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if '"pop":' in block)
    ScreenPop.model_validate_json(example)


def test_the_docs_tell_what_each_state_of_a_call_means() -> None:
    text = (reference.ROOT / "docs/api.md").read_text()
    table = text.split("| `state` | means | and tells |")[1].split("\n\n")[0]
    assert re.findall(r"(?m)^\| `(\w+)` \|", table) == [str(state) for state in CallState]
