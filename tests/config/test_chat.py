"""How a site chats: what is wrong, and what is doubtful."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import GOOD, changed, complaints, load_text, warnings

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0"
CHAT = """\
    chat:
      route: help
      otherwise: [message]
      mailbox: office
      form: {fields: [customer.name], required: [customer.name]}
      holding:
        - {after: 30s, texts: [One moment.]}
        - {every: 60s, texts: [Still on it., Thank you for waiting.]}
    data_pass:
      fields: {customer.name: {label: Name}}
"""
WITH_CHAT = (
    GOOD.replace("    greeting: welcome\n", "    greeting: welcome\n" + CHAT).replace(
        "prompts:\n",
        "  help:\n    steps:\n      - {destinations: ['agent:alice']}\n    queue: help\nprompts:\n",
    )
    + f"queues:\n  help: {{}}\nagents:\n  alice:\n    label: Alice\n    password_hash: {HASH}\n"
)


def test_a_chat(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, WITH_CHAT)
    chat, alice = loaded.config.sites["shop"].chat, loaded.config.agents["alice"]
    assert chat is not None
    assert (chat.offer, chat.longest_wait, chat.idle.close, chat.agent_silent.nudge) == (20, 240, 360, 60)
    assert (chat.limits.per_visitor[0].times, chat.limits.per_visitor[0].seconds) == (6, 43200.0)
    assert (alice.chats, alice.chats_in_call, alice.takes) == (2, 0, ("calls", "chats"))
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("      mailbox: office\n", ""), 'sites.shop.chat.otherwise: "message" needs "mailbox": add it'),
        (("required: [customer.name]", "required: [customer.mail]"), 'sites.shop.chat.form.required: "customer.mail" is not one of the fields: add it to "fields"'),
        (("{after: 30s,", "{"), 'sites.shop.chat.holding[0]: write either "after" or "every"'),
        (("      route: help\n", "      route: help\n      transcript: {keep: 2h}\n"), "sites.shop.chat.transcript.keep: a chat that the shopper opens again needs what was said in it: keep it for at least 1d (idle.reopen)"),
        (("{every: 60s,", "{after: 20s,"), "sites.shop.chat.holding[1].after: comes after a step at 30s: write a longer time"),
        (("['agent:alice']", "[store]"), 'sites.shop.chat.route: nobody of this route can chat: name agents in its ring steps, such as "agent:alice"'),
        (("      route: help\n", "      route: help\n      mask: ['##', '@@##']\n"), "sites.shop.chat.mask[0]: too short: it would mask harmless text. Use at least 4 characters"),
        (("      route: help\n", "      route: help\n      flow: parts\n"), 'sites.shop.chat.flow: there is no flow called "parts": there are no flows yet'),
        (("      route: help\n", "      route: halp\n"), 'sites.shop.chat.route: there is no route called "halp": did you mean "help"?'),
    ],
)  # fmt: skip
def test_what_is_wrong(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    found = [line.partition(": ")[2] for line in complaints(tmp_path, changed(change, text=WITH_CHAT))]
    assert found == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("      otherwise: [message]\n", ""), 'sites.shop.chat.mailbox: has no effect: add "message" to "otherwise"'),
        (("fields: {customer.name: {label: Name}}", "fields: {}"), 'sites.shop.chat.form.fields[0]: data_pass has no field "customer.name": agents see its bare name. Add it to data_pass'),
        (("      otherwise: [message]\n", "      otherwise: [message]\n      idle: {remind: 7m}\n"), "sites.shop.chat.idle.remind: never happens: the chat closes after 6m (close)"),
        (("      otherwise: [message]\n", "      otherwise: [message]\n      agent_silent: {nudge: 5m}\n"), "sites.shop.chat.agent_silent.nudge: never happens: somebody else gets the chat after 5m (hand_on)"),
        (("    label: Alice\n", "    label: Alice\n    chats_in_call: 3\n"), "agents.alice.chats_in_call: has no effect: the agent has 2 chats at most"),
        (("    label: Alice\n", "    label: Alice\n    takes: [calls]\n    chats: 3\n"), 'agents.alice.chats: has no effect: the agent does not take "chats"'),
    ],
)  # fmt: skip
def test_what_is_doubtful(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    found = [line.partition(": ")[2] for line in warnings(tmp_path, changed(change, text=WITH_CHAT))]
    assert found == [expected]
