"""How a shared view ends, and what is judged on the way, by a clock that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from cobrowse.actions import ACTION_KINDS, NEEDED_SCOPE, ViewAction
from tests.aio import asyncio_test
from tests.views.links import Around, Link
from tests.views.shop import ALL, HEADING, LINK, ORIGIN, ZIP, page_events, scrolled, sharing
from views.live import LiveTab, LiveView, LiveViewer
from views.rights import WishRefusedError

End = Callable[[Around, LiveView, LiveTab], None]
VALUES = {"propose": "02139", "fill": "02139", "navigate": f"{ORIGIN}/help"}


def _talk_over(around: Around, live: LiveView, tab: LiveTab) -> None:
    around.calls.clear()
    around.views.talk_moved("c1")


def _passed_on(around: Around, live: LiveView, tab: LiveTab) -> None:
    around.calls["c1"] = around.calls["c1"].__class__("c1", "calls", "shop", "ben", "en")
    around.views.talk_moved("c1")


def _gone(around: Around, live: LiveView, tab: LiveTab) -> None:
    around.views.tab_closed(live, tab)
    around.clock.goes(61)


def _too_long(around: Around, live: LiveView, tab: LiveTab) -> None:
    for _ in range(31):
        around.clock.goes(59)
        around.views.active(live)
    around.clock.goes(60)


def _no_more_views(around: Around, live: LiveView, tab: LiveTab) -> None:
    shop = around.config.sites["shop"].model_copy(update={"cobrowse": None})
    around.config = around.config.model_copy(update={"sites": {**around.config.sites, "shop": shop}})
    around.views.settings_changed()


ENDS: dict[str, tuple[str, End]] = {
    "the call is over": ("talk_ended", _talk_over),
    "the call is another agent's": ("talk_ended", _passed_on),
    "the page crashed": ("gone", _gone),
    "nobody did anything": ("idle", lambda around, live, tab: around.clock.goes(601)),
    "half an hour": ("too_long", _too_long),
    "the agent": ("agent", lambda around, live, tab: around.views.end_by_agent("alice", live.view)),
    "the server stops": ("server", lambda around, live, tab: around.views.stop()),
    "the site has none any more": ("server", _no_more_views),
}


@pytest.mark.parametrize("how", ENDS)
@asyncio_test
async def test_it_ends_and_both_sides_are_told_why(how: str) -> None:
    around, (why, end) = Around(), ENDS[how]
    live, tab, shopper, agent = await around.seeing()
    end(around, live, tab)
    if how != "the page crashed":
        assert shopper.last("leave") == (why,)
    assert agent.last("leave") == (why,)
    assert await around.ended(live) == why
    assert live.stream is None


@asyncio_test
async def test_an_agent_who_crashes_stops_the_recording_and_may_come_back() -> None:
    around = Around()
    live, _, shopper, _ = await around.seeing()
    around.watchers.closed(live, next(iter(live.viewers.values())))
    assert shopper.last("record")[0] is False
    around.viewer(live)
    assert shopper.last("record") == (True, 2)


@asyncio_test
async def test_nobody_answers() -> None:
    around = Around()
    live = around.views.ask("alice", "c1", ["see"])
    around.clock.goes(61)
    assert await around.ended(live) == "unanswered"
    assert [each.step for each in around.store.kept] == ["asked", "unanswered", "ended"]


@asyncio_test
async def test_a_code_that_nobody_types_ends_with_its_view_and_leaves_nothing_on_disk() -> None:
    around = Around()
    live, code = around.views.offer_code("shop")
    around.clock.goes(301)
    assert around.views.view(live.view) is None
    with pytest.raises(WishRefusedError, match="code_wrong"):
        around.views.join("alice", "c1", code, ["see"])
    await around.keeper.flushed()
    assert around.store.kept == []


@asyncio_test
async def test_guessing_codes_waits_for_agent_and_talk_alike() -> None:
    around = Around()
    _, code = around.views.offer_code("shop")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        with pytest.raises(WishRefusedError, match="code_wrong"):
            around.views.join("alice", "c1", wrong, ["see"])
    with pytest.raises(WishRefusedError, match="code_tries"):
        around.views.join("alice", "c1", code, ["see"])
    around.clock.goes(299)
    _, fresh = around.views.offer_code("shop")
    around.clock.goes(2)
    assert around.views.join("alice", "c1", fresh, ["see"]).talk is not None


@asyncio_test
async def test_consent_counts_for_the_words_that_were_shown_alone() -> None:
    around = Around()
    live = around.views.ask("alice", "c1", ["see"])
    tab, shopper = around.tab(live)
    around.views.answered(live, tab, frozenset({"see"}), "0-xx")
    assert not live.standing.agreed
    assert "ask" in shopper.names()
    assert live.question is not None
    around.views.answered(live, tab, frozenset({"see", "fill"}), live.question.words.version)
    assert live.standing.scopes == {"see"}


@pytest.mark.parametrize("agreed", [["see"], ["see", "point"], ["see", "fill"], ALL])
@asyncio_test
async def test_each_action_is_done_for_whose_view_it_is_and_what_was_agreed_alone(agreed: list[str]) -> None:
    around = Around(sharing(page_push={}))
    live, _, shopper, _ = await around.seeing(agreed)
    alice = next(iter(live.viewers.values()))
    for agent in ("ben", "nobody"):
        assert around.watchers.opened(live.view, around.views.new_token(live, agent), Link()) == "no_right"
    supervisor, _ = around.viewer(live, "cho")
    closed = LiveViewer("x", "alice", Link(), alice.rights)  # its socket is gone
    for kind in ACTION_KINDS:
        action = ViewAction(kind, LINK if kind == "click" else ZIP, VALUES.get(kind, ""))
        for viewer in (supervisor, closed, alice):
            before = shopper.names().count("act")
            await around.actions.act(live, viewer, f"{kind} of {viewer.agent}", action)
            done = shopper.names().count("act") - before
            assert done == (viewer is alice and NEEDED_SCOPE[kind] in agreed), (kind, viewer.agent)


@asyncio_test
async def test_what_comes_of_another_tab_or_an_older_document_is_not_shown() -> None:
    around = Around()
    live, tab, _, agent = await around.seeing()
    shown = len(agent.told)
    other, _ = around.tab(live, "t2", visible=False)
    await around.pictures.events(live, other, 1, 1, [scrolled(1)], 100)
    await around.pictures.events(live, tab, 0, 1, [scrolled(1)], 100)
    assert "picture" not in [name for name, _ in agent.told[shown:]]


@asyncio_test
async def test_an_action_waits_for_the_snapshot_that_is_read_and_is_judged_by_it() -> None:
    around = Around()
    live, tab, shopper, agent = await around.seeing()
    viewer = next(iter(live.viewers.values()))
    without = page_events()
    del without[1]["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"][1]
    reading = asyncio.ensure_future(around.pictures.events(live, tab, 1, 1, without, 100_000))
    await asyncio.sleep(0)
    await around.actions.act(live, viewer, "a", ViewAction("fill", ZIP, "02139"))
    await reading
    assert agent.last("result")[:3] == ("a", "refused", "gone")
    assert "act" not in shopper.names()


@asyncio_test
async def test_rights_that_are_taken_away_are_gone_at_the_next_action() -> None:
    around = Around()
    live, _, shopper, agent = await around.seeing()
    viewer = next(iter(live.viewers.values()))
    around.config = sharing(alice=["see"])
    await around.actions.act(live, viewer, "a", ViewAction("highlight", HEADING))
    assert agent.last("result")[2] == "not_your_right"
    assert "act" not in shopper.names()


@asyncio_test
async def test_an_answer_of_the_page_counts_once_and_for_its_own_action() -> None:
    around = Around()
    live, tab, shopper, agent = await around.seeing()
    viewer = next(iter(live.viewers.values()))
    await around.actions.act(live, viewer, "a", ViewAction("highlight", HEADING))
    (order,) = shopper.last("act")
    around.actions.done(live, tab, "made up", "done", "")
    for _ in range(2):
        around.actions.done(live, tab, order.action, "refused", "SECRET text of a page")
    assert [told for name, told in agent.told if name == "result"] == [("a", "refused", "other", "")]
    await around.keeper.flushed()
    assert "SECRET" not in str(around.store.kept)


@asyncio_test
async def test_rules_that_are_added_while_a_view_runs_hide_what_agents_saw() -> None:
    around = Around()
    live, tab, shopper, agent = await around.seeing()
    assert b"Checkout" in b"".join(agent.last("picture")[1])
    around.config = sharing({"mask": ["h1"]})
    around.clock.goes(3)
    around.settings_changed()
    await _settled(live)
    assert shopper.names()[-1] == "snapshot"
    shown = len(agent.told)
    await around.pictures.events(live, tab, 1, 1, [scrolled(1)], 100)  # recorded before the snapshot
    assert "picture" not in [name for name, _ in agent.told[shown:]]
    await around.pictures.events(live, tab, 1, 2, page_events(), 1000)
    _, events, whole = agent.last("picture")
    assert whole
    assert b"Checkout" not in b"".join(events)
    asked = shopper.names().count("snapshot")
    around.settings_changed()  # with nothing new for this shop
    await _settled(live)
    assert shopper.names().count("snapshot") == asked


@asyncio_test
async def test_a_password_that_was_made_readable_stays_hidden_by_other_rules() -> None:
    around = Around()
    live, tab, _, agent = await around.seeing()
    plain = page_events()
    field = plain[1]["data"]["node"]["childNodes"][0]["childNodes"][1]["childNodes"][2]
    field["attributes"] = {"type": "text", "value": "SECRET-card"}
    around.config = sharing({"mask": [".new"], "show": ["input"]})
    around.clock.goes(3)
    around.settings_changed()
    await _settled(live)
    await around.pictures.events(live, tab, 1, 1, plain, 1000)
    assert agent.last("picture")[2]
    assert b"SECRET-card" not in b"".join(agent.last("picture")[1])


@asyncio_test
async def test_an_agent_who_may_not_see_any_more_sees_nothing_more() -> None:
    around = Around()
    live, _, shopper, agent = await around.seeing()
    around.config = sharing(alice=[])
    around.settings_changed()
    assert shopper.last("leave") == agent.last("leave") == ("server",)
    assert await around.ended(live) == "server"


@asyncio_test
async def test_a_supervisor_who_is_none_any_more_leaves_and_the_view_goes_on() -> None:
    around = Around()
    live, _, shopper, _ = await around.seeing()
    _, cho = around.viewer(live, "cho")
    around.config = sharing(cho=[])
    around.settings_changed()
    assert cho.last("leave") == ("server",)
    assert "leave" not in shopper.names()
    assert shopper.last("moved")[0].agents == ("Alice",)
    assert [viewer.agent for viewer in live.viewers.values()] == ["alice"]


@asyncio_test
async def test_supervisors_are_told_which_views_run() -> None:
    around, cho, ben = Around(), Link(), Link()
    with around.boards.page("cho", cho), around.boards.page("ben", ben):  # type: ignore[arg-type]
        assert cho.last("running") == ([],)
        live = around.views.ask("alice", "c1", ["see"])
        around.clock.goes(1)
        assert cho.last("running") == ([],)  # nobody has agreed to anything
        tab, _ = around.tab(live)
        assert live.question is not None
        around.views.answered(live, tab, frozenset({"see"}), live.question.words.version)
        around.viewer(live)
        around.clock.goes(1)
        ((row,),) = cho.last("running")
        assert (row.site, row.now.view, row.now.agent, row.now.agents) == (
            "shop",
            live.view,
            "Alice",
            ("Alice",),
        )
        around.viewer(live, "cho")
        around.clock.goes(1)
        assert cho.last("running")[0][0].now.agents == ("Alice", "Cho")
        around.config = sharing({"allow": ["see"]}, cho=[])
        around.settings_changed()
        around.clock.goes(1)
        assert cho.last("running") == ([],)
        around.views.end_by_agent("alice", live.view)
        around.clock.goes(1)
        assert ben.told == []
    assert await around.ended(live) == "agent"


@asyncio_test
async def test_who_saw_a_page_is_kept_once_for_each() -> None:
    around = Around()
    live, _, _, _ = await around.seeing()
    for agent in ("cho", "alice", "cho"):
        around.viewer(live, agent)
    around.views.end_by_agent("alice", live.view)
    await around.ended(live)
    assert [each.agent for each in around.store.kept if each.step == "watched"] == ["alice", "cho"]


@asyncio_test
async def test_a_desk_that_is_opened_again_is_told_of_its_view_and_gets_back_in() -> None:
    around = Around()
    live, _, shopper, agent = await around.seeing()
    desk = Link()
    with around.views.circle.desk_page("alice", desk):  # type: ignore[arg-type]
        assert desk.last("view")[0].view == live.view
        known, token = around.watchers.token_for("alice", live.view)
        again = Link()
        assert isinstance(around.watchers.opened(known.view, token, again), tuple)  # type: ignore[arg-type]
    assert agent.last("leave") == (None,)
    assert shopper.last("record")[0] is True


async def _settled(live: LiveView) -> None:
    """What a change of the settings leads to has happened."""
    for _ in range(5):
        await asyncio.sleep(0)
    async with live.reading:
        pass
