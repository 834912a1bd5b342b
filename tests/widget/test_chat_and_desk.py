"""A shopper's and an agent's browser over the real API, with the loader, panel and desk that it serves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.agent_page.chromium import Tab, agent
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatShop
from tests.api.pages import PASSWORD
from tests.plumbing import chromium
from tests.widget.page import WITH_THE_PANEL, expect
from tests.widget.real_shop import logs_in, real_shop
from tests.widget.test_states import is_accessible

pytestmark = WITH_THE_PANEL


def _agents_are_missed_soon(shop: ChatShop, chat_id: str) -> None:
    """An agent's page that is gone for a moment is one that is gone for a minute."""
    live = shop.server.office.chats.engine._chats[chat_id]
    live.machine.plan = replace(live.machine.plan, agent_told=0.05, agent_gone=0.3)


@asyncio_test(timeout=120)
async def test_two_browsers_and_a_third_agent_through_a_restart_and_a_death(tmp_path: Path) -> None:
    async with real_shop(tmp_path, chat={"offer": "2s"}) as it, agent(it.desk_url) as alice:
        page = it.tab
        await logs_in(alice)
        ben = await it.shop.desk("ben")
        await page.get_by_role("button", name="Chat with us").click()
        await it.write("Is it ready for rain?")

        # Nobody accepts within the offer, so the next one is asked, who accepts. Nobody else can.
        await alice.says("wants to chat")
        offered = await ben.until("desk_chat", state="offered")
        chat_id = offered["chat_id"]
        await ben.say("chat_accept", chat_id=chat_id)
        await ben.until("desk_chat", state="talking")
        await alice.shows("You are available")
        await expect(alice.page.get_by_role("button", name="Accept")).to_have_count(0)
        await ben.say("desk_follow", chat_id=chat_id, after=None)
        await ben.write("It is.", chat_id=chat_id)
        await expect(it.log).to_contain_text("It is.")

        # Ben's page dies: the chat is at the head of the line again, and Alice reads all of it.
        _agents_are_missed_soon(it.shop, chat_id)
        await ben.close()
        await alice.press("Accept")
        desk = alice.page.get_by_role("log", name="What was said")
        await expect(desk).to_contain_text("Is it ready for rain?")
        await expect(desk).to_contain_text("It is.")
        await expect(it.log).to_contain_text("Alice joined.")
        await alice.picture("desk-chat")
        await alice.is_accessible()

        # The server goes with both pages open. What both write meanwhile comes once, in one order.
        port = await it.stop()
        await it.write("And for snow?")
        await expect(it.log).to_contain_text("sending…")
        answer = alice.page.get_by_role("textbox", name="Your answer")
        await answer.fill("Also for wind.")
        await alice.page.keyboard.press("Enter")
        await it.start(port)
        # Agents log in again: nobody's session outlives the server. The chat is theirs still.
        await alice.shows("Log in to take calls", within=20)
        await alice.page.get_by_label("Password").fill(PASSWORD)
        await alice.press("Log in")
        await expect(desk).to_contain_text("And for snow?", timeout=30_000)
        await expect(it.log).to_contain_text("Also for wind.", timeout=30_000)
        await expect(page.locator(".unsent")).to_have_count(0)
        said = await it.said()
        assert sorted(said) == sorted(["Is it ready for rain?", "It is.", "And for snow?", "Also for wind."])
        assert await desk.locator(".entry .said").all_inner_texts() == said

        # A page by one click, as a card, which the shopper opens; the chat goes on there.
        await alice.page.get_by_role("button", name="Opening hours").click()
        await expect(it.log).to_contain_text("Opening hours")
        await alice.says("Sent. Waiting for the shopper")
        await page.get_by_role("button", name="Open the page").click()
        await page.wait_for_url("**/hours")
        await page.get_by_role("button", name="Chat", exact=True).click()
        await expect(it.log).to_contain_text("And for snow?")
        await alice.says("The shopper opened it")
        await alice.picture("desk-chat-page")
        await alice.is_accessible()
        alice.is_fine()


DIALOG = """<h1>The Harbor</h1><button id="choose">Choose a size</button>
<dialog id="sizes"><h2>Sizes</h2><label>Size <input id="size"></label>
<button data-ringback="chat">Ask us</button> <button id="done">Done</button></dialog>
<script>
  choose.onclick = () => sizes.showModal();
  done.onclick = () => sizes.close();
  // As many shops do: a click beside the dialog closes it.
  sizes.addEventListener("click", ({ clientX, clientY }) => {
    const { left, right, top, bottom } = sizes.getBoundingClientRect();
    if (clientX < left || clientX > right || clientY < top || clientY > bottom) sizes.close();
  });
</script>"""


@asyncio_test(timeout=60)
async def test_a_shopper_chats_from_a_modal_dialog_of_the_shops(tmp_path: Path) -> None:
    async with real_shop(tmp_path, DIALOG) as it:
        page = it.tab
        alice = await it.shop.desk()
        await page.get_by_role("button", name="Choose a size").click()
        await page.get_by_label("Size").fill("54")
        await page.get_by_role("button", name="Ask us").click()
        await expect(page.get_by_role("heading", name="Chat with us")).to_be_focused()
        await page.get_by_label("Your message").click()
        await it.write("Is 54 right for me?")
        offered = await alice.until("desk_chat", state="offered")
        await alice.say("chat_accept", chat_id=offered["chat_id"])
        await expect(it.log).to_contain_text("Alice joined.")
        # Whatever is done in the panel, the dialog stays as it is.
        assert await page.evaluate("[sizes.open, size.value]") == [True, "54"]
        await is_accessible(page)
        await page.get_by_role("button", name="Close").focus()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("heading", name="Chat with us")).to_have_count(0)
        await expect(page.get_by_role("button", name="Ask us")).to_be_focused()
        assert await page.evaluate("sizes.open")
        # With the dialog closed, the chat is on the page again.
        await page.get_by_role("button", name="Done").click()
        await page.get_by_role("button", name="Chat", exact=True).click()
        await expect(it.log).to_contain_text("Is 54 right for me?")
        assert await page.evaluate("document.querySelector('ringback-root').parentElement.tagName") == "HTML"


@asyncio_test(timeout=60)
async def test_a_shopper_who_leaves_is_forgotten_and_the_agent_is_told(tmp_path: Path) -> None:
    async with real_shop(tmp_path) as it:
        page = it.tab
        alice = await it.shop.desk()
        await page.get_by_role("button", name="Chat with us").click()
        await it.write("My order is 1234")
        offered = await alice.until("desk_chat", state="offered")
        await alice.say("chat_accept", chat_id=offered["chat_id"])
        await alice.until("desk_chat", state="talking")
        await page.get_by_label("Your message").fill("half a sen")
        other = await page.context.new_page()
        await other.goto(it.shops.shop())
        await other.get_by_role("button", name="Chat with us").click()
        await expect(other.get_by_role("log", name="Chat")).to_contain_text("1234")

        await page.evaluate("ringback.leave()")
        over = await alice.until("desk_chat", state="over")
        assert over["chat"]["cause"] == "shopper"
        await expect(other.get_by_role("log", name="Chat")).to_have_count(0)
        kept = (
            "JSON.stringify([Object.keys(localStorage).filter(key => /chat/.test(key)), {...sessionStorage}])"
        )
        await page.reload()
        await page.get_by_role("button", name="Chat with us").click()
        await page.get_by_text("Write to us. We answer here.").wait_for()
        await expect(page.get_by_label("Your message")).to_have_value("")
        assert await page.evaluate(kept) == "[[],{}]"


@asyncio_test(timeout=60)
async def test_an_agents_browser_that_is_killed_leaves_the_chat_to_the_next_one(tmp_path: Path) -> None:
    async with real_shop(tmp_path) as it, chromium.process() as (browser, process):
        tab = await Tab.open(await browser.new_context(), it.desk_url)
        await logs_in(tab)
        await it.tab.get_by_role("button", name="Chat with us").click()
        await it.write("Anybody?")
        await tab.press("Accept")
        await expect(it.log).to_contain_text("Alice joined.")
        ((chat_id, _, _),) = it.shop.server.office.chats.engine.open_chats()
        _agents_are_missed_soon(it.shop, chat_id)
        ben = await it.shop.desk("ben")
        process.kill()
        await ben.until("desk_chat", state="offered", chat_id=chat_id)
        await expect(it.log).to_contain_text("You are first in line for the next one.")
