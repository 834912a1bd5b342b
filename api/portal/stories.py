"""What happened around one call or chat, in its order and in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.portal.report_models import StoryEvent
from bridge.cdr import CallRecord
from bridge.masking import mask_digits, mask_number
from follow.lead import ContactKind
from reports.parts import CountedChat, page_group
from store.talks import TalkStory


def number_of(story: TalkStory) -> str:
    """The shopper's number, masked; empty where none is kept."""
    return mask_number(story.call.number) if story.call and story.call.number.startswith("+") else ""


def story_events(story: TalkStory, channel: str) -> list[StoryEvent]:
    """Everything, the first thing first."""
    return sorted(_events(story, channel), key=lambda event: event.at)


def _events(story: TalkStory, channel: str) -> Iterator[StoryEvent]:
    talk = story.found.talk
    asked = talk.requested_at if isinstance(talk, CallRecord) else talk.asked_at
    if talk.page:
        begins = min(asked, story.offer["offered_at"]) if story.offer else asked
        yield StoryEvent(at=begins, kind="page", text=f"On the page {page_group(talk.page) or '/'}")
    if offer := story.offer:
        told = f'The rule "{offer["rule"]}" offered to talk: {offer["outcome"]}'
        yield StoryEvent(at=offer["offered_at"], kind="offer", text=told)
    if story.chat is not None:
        yield from _of_chat(story, linked=channel == "calls")
    for step in story.views:
        yield StoryEvent(at=step["at"], kind="view", text=_view_step(step))
    if story.call is not None:
        yield from _of_call(story.call, linked=channel == "chats")
    elif isinstance(talk, CountedChat) and talk.outcome == "":
        return
    for recording in story.recordings:
        yield _recording(recording)
    for message in story.messages:
        text = f"The shopper left a message of {message['seconds']:.0f} s in {message['mailbox']}"
        yield StoryEvent(at=message["taken_at"], kind="message", text=text)
    for callback in story.callbacks:
        text = f"A callback was booked: {callback['state'].replace('_', ' ')}"
        last = callback["last_call_id"]
        yield StoryEvent(
            at=callback["booked_at"], kind="callback", text=text, talk=f"calls/{last}" if last else None
        )
    if story.lead is not None:
        yield from _of_lead(story, story.lead)
    for order in story.orders:
        value = "" if order["value"] is None else f" of {order['value'] / 100:.2f} {order['currency']}"
        who = "" if order["source"] == "server" else ", as the page says"
        yield StoryEvent(at=order["at"], kind="order", text=f"The shopper bought{value}{who}")


def _of_lead(story: TalkStory, lead: Mapping[str, Any]) -> Iterator[StoryEvent]:
    """That it became a lead, what was promised, every further try to reach one another, and the end."""
    known = {str(each): each.meaning for each in ContactKind}
    yield StoryEvent(at=lead["opened_at"], kind="lead", text=f"Became a lead: {known.get(lead['kind'], '')}")
    here = {story.call.call_id if story.call else None, story.chat["id"] if story.chat else None}
    for contact in story.contacts:
        if contact["ref"] in here:
            continue
        kind = contact["kind"]
        text = f"{contact['by']}: {kind.replace('_', ' ')}" if contact["by"] else known.get(kind, kind)
        yield StoryEvent(at=contact["at"], kind="contact", text=text[:1].upper() + text[1:])
    for promise in story.promises:
        what = f'"{promise["promise"]}" ({promise["term"]} answer)'
        yield StoryEvent(
            at=promise["since"], kind="promise", text=f"Promised by {what}: {promise['explanation']}"
        )
        if promise["breached_at"] is not None:
            yield StoryEvent(at=promise["breached_at"], kind="breach", text=f"The promise {what} was broken")
        if promise["met_at"] is not None:
            late = ", late" if promise["breached_at"] is not None else " in time"
            yield StoryEvent(at=promise["met_at"], kind="answer", text=f"A person answered{late}")
    if lead["closed_at"] is not None:
        code = f" as {lead['code']}" if lead["code"] else ""
        yield StoryEvent(
            at=lead["closed_at"], kind="lead_closed", text=f"The lead was closed: {lead['closed_how']}{code}"
        )


def _of_chat(story: TalkStory, *, linked: bool) -> Iterator[StoryEvent]:
    chat = story.chat
    assert chat is not None  # noqa: S101 - the caller looked
    there = f"chats/{chat['id']}" if linked else None
    queue = f" in the queue {chat['queue']}" if chat["queue"] else ""
    yield StoryEvent(at=chat["asked_at"], kind="chat", text=f"Asked for a chat{queue}", talk=there)
    who = chat["last_agent"] or "somebody"
    if chat["accepted_at"] is not None:
        yield StoryEvent(at=chat["accepted_at"], kind="chat_accepted", text=f"{who} accepted the chat")
    if chat["first_answer_at"] is not None:
        yield StoryEvent(
            at=chat["first_answer_at"], kind="chat_answered", text=f"{who} wrote the first words"
        )
    if chat["ended_at"] is not None:
        outcome = (chat["outcome"] or "").replace("_", " ")
        rated = f", rated {chat['rating']} of 5" if chat["rating"] else ""
        yield StoryEvent(at=chat["ended_at"], kind="chat_ended", text=f"The chat was over: {outcome}{rated}")


def _of_call(call: CallRecord, *, linked: bool) -> Iterator[StoryEvent]:
    there = f"calls/{call.call_id}" if linked else None
    text = f"Asked for a call on the route {call.route}" if call.route else "Asked for a call"
    yield StoryEvent(at=call.requested_at, kind="call", text=text, talk=there)
    for leg in call.legs:
        name = mask_digits(leg.label or leg.destination)
        if leg.role == "shopper":
            yield StoryEvent(at=leg.dialed_at, kind="shopper_dialled", text="The shopper's phone was dialled")
            if leg.answered_at is not None:
                yield StoryEvent(at=leg.answered_at, kind="shopper_answered", text="The shopper answered")
        else:
            yield StoryEvent(at=leg.dialed_at, kind="dialled", text=f"{name} was rung")
            if leg.answered_at is not None:
                yield StoryEvent(at=leg.answered_at, kind="answered", text=f"{name} answered")
            if leg.joined_at is not None:
                yield StoryEvent(at=leg.joined_at, kind="joined", text=f"{name} and the shopper talked")
            cause = leg.cause.value.replace("_", " ")
            yield StoryEvent(at=leg.ended_at, kind="leg_ended", text=f"{name}: {cause}")
    outcome = call.disposition.value.replace("_", " ")
    why = f" ({call.reason or (call.cause.value if call.cause else '')})" if call.reason or call.cause else ""
    text = f"The call was over: {outcome}{why.replace('_', ' ')}"
    yield StoryEvent(at=call.ended_at, kind="call_ended", text=text)
    for wrap_up in call.wrap_ups:
        code = f" as {wrap_up.code}" if wrap_up.code else ""
        yield StoryEvent(at=wrap_up.at, kind="wrap_up", text=f"{wrap_up.agent} wrapped it up{code}")


def _recording(recording: Mapping[str, Any]) -> StoryEvent:
    seconds, heard = recording["seconds"], None
    if seconds is None:
        text = "What they say is being recorded"
    elif not seconds:
        text = "Their talk was to be recorded, and the disk refused it"
    else:
        text, heard = f"What they said was recorded: {seconds:.0f} s", recording["id"]
        text += ", of which the disk refused a part" if recording["failed"] else ""
    return StoryEvent(at=recording["began_at"], kind="recording", text=text, recording=heard)


_SCOPES = {"see": "see the page", "point": "point and scroll", "fill": "fill in and click"}
_DEEDS = {
    "point": "pointed at something", "highlight": "highlighted something", "scroll": "scrolled the page",
    "propose": "proposed what to fill in", "fill": "filled in a field", "click": "clicked something",
    "navigate": "opened a page",
}  # fmt: skip
_ENDS = {
    "shopper": "the shopper ended it", "agent": "the agent ended it", "talk_ended": "the talk was over",
    "too_long": "it had lasted as long as it may", "idle": "nobody did anything",
    "declined": "the shopper did not agree", "unanswered": "the shopper did not answer",
    "gone": "the shopper's page was gone", "replaced": "another one began", "server": "the server stopped",
}  # fmt: skip


def _view_step(step: Mapping[str, Any]) -> str:
    """A step of a shared view in words."""
    agent, scopes = step["agent"], " and ".join(_SCOPES[scope] for scope in step["scopes"].split())
    match step["step"]:
        case "asked":
            return f"{agent} asked to {scopes}"
        case "agreed":
            return f"The shopper agreed that {agent} may {scopes} (text {step['version']})"
        case "declined":
            return f"The shopper did not agree that {agent} may {scopes}"
        case "watched":
            return f"{agent} saw the shopper's page"
        case "unanswered":
            return f"The shopper did not answer whether {agent} may {scopes}"
        case "revoked":
            return f"The shopper took back that {agent} may {scopes}"
        case "action":
            deed = _DEEDS[step["what"]]
            if step["result"] == "done":
                return f"{agent} {deed}"
            why = f" ({step['reason'].replace('_', ' ')})" if step["reason"] else ""
            return f"{agent} would have {deed}: {step['result']}{why}"
    return f"The shared view was over: {_ENDS[step['what']]}"
