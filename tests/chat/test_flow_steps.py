"""A guided chat, step by step: what a shopper types, and what they read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from chat.flow import (
    AskQuestion,
    CountQuestion,
    FlowAnswer,
    FlowBegan,
    FlowEvent,
    FlowLeft,
    FlowOutput,
    FlowResult,
    FlowResumed,
    FlowState,
    GuidedFlow,
    GuidedQuestion,
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
from chat.flow_steps import adopt, answers_shown, begin, step
from tests.chat.flow_example import NEEDED, Scene, flow


class Talk:
    """A shopper in a flow."""

    def __init__(self, scene: Scene | None = None, flow_: GuidedFlow | None = None) -> None:
        self.flow, self.scene = flow_ or flow(), scene or Scene()
        self.state: FlowState = begin(self.flow)
        self.said: tuple[FlowOutput, ...] = ()
        self.counted: list[tuple[str, str]] = []
        self.happens(FlowBegan())

    def happens(self, event: FlowEvent) -> Talk:
        self.state, said = step(self.flow, self.state, event, self.scene)
        self.counted += [(each.key, each.how) for each in said if isinstance(each, CountQuestion)]
        self.said = tuple(each for each in said if not isinstance(each, CountQuestion))
        return self

    def types(self, *texts: str) -> Talk:
        for text in texts:
            self.happens(QuestionAnswered(text))
        return self

    @property
    def asked(self) -> AskQuestion:
        last = self.said[-1]
        assert isinstance(last, AskQuestion), last
        return last

    @property
    def offered(self) -> tuple[str, ...]:
        last = self.said[-1]
        assert isinstance(last, OfferWays), last
        return last.ways

    @property
    def result(self) -> FlowResult:
        last = self.said[-1]
        assert isinstance(last, FlowResult), last
        return last

    @property
    def words(self) -> str:
        return " ".join(each.text for each in self.said if isinstance(each, SayWords))


ANSWERS = ("'09", "a ford please", "focus", "2.0", "02139")


def test_the_questions_come_in_order_and_then_what_is_offered() -> None:
    talk = Talk()
    assert talk.words == "Hi from Coolway!"
    keys = [talk.asked.key, *(talk.types(text).asked.key for text in ANSWERS[:-1])]
    assert keys == ["vehicle.year", "vehicle.make", "vehicle.model", "vehicle.engine", "postal_code"]
    talk.types(ANSWERS[-1])
    assert (talk.words, talk.offered) == ("Near 2.3.", ("call", "chat"))


def test_the_number_is_asked_last_with_what_the_shopper_agrees_to() -> None:
    talk = Talk().types(*ANSWERS).happens(WayChosen("call"))
    assert (talk.asked.kind, talk.asked.consent) == ("phone", "We may call you.")
    result = talk.types("617 555 0123").result
    assert result.way == "call"
    assert (result.number, result.consent) == ("+16175550123", "We may call you.")
    assert result.context == {
        "vehicle.year": "2009", "vehicle.make": "Ford", "vehicle.model": "Focus", "vehicle.engine": "2.0",
        "postal_code": "02139",
    }  # fmt: skip
    assert talk.state.over


def test_a_number_that_is_typed_at_once_is_the_choice_and_the_number() -> None:
    assert Talk().types(*ANSWERS, "6175550123").result.number == "+16175550123"


@pytest.mark.parametrize("text", ["yes please", "Call me", "1", "call", "ok"])
def test_yes_and_the_words_of_a_way_choose_it(text: str) -> None:
    assert Talk().types(*ANSWERS, text).asked.kind == "phone"


def test_what_is_no_way_is_answered_with_the_ways() -> None:
    talk = Talk().types(*ANSWERS, "perhaps")
    assert talk.offered == ("call", "chat")
    assert talk.words


def test_each_question_is_counted_once() -> None:
    talk = Talk(Scene({"vehicle.make": "kia"})).types("2009").types("02139")
    assert talk.counted == [
        ("vehicle.year", "answered"), ("vehicle.make", "known"), ("vehicle.model", "skipped"),
        ("vehicle.engine", "answered"),
    ]  # fmt: skip
    talk.happens(FlowLeft())
    assert talk.counted[-1] == ("postal_code", "left")


def test_what_the_page_knows_is_not_asked_but_shown_in_the_list() -> None:
    talk = Talk(Scene({"vehicle.year": "1998", "vehicle.make": "ford", "vehicle.model": "Edsel"}))
    assert talk.asked.key == "vehicle.model"  # no such model: what the page passes is checked, too
    assert answers_shown(talk.flow, talk.state) == (
        ("vehicle.year", "Year", "1998"), ("vehicle.make", "Make", "Ford"),
    )  # fmt: skip


def test_what_the_page_passes_meanwhile_is_used() -> None:
    talk = Talk()
    talk.scene.known = {"vehicle.year": "2009"}
    assert talk.happens(FlowResumed()).asked.key == "vehicle.make"
    talk.scene.known = {"vehicle.make": "Honda", "vehicle.model": "Civic"}
    assert talk.types("ford").asked.key == "vehicle.model"  # typed before the page's was looked at


def test_changing_an_answer_asks_again_what_depends_on_it() -> None:
    talk = Talk().types(*ANSWERS).happens(WentBack("vehicle.make"))
    assert (talk.asked.key, talk.asked.value) == ("vehicle.make", "Ford")
    assert talk.types("honda").asked.key == "vehicle.model"
    assert talk.asked.choices == ("Civic", "Focus")
    assert talk.types("civic").asked.key == "vehicle.engine"
    assert talk.types("1.8").offered == ("call", "chat")  # the year and the ZIP code stayed


def test_giving_the_same_answer_again_asks_nothing_again() -> None:
    talk = Talk().types(*ANSWERS).happens(WentBack("vehicle.make")).types("Ford")
    assert talk.offered == ("call", "chat")


def test_an_answer_may_be_changed_while_another_question_is_open() -> None:
    talk = Talk().types("2009", "ford").happens(WentBack("vehicle.year"))
    assert talk.types("1999").asked.key == "vehicle.model"
    assert talk.state.values == {"vehicle.year": "1999", "vehicle.make": "Ford"}


def test_back_without_a_key_is_the_question_before() -> None:
    talk = Talk().types("2009", "ford", "back")
    assert talk.asked.key == "vehicle.make"
    assert talk.types("zurück").asked.key == "vehicle.year"
    assert talk.types("back").asked.key == "vehicle.year"


def test_after_three_answers_that_are_not_understood_any_question_may_be_skipped() -> None:
    talk = Talk().types("old")
    assert not talk.asked.may_skip
    assert talk.happens(QuestionSkipped()).words == NEEDED
    talk.types("older", "oldest")
    assert talk.asked.may_skip
    assert "person" in talk.words
    assert talk.types("skip").asked.key == "vehicle.make"
    assert talk.state.tries == 0


def test_an_optional_question_may_be_skipped_at_once() -> None:
    talk = Talk().types("2009", "ford", "f150")
    assert (talk.asked.key, talk.asked.may_skip) == ("vehicle.engine", True)
    assert talk.types("i don\u2019t know").asked.key == "postal_code"


def test_several_meanings_are_told() -> None:
    talk = Talk().types("2009", "ford or honda")
    assert talk.words == "Did you mean Ford or Honda?"


def test_other_answers_are_kept_where_they_may_be() -> None:
    talk = Talk().types("2009", "ford", "focus", "3.9 with 4111 1111 1111 1111")
    assert talk.state.values["vehicle.engine"] == "3.9 with ••••"


def test_a_question_without_choices_is_left_out() -> None:
    assert Talk().types("2009", "kia").asked.key == "vehicle.engine"


def test_when_nobody_is_open_the_next_ending_counts() -> None:
    talk = Talk(Scene(open=False)).types(*ANSWERS)
    assert (talk.words, talk.offered) == ("Closed.", ("callback", "message", "later"))


def test_the_words_that_name_a_place_are_left_out_where_there_is_none() -> None:
    ending = flow().endings[0]
    open_always = flow(endings=(type(ending)(None, ending.say, ending.ways),))
    talk = Talk(flow_=open_always).types(*ANSWERS[:-1], "x", "x", "x", "skip")
    assert talk.words == "Near."


def test_what_cannot_be_had_is_not_offered_and_something_always_is() -> None:
    assert Talk(Scene(ways=frozenset({"chat"}))).types(*ANSWERS).offered == ("chat",)
    assert Talk(Scene(ways=frozenset({"message"}))).types(*ANSWERS).offered == ("message", "later")
    assert Talk(Scene(ways=frozenset())).types(*ANSWERS).offered == ("later",)


def test_a_way_that_is_gone_at_the_click_is_told_and_others_are_offered() -> None:
    talk = Talk().types(*ANSWERS)
    talk.scene.ways = frozenset({"chat"})
    talk.happens(WayChosen("call"))
    assert talk.words.startswith("Sorry")
    assert talk.offered == ("chat",)


def test_a_message_wants_words_and_an_address() -> None:
    talk = Talk(Scene(open=False)).types(*ANSWERS).happens(WayChosen("message"))
    assert talk.asked.kind == "text"
    assert talk.types("Call after 5, my card is 4111111111111111").asked.kind == "email"
    result = talk.types("ann@shop.example").result
    assert result.message == "Call after 5, my card is ••••"
    assert (result.email, result.number, result.consent) == ("ann@shop.example", "", "")


def test_without_a_number_the_ways_are_offered_again() -> None:
    talk = Talk().types(*ANSWERS).happens(WayChosen("call")).types("no", "no", "no", "skip")
    assert talk.offered == ("call", "chat")


def test_a_person_may_be_asked_for_in_every_question() -> None:
    for count in range(len(ANSWERS) + 1):
        for wanted in (HelpWanted(), QuestionAnswered("talk to a person")):
            talk = Talk().types(*ANSWERS[:count]).happens(wanted)
            assert talk.result.way == "chat"
            assert len(talk.result.context) == count


def test_once_a_person_is_there_not_one_more_question_comes() -> None:
    events: Iterable[FlowEvent] = (
        QuestionAnswered("2009"), QuestionSkipped(), FlowResumed(), WentBack(), WayChosen("call"),
        FlowBegan(), HelpWanted(), FlowLeft(), PersonCame(),
    )  # fmt: skip
    for count in range(len(ANSWERS) + 1):
        talk = Talk().types(*ANSWERS[:count]).happens(PersonCame())
        assert talk.said == ()
        for event in events:
            assert talk.happens(event).said == ()


def test_a_newer_version_keeps_what_still_fits() -> None:
    talk = Talk().types("2009", "ford", "f150", "3.5")
    (year, make, model, engine, code) = flow().questions
    without_f150 = replace(model, choices={("ford",): ("Focus",)})
    newer = flow("2", questions=(year, make, without_f150, engine, code))
    adopted = adopt(newer, talk.state, talk.scene)
    assert [answer.key for answer in adopted.answers] == ["vehicle.year", "vehicle.make", "vehicle.engine"]
    _, said = step(newer, adopted, FlowResumed(), talk.scene)
    assert isinstance(said[-1], AskQuestion)
    assert said[-1].key == "vehicle.model"


def test_a_call_in_the_browser_leaves_the_ways_open() -> None:
    scene, made = Scene(), (FlowAnswer("vehicle.make", "Ford"),)
    state = FlowState("radiator", "1", "offered", offered=("pc", "chat"), answers=made)
    for event in (WayChosen("pc"), QuestionAnswered("yes"), QuestionAnswered("talk in the browser")):
        state, said = step(flow(), state, event, scene)
        assert said == (TalkInBrowser({"vehicle.make": "Ford"}), OfferWays(("pc", "chat")))
    assert (state.stage, state.over) == ("offered", False)


def test_choices_are_read_in_the_shoppers_language_and_kept_in_the_first() -> None:
    colour = GuidedQuestion(
        "colour", "¿Qué color?", "Color", "choice", choices={(): ("Blue", "Red")},
        words={"Blue": "Azul", "Red": "Rojo"},
    )  # fmt: skip
    spanish = flow(
        language="es", questions=(colour,), endings=(PreparedEnding(None, "¿{context.colour}?", ("later",)),)
    )
    state, said = step(spanish, begin(spanish), FlowBegan(), Scene())
    asked = said[-1]
    assert isinstance(asked, AskQuestion)
    assert asked.choices == ("Azul", "Rojo")
    for typed in ("asul", "Blue"):
        answered, said = step(spanish, state, QuestionAnswered(typed), Scene())
        assert answered.values == {"colour": "Blue"}
        assert said[-2:] == (SayWords("¿Azul?"), OfferWays(("later",)))
        assert answers_shown(spanish, answered) == (("colour", "Color", "Azul"),)
    _, said = step(spanish, answered, WentBack(), Scene())
    asked = said[-1]
    assert isinstance(asked, AskQuestion)
    assert asked.value == "Azul"
