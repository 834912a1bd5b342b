"""After a chat: it takes its agent's room until they are done with it, and calls wait as well."""

from __future__ import annotations

from pathlib import Path

from config.models import Config
from tests.aio import asyncio_test
from tests.api.chat_shop import chat_shop, chatting


def wrapping_up(seconds: str, **agent: object) -> Config:
    config = chatting().model_dump(mode="json", context={"reveal": True})
    config["desk"]["wrap_up"] = seconds
    config["agents"]["alice"] |= {"chats": 1, **agent}
    return Config.model_validate(config, strict=False)


@asyncio_test
async def test_a_chat_takes_room_until_its_agent_is_done_with_it(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, wrapping_up("1m")) as it:
        chat, _, alice = await it.talking(visitor="visitor-number-0001")
        waits = await it.chat(visitor="visitor-number-0002")
        await it.shopper(waits)
        assert it.server.agents.state("alice") == "available"
        await alice.say("desk_end", chat_id=chat["id"], code=None)
        over = await alice.until("desk_chat", state="over", until=it.server.clock.now + 60.0)
        assert (over["chat_id"], over["why"]) == (chat["id"], "over")
        assert over["pop"] is not None, "what is known of the shopper stays until then"
        assert it.server.agents.state("alice") == "wrap_up"
        assert it.offers == [chat["id"]]
        rung = it.server.agents.rung_at(it.server.world.settings().agents)
        assert rung["agent:alice"] == "on_call", "no call rings her meanwhile"
        await alice.say("chat_wrap_up", chat_id=chat["id"], note="Sent the link.", code="sale")
        await alice.until("chat_kept", chat_id=chat["id"])
        assert it.offers == [chat["id"]], "she still writes"
        await alice.say("chat_done", chat_id=chat["id"])
        await alice.until("desk_chat", state="offered", chat_id=waits["id"])
        assert it.server.agents.state("alice") == "available"
        await alice.say("chat_done", chat_id=chat["id"])  # again means nothing
        assert it.offers == [chat["id"], waits["id"]]


@asyncio_test
async def test_it_ends_by_itself_and_with_a_code_there_is_none(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, wrapping_up("300ms")) as it:
        chat, _, alice = await it.talking(visitor="visitor-number-0001")
        waits = await it.chat(visitor="visitor-number-0002")
        await it.shopper(waits)
        await alice.say("desk_end", chat_id=chat["id"], code=None)
        await alice.until("desk_chat", state="offered", chat_id=waits["id"])
        await alice.say("chat_accept", chat_id=waits["id"])
        await alice.until("desk_chat", state="talking", chat_id=waits["id"])
        await alice.say("desk_end", chat_id=waits["id"], code="sale")
        await alice.until("desk_chat", state="over", chat_id=waits["id"], until=None)
        assert it.server.agents.state("alice") == "available"


@asyncio_test
async def test_a_page_that_comes_back_meanwhile_is_told_and_may_read_it(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, wrapping_up("1m")) as it:
        chat, shopper, alice = await it.talking()
        await shopper.write("Thanks, bye")
        await alice.hears("Thanks, bye")
        await alice.say("desk_end", chat_id=chat["id"], code=None)
        await alice.until("desk_chat", state="over", chat_id=chat["id"])
        again = await it.desk(available=False)
        over = await again.until("desk_chat", state="over", chat_id=chat["id"])
        assert over["until"] == it.server.clock.now + 60.0
        await again.say("desk_follow", chat_id=chat["id"], after=None)
        await again.hears("Thanks, bye")


@asyncio_test
async def test_a_shopper_who_writes_again_ends_it(tmp_path: Path) -> None:
    """With room for it, the chat comes back to the same agent, and is theirs as before."""
    async with chat_shop(tmp_path, wrapping_up("1m", chats=2)) as it:
        chat, shopper, alice = await it.talking()
        await alice.say("desk_end", chat_id=chat["id"], code=None)
        await shopper.until("chat_state", state="ended")
        await shopper.write("One more thing")
        await alice.until("desk_chat", state="offered", chat_id=chat["id"])
        await alice.say("chat_accept", chat_id=chat["id"])
        await alice.until("desk_chat", state="talking", chat_id=chat["id"])
        await alice.say("chat_done", chat_id=chat["id"])
        assert dict(it.server.agents.chats("alice")) == {chat["id"]: 1}
        assert it.server.agents.state("alice") == "available"
