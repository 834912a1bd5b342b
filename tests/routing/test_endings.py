"""What is planned for calls that nobody takes: screening, waiting, messages, callbacks; every plan ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from config.sections.callbacks import CallbackTerms
from media.spare import WORDS
from routing.decide import Queued, crew, plan_callback, turn_steps
from routing.directory import AgentState, Directory, Standing
from routing.explain import explain
from routing.language import translated
from routing.plan import Apology, CallPlan, OfferCallback, Prompt, Screening, Speech, TakeMessage
from routing.router import Router
from tests.routing.settings import NEW_YORK, TUESDAY, click, config, decide, ring, rung

SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=NEW_YORK)
SECTIONS: dict[str, Any] = {
    "server": {"recordings": "/srv/messages"},
    "mailboxes": {
        "office": {
            "label": "Office",
            "text": "Hello{from_shopper}, this is {site}.",
            "longest_message": "90s",
        },
        "taped": {"label": "Taped", "greeting": "hello", "thanks": "Thanks for {context.town}."},
    },
    "callbacks": {
        "later": {"booked_text": "We call {when}."},
        "shopper": {"first_leg": "shopper", "hours": "office"},
    },
    "queues": {
        "line": {"callback": "later", "callback_key": "9", "music": "hello", "most_waiting": 2},
        "plain": {"announcement": "{position}, {minutes}"},
    },
    "prompts": {"hello": "/srv/hello.wav"},
}
CAPPED = {"label": "F", "sip": "sip:f@pbx.example", "max_calls": 1}


def made(routes: dict[str, Any], **sections: Any) -> Router:
    site = sections.pop("site", {})
    settings = config(routes, **{**SECTIONS, **sections})
    shop = settings.sites["shop"]
    shop = type(shop).model_validate({**shop.model_dump(exclude_unset=True), **site}, strict=False)
    return Router.of(settings.model_copy(update={"sites": {"shop": shop}}))


def root(**settings: Any) -> dict[str, Any]:
    return {"root": {"steps": [ring("a")], **settings}}


DEAF = Directory(can_record=False)


# --- endings ------------------------------------------------------------------------------------------


def test_a_message_is_planned_with_words_filled_in_and_a_file() -> None:
    router = made(root(message="office"), site={"voice": "de"})
    ending = decide(router, click(customer__name="Ann")).plan.ending
    assert ending == TakeMessage(
        mailbox="office",
        greeting=Speech("Hello, von Ann, this is Shop.", "de", "mailboxes.office.text"),
        thanks=Speech(
            "Danke. Ihre Nachricht ist aufgenommen. Auf Wiederhören.", "de", "mailboxes.office.thanks"
        ),
        path="/srv/messages/call-1.wav",
        longest=90.0,
        instead=OfferCallback(
            "later",
            Speech("We call {when}.", "de", "callbacks.later.booked_text"),
            Speech(translated(CallbackTerms().sorry_text, "de"), "de", "callbacks.later.sorry_text"),
        ),
    )


def test_where_nothing_can_be_recorded_another_ending_takes_the_place_of_a_message() -> None:
    ending = decide(made(root(message="office")), click(), directory=DEAF).plan.ending
    assert isinstance(ending, OfferCallback)
    assert ending.terms == "later"
    nobody = replace(click(), number="", by="pc")
    ending = decide(
        made(root(message="office"), site={"talk_methods": ["pc"]}), nobody, directory=DEAF
    ).plan.ending
    sorry = "We are sorry, nobody can take your call now. Please try again later. Goodbye."
    assert ending == Apology(Speech(sorry, name="callbacks.later.sorry_text"))
    assert isinstance(
        decide(made(root(callback="later")), click(), directory=DEAF).plan.ending, OfferCallback
    )


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_an_apology_and_a_lost_line_are_told_in_the_sites_language(language: str) -> None:
    site = {"language": language}
    plan = decide(made(root(message="office"), site=site, callbacks={}), click(), directory=DEAF).plan
    assert isinstance(plan.ending, Apology)
    assert isinstance(plan.ending.sorry, Speech)
    assert isinstance(plan.lost, Speech)
    told = (plan.ending.sorry, plan.lost)
    assert [speech.text for speech in told] == [WORDS[kind][language] for kind in ("sorry", "lost")]
    assert {speech.voice for speech in told} == {{"en": "en-us", "fr": "fr-fr"}.get(language, language)}


def test_what_is_told_of_a_callback_may_be_recorded() -> None:
    terms = {"later": {"booked_prompt": "hello", "sorry_prompt": "hello"}}
    router = made(root(message="office"), callbacks=terms)
    hello = Prompt("hello", "/srv/hello.wav")
    assert decide(router, click(), directory=DEAF).plan.ending == OfferCallback("later", hello, hello)
    nobody = replace(click(), number="", by="pc")
    router = made(root(message="office"), callbacks=terms, site={"talk_methods": ["pc"]})
    assert decide(router, nobody, directory=DEAF).plan.ending == Apology(hello)


def test_a_recorded_greeting_stands_for_the_text() -> None:
    ending = decide(made(root(message="taped")), click(town="Salem")).plan.ending
    assert isinstance(ending, TakeMessage)
    assert ending.greeting == Prompt("hello", "/srv/hello.wav")
    assert ending.thanks == Speech("Thanks for Salem.", name="mailboxes.taped.thanks")


def test_a_folder_of_messages_is_made_absolute() -> None:
    ending = decide(made(root(message="office"), server={})).plan.ending
    assert isinstance(ending, TakeMessage)
    assert Path(ending.path) == Path.cwd() / "recordings" / "call-1.wav"


def test_a_callback_is_planned_and_its_time_left_open() -> None:
    ending = decide(made(root(callback="later"))).plan.ending
    assert isinstance(ending, OfferCallback)
    assert (ending.terms, ending.booked) == (
        "later",
        Speech("We call {when}.", name="callbacks.later.booked_text"),
    )


@pytest.mark.parametrize(
    ("asked", "ending"),
    [
        (click(), "office"),
        (click(visitor__kind="gold"), "office"),
        (click(visitor__kind="late"), "taped"),
        (click(visitor__kind="back"), "later"),
        (click(visitor__kind="away"), "taped"),
    ],
)
def test_whichever_way_a_route_ends_replaces_its_parents(asked: Any, ending: str) -> None:
    router = made(
        {
            "root": {"branches": ["gold", "late", "back", "away"], "steps": [ring("a")], "message": "office"},
            "gold": {"when": "visitor.kind == 'gold'", "steps": [ring("b")]},
            "late": {"when": "visitor.kind == 'late'", "message": "taped"},
            "back": {"when": "visitor.kind == 'back'", "callback": "later"},
            "away": {"when": "visitor.kind == 'away'", "otherwise": "night"},
            "night": {"steps": [], "message": "taped"},
        }
    )
    found = decide(router, asked).plan.ending
    assert ending == (found.mailbox if isinstance(found, TakeMessage) else found and found.terms)


def test_what_a_page_passes_says_only_words() -> None:
    router = made(root(message="office"))
    name = "[[h@'l@U]] {when}\x00<b>" + "x" * 200
    ending = decide(router, click(customer__name=name)).plan.ending
    assert isinstance(ending, TakeMessage)
    assert isinstance(ending.greeting, Speech)
    assert ending.greeting.text.startswith("Hello, from h@'l@U when b xxx")
    assert len(ending.greeting.text) < 120


# --- screening ----------------------------------------------------------------------------------------

SCREENED = {
    "s": {"label": "S", "sip": "sip:s@pbx.example", "screening": "press_1"},
    "m": {
        "label": "M",
        "sip": "sip:m@pbx.example",
        "trunk": "carrier",
        "screening": "amd",
        "find_me": [{"number": "+16175550111", "screening": "none"}, {"number": "+16175550112"}],
    },
}


def screenings(plan: CallPlan) -> list[Screening | None]:
    return [endpoint.screening for step in plan.steps for endpoint in step.endpoints]


def test_each_place_has_its_own_screening() -> None:
    router = made({"root": {"steps": [ring("a", "s", "m")], "message": "office"}}, destinations=SCREENED)
    none, pressed, machine, place, further = screenings(decide(router, click(customer__name="Ann")).plan)
    said = Speech("Web call for Shop, from Ann. Press 1 to take the call, or 2 to decline.", name="screening")
    assert (none, place) == (None, None)
    assert pressed == Screening(said, 20.0)
    assert machine == further == Screening(said, 20.0, detect_machine=True)


def test_a_site_has_its_own_words_for_it() -> None:
    routes = {"root": {"steps": [ring("s")], "message": "office"}}
    site = {"screening": {"text": "{page} {context.cart}", "timeout": "9s"}, "voice": "en-gb"}
    (screening,) = screenings(decide(made(routes, destinations=SCREENED, site=site), click(cart="7")).plan)
    assert screening == Screening(Speech("/bikes 7", "en-gb", "screening"), 9.0)
    site["screening"] = {"prompt": "hello"}
    (screening,) = screenings(decide(made(routes, destinations=SCREENED, site=site)).plan)
    assert screening
    assert screening.prompt == Prompt("hello", "/srv/hello.wav")


# --- queues -------------------------------------------------------------------------------------------


def test_a_queue_is_planned_with_its_words_and_music() -> None:
    plan = decide(made(root(queue="line", message="office"))).plan
    assert plan.queue
    assert plan.queue.announcement == Speech(
        "You are number {position} in line. The wait is about {minutes}. "
        "Press 9 to be called back instead of waiting.",
        name="queues.line.announcement",
    )
    assert plan.queue.music == Prompt("hello", "/srv/hello.wav")
    assert plan.queue.callback
    assert (plan.queue.callback.terms, plan.queue.callback_key) == ("later", "9")
    assert plan.steps, "who is free is rung at once"
    plain = decide(made(root(queue="plain", message="office"))).plan
    assert plain.queue
    assert (plain.queue.announcement, plain.queue.music, plain.queue.callback) == (
        Speech("{position}, {minutes}", name="queues.plain.announcement"),
        plain.ringback,
        None,
    )


@pytest.mark.parametrize(
    ("step", "standing", "at", "outcome"),
    [
        (ring("f"), Standing(), TUESDAY, "waits"),
        (ring("f"), Standing(live_calls=1), TUESDAY, "waits"),
        (ring("f"), Standing(agent="on_call"), TUESDAY, "waits"),
        (ring("f"), Standing(agent="wrap_up"), TUESDAY, "waits"),
        (ring("f"), Standing(agent="offline"), TUESDAY, "closed"),
        (ring("e"), Standing(), TUESDAY, "waits"),
        (ring("e"), Standing(), SUNDAY, "closed"),
        (ring("e", "f"), Standing(live_calls=1), SUNDAY, "waits"),
        (ring("f", strategy="nearest"), Standing(live_calls=1), TUESDAY, "closed"),
    ],
)
def test_only_for_somebody_who_is_there_anybody_waits(
    step: dict[str, Any], standing: Standing, at: datetime, outcome: str
) -> None:
    router = made(
        {"root": {"steps": [step], "queue": "line", "message": "office"}}, destinations={"f": CAPPED}
    )
    directory = Directory({"f": standing, "e": Standing(live_calls=1)})
    decision = decide(router, at=at, directory=directory)
    assert decision.queued == Queued("line", outcome)  # type: ignore[arg-type]
    assert (decision.plan.queue is not None) == (outcome == "waits")
    assert bool(crew(click(), router, directory, at)) == (outcome == "waits")


def test_busy_beyond_the_reach_of_a_step_is_not_there() -> None:
    far = {**CAPPED, "latitude": 0.0, "longitude": 0.0}
    step = ring("f", strategy="nearest", max_distance_km=50)
    router = made({"root": {"steps": [step], "queue": "line", "message": "office"}}, destinations={"f": far})
    asked = click(latitude="42.36", longitude="-71.06")
    decision = decide(router, asked, directory=Directory({"f": Standing(live_calls=1)}))
    assert decision.queued == Queued("line", "closed")


def test_a_full_queue_leads_to_the_ending_at_once_and_turns_do_not_see_it() -> None:
    router = made(root(queue="line", callback="later"))
    two, one = Directory(waiting={"line": 2}), Directory(waiting={"line": 1})
    full = decide(router, directory=two)
    assert (full.plan.queue, full.plan.steps, full.queued) == (None, (), Queued("line", "full"))
    assert isinstance(full.plan.ending, OfferCallback)
    assert any("it is full" in line.text for line in explain(full, router))
    assert decide(router, directory=one).plan.queue
    steps = decide(router, directory=one).plan.steps
    assert turn_steps(click(), router, "call-1", two, TUESDAY, 0.5) == steps != ()


def test_a_turn_rings_who_is_free_then() -> None:
    router = made(
        {"root": {"steps": [ring("f", "e")], "queue": "line", "message": "office"}},
        destinations={"f": CAPPED},
    )
    busy = Directory({"f": Standing(live_calls=1)})
    steps = turn_steps(click(), router, "call-1", busy, TUESDAY, 0.5)
    assert [endpoint.destination for step in steps for endpoint in step.endpoints] == ["e"]
    assert turn_steps(click(), router, "call-1", busy, SUNDAY, 0.5) == ()


def test_the_first_queue_on_the_way_holds() -> None:
    routes = {
        "root": {"steps": [ring("e")], "branches": ["gold"], "otherwise": "centre"},
        "gold": {"when": "customer.gold", "queue": "plain"},
        "centre": {"steps": [ring("a")], "queue": "line", "message": "office"},
    }
    router = made(routes)
    assert [decide(router, asked).queued for asked in (click(), click(customer__gold="true"))] == [
        Queued("line", "waits"),
        Queued("plain", "waits"),
    ]


# --- callbacks ----------------------------------------------------------------------------------------


def called_back(router: Router, terms: str, at: datetime = TUESDAY) -> CallPlan:
    return plan_callback(click(customer__name="Ann"), terms, router, "call-2", Directory(), at, 0.5).plan


def test_a_callback_dials_the_business_first_and_makes_it_press_a_key() -> None:
    routes = {"root": {"steps": [ring("a", "s", "m")], "queue": "line", "callback": "later"}}
    router = made(routes, destinations=SCREENED)
    plan = called_back(router, "later")
    assert (plan.first, plan.ending, plan.queue) == ("business", None, None)
    said = Speech("Callback for Shop, from Ann. Press 1 to take the call, or 2 to decline.", name="screening")
    pressed, machine = Screening(said, 20.0), Screening(said, 20.0, detect_machine=True)
    assert screenings(plan) == [pressed, pressed, machine, pressed, machine]


def test_a_callback_dials_the_shopper_first_where_the_terms_say_so() -> None:
    routes = {"root": {"steps": [ring("a", "s")], "queue": "line", "callback": "later"}}
    router = made(routes, destinations=SCREENED)
    plan = called_back(router, "shopper")
    usual = decide(router, click(customer__name="Ann")).plan
    assert plan.first == "shopper"
    assert plan.steps == usual.steps
    assert plan.terms == "shopper", "by which the route is asked again once the shopper is there"
    assert replace(plan, ending=usual.ending, queue=usual.queue, terms=None) == usual


def test_a_full_queue_keeps_nobody_from_being_called_back() -> None:
    router = made(root(queue="line", callback="later"))
    directory = Directory(waiting={"line": 50})
    plan = plan_callback(click(), "later", router, "call-2", directory, TUESDAY, 0.5).plan
    assert [endpoint.destination for step in plan.steps for endpoint in step.endpoints] == ["a"]


def test_a_promise_by_terms_that_are_gone_is_kept() -> None:
    assert called_back(made(root(message="office")), "gone").first == CallbackTerms().first_leg


# --- what is told -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "at", "end"),
    [
        ({"message": "office"}, TUESDAY, "otherwise: a message in mailbox office"),
        ({"callback": "later"}, TUESDAY, "otherwise: a callback with terms later"),
        ({}, TUESDAY, "otherwise: nothing"),
        (
            {"message": "office"},
            SUNDAY,
            "Nobody can be rung: Ringback dials the shopper, who leaves a message in mailbox office",
        ),
        (
            {"callback": "later"},
            SUNDAY,
            "Nobody can be rung: Ringback does not dial the shopper now, and calls back with terms later",
        ),
        ({}, SUNDAY, "Nobody can be rung: Ringback tells the shopper, and does not dial"),
    ],
)
def test_the_explanation_tells_how_it_ends(last: dict[str, str], at: datetime, end: str) -> None:
    router = made({"root": {"steps": [ring("e")], **last}})
    assert explain(decide(router, at=at), router)[-1].text == end


# --- any state of affairs -----------------------------------------------------------------------------

AGENTS: st.SearchStrategy[AgentState | None] = st.sampled_from(
    [None, "available", "on_call", "away", "offline"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abef"), st.builds(Standing, live_calls=st.integers(0, 2), agent=AGENTS)),
    st.dictionaries(st.sampled_from(["line", "plain"]), st.integers(0, 3)),
    st.integers(0, 24 * 14).map(lambda hours: TUESDAY + timedelta(hours=hours)),
    st.sampled_from([click(), click(customer__gold="true"), click("+442079460000")]),
)
def test_every_plan_ends_and_waiting_is_for_somebody(
    standings: dict[str, Standing], waiting: dict[str, int], at: datetime, asked: Any
) -> None:
    router = made(
        {
            "root": {"branches": ["gold"], "steps": [ring("e", "f")], "queue": "line", "message": "office"},
            "gold": {"when": "customer.gold", "steps": [ring("a")], "queue": "plain", "otherwise": "night"},
            "night": {"steps": [ring("b")], "callback": "later"},
        },
        destinations={"f": CAPPED},
    )
    directory = Directory(standings, waiting=waiting)
    decision = decide(router, asked, at, directory)
    plan = decision.plan
    assert plan.ending is not None
    there = crew(asked, router, directory, at)
    if plan.queue:
        assert there
        assert waiting.get(plan.queue.queue, 0) < router.config.queues[plan.queue.queue].most_waiting
    assert {name for names in rung(decision) for name in names} <= there
    turn = turn_steps(asked, router, "call-1", directory, at, 0.5)
    assert turn == plan.steps or not plan.steps
