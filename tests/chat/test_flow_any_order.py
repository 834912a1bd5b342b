"""Whatever happens to a flow, in any order: one thing to answer at a time, and nothing after its end."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.flow import (
    AskQuestion,
    CountQuestion,
    FlowBegan,
    FlowEvent,
    FlowLeft,
    FlowOutput,
    FlowResult,
    FlowResumed,
    FlowState,
    HelpWanted,
    OfferWays,
    PersonCame,
    PreparedEnding,
    QuestionAnswered,
    QuestionSkipped,
    SayWords,
    TalkInBrowser,
    WayChosen,
    WentBack,
)
from chat.flow_memory import FlowMemoryError, as_data, state_of
from chat.flow_steps import adopt, answers_shown, begin, step
from tests.chat.flow_example import ALL, ENGINES, MODELS, NEAR, Scene, flow

FLOW = flow(
    endings=(
        PreparedEnding(NEAR, "Near[ {nearest.miles}].", ("call", "pc", "chat")),
        PreparedEnding(None, "Closed.", ("callback", "message", "later")),
    )
)
KEYS = [question.key for question in FLOW.questions] + [
    "contact.number",
    "contact.message",
    "contact.email",
    "x",
]
TYPED = st.one_of(
    st.sampled_from(
        ["2009", "'85", "1971", "ford", "Honda", "kia", "focus", "f150", "civic", "2.0", "other", "02139",
         "99999", "skip", "back", "person", "yes", "no", "6175550123", "ann@shop.example",
         "call", "talk in the browser", "message", "later",         "{site}", "4111 1111 1111 1111", ""]
    ),
    st.text(max_size=30),
)  # fmt: skip
EVENTS: st.SearchStrategy[FlowEvent] = st.one_of(
    TYPED.map(QuestionAnswered),
    TYPED.map(QuestionAnswered),
    st.sampled_from(sorted(ALL)).map(WayChosen),
    st.sampled_from(["", *KEYS]).map(WentBack),
    st.sampled_from([QuestionSkipped(), QuestionSkipped(), FlowResumed(), FlowBegan()]),
    st.sampled_from([FlowResumed(), FlowLeft(), HelpWanted(), PersonCame()]),
)
SCENES = st.builds(
    Scene,
    known=st.dictionaries(st.sampled_from(KEYS), TYPED, max_size=4),
    ways=st.sets(st.sampled_from(sorted(ALL))).map(frozenset),
    open=st.booleans(),
)


def _check(state: FlowState, said: tuple[FlowOutput, ...]) -> None:
    to_answer = [each for each in said if isinstance(each, AskQuestion | OfferWays | FlowResult)]
    if state.stage in ("person", "left"):
        assert to_answer == []
    else:
        assert len(to_answer) == 1
        assert said[-1] is to_answer[0]
        match to_answer[0]:
            case AskQuestion(key=key):
                assert (state.stage, state.open) == ("asking", key)
            case OfferWays(ways=ways):
                assert (state.stage, state.offered, state.open) == ("offered", ways, "")
                assert ways
            case FlowResult():
                assert state.stage == "done"
    for each in said:
        if isinstance(each, TalkInBrowser):
            assert "pc" in state.offered, "the ways stay open"
        if isinstance(each, SayWords):
            assert each.text
            assert not set("{}[]") & set(each.text)
    keys = [answer.key for answer in state.answers]
    assert len(keys) == len(set(keys))
    order = [key for key in KEYS if key in keys]
    assert keys == order
    values = state.values
    if "vehicle.model" in values:
        assert values["vehicle.model"] in MODELS[values["vehicle.make"].casefold(),]
    if "vehicle.year" in values:
        assert 1960 <= int(values["vehicle.year"]) <= 2027
    assert not any("4111 1111" in value for value in values.values())
    assert len(answers_shown(FLOW, state)) == len(state.answers)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(EVENTS, SCENES), max_size=25))
def test_any_order(history: list[tuple[FlowEvent, Scene]]) -> None:
    state, said = step(FLOW, begin(FLOW), FlowBegan(), Scene())
    _check(state, said)
    results = 0
    for event, scene in history:
        was_over = state.over
        before = state
        state, said = step(FLOW, state_of(json.loads(json.dumps(as_data(state)))), event, scene)
        if was_over:
            assert (state, said) == (before, ())
            continue
        _check(state, said)
        results += sum(isinstance(each, FlowResult) for each in said)
        # A reload asks again what is open, changes nothing else, and counts as no try.
        if not state.over:
            again, repeated = step(FLOW, state, FlowResumed(), scene)
            if repeated and isinstance(said[-1], AskQuestion) and again.open == state.open:
                assert again == state
                assert repeated[-1] == said[-1]
    assert results <= 1


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=15))
def test_somebody_who_goes_on_always_comes_to_the_end(history: list[FlowEvent]) -> None:
    """Whatever happened before: three odd answers and a skip lead on, from wherever one is."""
    scene = Scene()
    state, _ = step(FLOW, begin(FLOW), FlowBegan(), scene)
    for event in history:
        state, _ = step(FLOW, state, event, scene)
    for _ in range(4 * (len(KEYS) + 1)):
        if state.over or state.stage == "offered":
            break
        for event in (*[QuestionAnswered("?")] * 3, QuestionSkipped()):
            if state.stage == "asking":
                state, _ = step(FLOW, state, event, scene)
    assert state.over or state.stage == "offered"


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=15))
def test_a_newer_version_goes_on_from_any_state(history: list[FlowEvent]) -> None:
    scene, newer = Scene(), flow("2", questions=FLOW.questions[1:])
    state, _ = step(FLOW, begin(FLOW), FlowBegan(), scene)
    for event in history:
        state, _ = step(FLOW, state, event, scene)
    adopted = adopt(newer, state, scene)
    assert adopted.over == state.over
    if not adopted.over:
        assert adopted.version == "2"
        _, said = step(newer, adopted, FlowResumed(), scene)
        assert isinstance(said[-1], AskQuestion | OfferWays)


def test_counts_name_questions_alone() -> None:
    state, said = step(FLOW, begin(FLOW), FlowBegan(), Scene({"vehicle.year": "2009"}))
    assert [each for each in said if isinstance(each, CountQuestion)] == [
        CountQuestion("vehicle.year", "known")
    ]
    assert set(ENGINES) >= {("ford", "focus")}
    assert state.open == "vehicle.make"


NAMES = ["flow", "version", "stage", "answers", "open", "tries", "key", "value"]
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
)


@given(DATA)
def test_data_that_is_no_state_is_refused(data: object) -> None:
    try:
        state = state_of(data)
    except FlowMemoryError:
        return
    assert state_of(as_data(state)) == state
