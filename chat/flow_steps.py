"""One step of a guided chat: an event in, the new state and what is said out. Pure.

While a flow goes on, every step but those that end it says exactly one thing to answer: a question, or the
ways on. Whatever comes after its end changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chat.flow import (
    MESSAGE,
    MOST_SHOWN,
    TRIES,
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
    FlowWorld,
    GuidedFlow,
    GuidedQuestion,
    HelpWanted,
    How,
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
from chat.flow_words import typed, unclear, way_label, words
from chat.understanding import (
    LONGEST_ANSWER,
    Reading,
    Unclear,
    Understood,
    read_choice,
    read_email,
    read_text,
    read_year,
)
from chat.wording import fill
from config.sections.flows import FIRST_YEAR, FlowWay

Step = tuple[FlowState, tuple[FlowOutput, ...]]


def begin(flow: GuidedFlow) -> FlowState:
    """Where a shopper begins; :class:`FlowBegan` is the first event."""
    return FlowState(flow.name, flow.version)


def step(flow: GuidedFlow, state: FlowState, event: FlowEvent, world: FlowWorld) -> Step:
    """What the event makes of the state, and what is said. ``flow`` is the one of the state's version."""
    if state.over:
        return state, ()
    match event:
        case PersonCame():
            return replace(state, stage="person", open=""), ()
        case FlowLeft():
            left = (CountQuestion(state.open, "left"),) if state.open else ()
            return replace(state, stage="left"), left
        case HelpWanted():
            return _done(flow, replace(state, way="chat"), world)
        case FlowBegan():
            said = fill(flow.say, lambda name: world.value(name, {})) if flow.say else ""
            return _on(flow, state, world, *([SayWords(said)] if said else []))
        case FlowResumed():
            return _again(flow, state, world)
        case WentBack(to=to):
            return _back(flow, state, to, world)
        case QuestionSkipped():
            return _skipped(flow, state, world)
        case WayChosen(way=way):
            return _chosen(flow, state, way, world)
        case QuestionAnswered(text=text):
            return _typed(flow, state, text, world)


def answers_shown(flow: GuidedFlow, state: FlowState) -> tuple[tuple[str, str, str], ...]:
    """The list that the shopper may change: each answer's key, label and value; empty where skipped."""
    known = ((flow.question(answer.key), answer) for answer in state.answers)
    return tuple(
        (answer.key, question.label, question.shown(answer.value)) for question, answer in known if question
    )


# --- what the shopper says ---------------------------------------------------------------------------------


def _typed(flow: GuidedFlow, state: FlowState, text: str, world: FlowWorld) -> Step:
    question = flow.question(state.open)
    if question is not None:
        reading = _read(question, text, state.values, world)
        if isinstance(reading, Understood) and not _is_free(question, reading.value, state):
            return _kept(flow, state, question, reading.value, world)
        match typed(text):
            case "person":
                return _done(flow, replace(state, way="chat"), world)
            case "skip":
                return _skipped(flow, state, world)
            case "back":
                return _back(flow, state, "", world)
        if isinstance(reading, Understood):
            return _kept(flow, state, question, reading.value, world)
        return _unclear(flow, state, question, reading, world)
    return _way_typed(flow, state, text, world)


def _way_typed(flow: GuidedFlow, state: FlowState, text: str, world: FlowWorld) -> Step:
    """An answer to the ways that are offered: yes, the words of one, or at once the number to call."""
    meaning = typed(text)
    if meaning == "person":
        return _done(flow, replace(state, way="chat"), world)
    if meaning == "back":
        return _back(flow, state, "", world)
    if meaning == "yes" and state.offered:
        return _chosen(flow, state, state.offered[0], world)
    if meaning == "no" and "later" in state.offered:
        return _chosen(flow, state, "later", world)
    called: FlowWay | None = next((way for way in state.offered if way in ("call", "callback")), None)
    if called is not None and world.read_phone(text[:LONGEST_ANSWER]) is not None:
        state, said = _chosen(flow, state, called, world)
        return _typed(flow, state, text, world) if state.open else (state, said)
    labels: dict[str, FlowWay] = {way_label(flow.language, way): way for way in state.offered}
    labels |= {way: way for way in state.offered}
    reading = read_choice(text, tuple(labels))
    if isinstance(reading, Understood):
        return _chosen(flow, state, labels[reading.value], world)
    return state, (SayWords(words(flow.language, "choose")), OfferWays(state.offered))


def _is_free(question: GuidedQuestion, value: str, state: FlowState) -> bool:
    """Whether any text would do as well, so that "skip" means what it says."""
    if question.kind == "choice":
        return value not in question.choices_after(state.values)
    return question.kind == "text"


def _read(question: GuidedQuestion, text: str, answers: Mapping[str, str], world: FlowWorld) -> Reading:
    match question.kind:
        case "year":
            least, most = question.between
            return read_year(text, least or FIRST_YEAR, world.year + 1 if most is None else most)
        case "choice":
            reading = _choice(question, text, answers)
            if isinstance(reading, Unclear) and not reading.meant and question.takes_others:
                return _plain(text, world)
            return reading
        case "postal_code":
            code = world.read_postal_code(text[:LONGEST_ANSWER])
            return Unclear() if code is None else Understood(code)
        case "phone":
            number = world.read_phone(text[:LONGEST_ANSWER])
            return Unclear() if number is None else Understood(number)
        case "email":
            return read_email(text)
        case "text":
            return _plain(text, world)


def _choice(question: GuidedQuestion, text: str, answers: Mapping[str, str]) -> Reading:
    """Read by the words that the shopper sees; else by the values, which pages pass."""
    values = question.choices_after(answers)
    shown = {question.shown(value): value for value in values}
    reading = read_choice(text, tuple(shown))
    if isinstance(reading, Understood):
        return Understood(shown[reading.value])
    passed = read_choice(text, values)
    return passed if isinstance(passed, Understood) and not reading.meant else reading


def _plain(text: str, world: FlowWorld) -> Reading:
    reading = read_text(text)
    return Understood(world.masked(reading.value)) if isinstance(reading, Understood) else reading


def _unclear(
    flow: GuidedFlow, state: FlowState, question: GuidedQuestion, reading: Unclear, world: FlowWorld
) -> Step:
    state = replace(state, tries=min(state.tries + 1, TRIES))
    language = flow.language
    if reading.meant:
        said = words(language, "meant").format(words(language, "or").join(reading.meant))
    else:
        said = unclear(language, question.kind)
    if state.tries >= TRIES:
        said = f"{said} {words(language, 'stuck')}"
    return state, (SayWords(said), _ask(question, state, world))


def _skipped(flow: GuidedFlow, state: FlowState, world: FlowWorld) -> Step:
    question = flow.question(state.open)
    if question is None:
        return _again(flow, state, world)
    if not _may_skip(question, state):
        return state, (SayWords(words(flow.language, "needed")), _ask(question, state, world))
    if state.way is not None and question.kind == "phone":
        # Without a number there is nothing to call: back to the ways.
        return _on(
            flow, replace(state, way=None, open="", tries=0), world, CountQuestion(question.key, "skipped")
        )
    return _kept(flow, state, question, "", world, "skipped")


def _kept(
    flow: GuidedFlow,
    state: FlowState,
    question: GuidedQuestion,
    value: str,
    world: FlowWorld,
    how: How = "answered",
) -> Step:
    """Keep an answer; what depends on one that changed is forgotten, and so asked again."""
    before = {answer.key: answer.value for answer in state.answers}
    kept = {answer.key: answer for answer in state.answers}
    kept[question.key] = FlowAnswer(question.key, value, how)
    if question.key in before and before[question.key] != value:
        for key in _dependents(flow, question.key):
            kept.pop(key, None)
    state = replace(state, answers=_in_order(flow, kept), open="", tries=0)
    return _on(flow, state, world, CountQuestion(question.key, how))


def _back(flow: GuidedFlow, state: FlowState, to: str, world: FlowWorld) -> Step:
    """Ask again what was answered; the answer stays until there is another one."""
    order = [answer.key for answer in state.answers if answer.key != state.open]
    if not to:
        keys = [each.key for each in flow.questions]
        before = keys[: keys.index(state.open)] if state.open in keys else keys
        to = next((key for key in reversed(before) if key in order), "")
    question = flow.question(to)
    if question is None or to not in order:
        return _again(flow, state, world)
    if question in flow.questions:
        state = replace(state, way=None)
    state = replace(state, stage="asking", open=to, tries=0, offered=())
    return state, (_ask(question, state, world),)


def _chosen(flow: GuidedFlow, state: FlowState, way: FlowWay, world: FlowWorld) -> Step:
    if state.stage != "offered" or way not in state.offered:
        return _again(flow, state, world)
    if way not in world.ways and way != "later":
        # It was there when it was offered.
        return _on(flow, replace(state, offered=()), world, SayWords(words(flow.language, "none")))
    if way == "pc":
        return state, (TalkInBrowser(_context(flow, state.values)), OfferWays(state.offered))
    return _on(flow, replace(state, way=way, stage="asking", offered=()), world)


# --- what comes next ---------------------------------------------------------------------------------------


def _on(flow: GuidedFlow, state: FlowState, world: FlowWorld, *said: FlowOutput) -> Step:
    """The next question, or the ways on, or the end."""
    counted: list[FlowOutput] = list(said)
    questions = [*flow.questions, *_further(flow, state)]
    for question in questions:
        if any(answer.key == question.key for answer in state.answers):
            continue
        known = _known(question, state, world)
        nothing = question.kind == "choice" and not question.choices_after(state.values)
        if known is None and not (nothing and not question.takes_others):
            state = replace(state, stage="asking", open=question.key)
            return state, (*counted, _ask(question, state, world))
        how: How = "skipped" if known is None else "known"
        answer = FlowAnswer(question.key, known or "", how)
        kept = {**{each.key: each for each in state.answers}, question.key: answer}
        state = replace(state, answers=_in_order(flow, kept), open="", tries=0)
        counted.append(CountQuestion(question.key, how))
    if state.way is not None:
        return _done(flow, state, world, *counted)
    values = state.values
    ending = _ending(flow, values, world)
    ways = tuple(way for way in ending.ways if way in world.ways or way == "later")
    text = fill(ending.say, lambda name: _told(flow, values, name) or world.value(name, values))
    if not ways:
        rest: tuple[FlowWay, ...] = ("callback", "message")
        ways = (*(way for way in rest if way in world.ways), "later")
    state = replace(state, stage="offered", open="", tries=0, offered=ways)
    return state, (*counted, SayWords(text), OfferWays(ways))


def _again(flow: GuidedFlow, state: FlowState, world: FlowWorld) -> Step:
    """Say once more what is open; what the page has passed meanwhile counts."""
    question = flow.question(state.open)
    if question is None:
        if state.stage == "offered":
            return state, (OfferWays(state.offered),)
        return _on(flow, state, world)
    if not any(answer.key == question.key for answer in state.answers) and _known(question, state, world):
        return _on(flow, replace(state, open="", tries=0), world)
    return state, (_ask(question, state, world),)


def _told(flow: GuidedFlow, values: Mapping[str, str], name: str) -> str:
    """What was answered to a choice in another language, as the shopper read it; empty for anything else."""
    question = flow.question(name.removeprefix("context.")) if name.startswith("context.") else None
    return question.words.get(values.get(question.key, ""), "") if question else ""


def _ending(flow: GuidedFlow, answers: Mapping[str, str], world: FlowWorld) -> PreparedEnding:
    facts = world.facts(answers)
    holds = (ending for ending in flow.endings if ending.condition is None or ending.condition.holds(facts))
    return next(holds, flow.endings[-1])


def _further(flow: GuidedFlow, state: FlowState) -> Iterator[GuidedQuestion]:
    """What the chosen way asks for besides, unless a question of the flow has asked for it."""
    if state.way is None:
        return
    answered = {each.kind for each in flow.questions if state.values.get(each.key)}
    for question in flow.further.get(state.way, ()):
        if question.kind not in ("phone", "email") or question.kind not in answered:
            yield question


def _known(question: GuidedQuestion, state: FlowState, world: FlowWorld) -> str | None:
    """What the page has passed of this, if it is a usable answer."""
    passed = world.known.get(question.key, "") if question.skip_if_known else ""
    if not passed:
        return None
    reading = _read(question, passed, state.values, world)
    return reading.value if isinstance(reading, Understood) else None


def _ask(question: GuidedQuestion, state: FlowState, world: FlowWorld) -> AskQuestion:
    choices = question.choices_after(state.values) if question.kind == "choice" else ()
    return AskQuestion(
        key=question.key,
        text=question.ask,
        kind=question.kind,
        choices=tuple(map(question.shown, choices)) if len(choices) <= MOST_SHOWN else (),
        may_skip=_may_skip(question, state),
        value=question.shown(state.values.get(question.key, "")),
        consent=question.consent,
    )


def _may_skip(question: GuidedQuestion, state: FlowState) -> bool:
    return question.optional or state.tries >= TRIES


def _done(flow: GuidedFlow, state: FlowState, world: FlowWorld, *said: FlowOutput) -> Step:
    assert state.way is not None  # noqa: S101 - callers have chosen one
    values = state.values
    number = _of_kind(flow, state, "phone")
    result = FlowResult(
        way=state.way,
        context=_context(flow, values),
        number=values[number.key] if number else "",
        email=values[email.key] if (email := _of_kind(flow, state, "email")) else "",
        message=values.get(MESSAGE, ""),
        consent=number.consent if number else "",
    )
    return replace(state, stage="done", open=""), (*said, result)


def _context(flow: GuidedFlow, values: Mapping[str, str]) -> dict[str, str]:
    """What was answered, without what a way asks for besides."""
    further = {question.key for questions in flow.further.values() for question in questions}
    return {key: value for key, value in values.items() if key not in further and value}


def contact_given(flow: GuidedFlow, state: FlowState) -> tuple[str, str]:
    """The number and the address that the shopper has given by now; empty where they gave none."""
    number, email = _of_kind(flow, state, "phone"), _of_kind(flow, state, "email")
    return (
        state.values[number.key] if number else "",
        state.values[email.key] if email else "",
    )


def _of_kind(flow: GuidedFlow, state: FlowState, kind: str) -> GuidedQuestion | None:
    """The answered question of this kind; what was asked last counts."""
    questions = (*_further(flow, state), *reversed(flow.questions))
    return next((each for each in questions if each.kind == kind and state.values.get(each.key)), None)


def _dependents(flow: GuidedFlow, key: str) -> set[str]:
    """The questions whose choices depend on this answer, or on one that does."""
    found: set[str] = set()
    for question in flow.questions:  # each depends on earlier ones alone
        if {key, *found} & set(question.depends_on):
            found.add(question.key)
    return found


def _in_order(flow: GuidedFlow, answers: Mapping[str, FlowAnswer]) -> tuple[FlowAnswer, ...]:
    further = (each for questions in flow.further.values() for each in questions)
    order = dict.fromkeys(question.key for question in (*flow.questions, *further))
    return tuple(answers[key] for key in order if key in answers)


def adopt(flow: GuidedFlow, state: FlowState, world: FlowWorld) -> FlowState:
    """The state in a newer version of its flow: what was answered stays where it still fits."""
    if state.version == flow.version or state.over:
        return state
    fresh = begin(flow)
    former = {answer.key: answer for answer in state.answers}
    for question in flow.questions:
        answer = former.get(question.key)
        if answer is None or answer.how == "skipped":
            continue
        reading = _read(question, answer.value, fresh.values, world)
        if isinstance(reading, Understood) and reading.value == answer.value:
            fresh = replace(fresh, answers=(*fresh.answers, answer))
    return fresh
