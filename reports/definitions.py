"""Every metric, once: what it is called, what it means, and how it is made of the counts. Pure.

A screen, a CSV file and the API show the text beside the number. Whatever shows a number of calls or chats
takes it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from reports.agent_time import StateTimes
from reports.histogram import percentile
from reports.parts import Channel
from reports.tally import Count, CountTally

#: ``share``: from 0 to 1. ``seconds``: a length.
Unit = Literal["count", "share", "seconds"]
Amount = Callable[[CountTally], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a report."""

    id: str
    label: str
    #: In a sentence that somebody who reads the report understands.
    definition: str
    unit: Unit
    channels: tuple[Channel, ...]
    #: None where there is nothing to tell, such as a share of nothing.
    of: Callable[[CountTally], float | None]
    #: Whether more is better; None where neither is.
    better: Literal["more", "less"] | None = None


def _count(name: Count) -> Callable[[CountTally], float]:
    return lambda tally: float(tally[name])


def _share(
    part: Callable[[CountTally], float], whole: Callable[[CountTally], float]
) -> Callable[[CountTally], float | None]:
    def share(tally: CountTally) -> float | None:
        of = whole(tally)
        return part(tally) / of if of else None

    return share


def _mean(time: Count, number: Count) -> Callable[[CountTally], float | None]:
    return lambda tally: tally.seconds(time) / tally[number] if tally[number] else None


def _claims(tally: CountTally) -> float:
    """Those that somebody had a chance to answer."""
    return float(tally["offered"] - tally["early"])


def _abandoned(tally: CountTally) -> float:
    return float(tally["cancelled"] - tally["early"])


def _call_handle(tally: CountTally) -> float | None:
    spent = tally.seconds("talk") + tally.seconds("wrap")
    return spent / tally["answered"] if tally["answered"] else None


BOTH: tuple[Channel, ...] = ("calls", "chats")
CALLS: tuple[Channel, ...] = ("calls",)
CHATS: tuple[Channel, ...] = ("chats",)

METRICS: tuple[Metric, ...] = (
    Metric(
        "offered", "Offered",
        "Requests that a route took. Those that a limit refused are not among them.",
        "count", BOTH, _count("offered"),
    ),
    Metric(
        "answered", "Answered",
        "A person accepted: for calls, the two sides were connected.",
        "count", BOTH, _count("answered"), "more",
    ),
    Metric(
        "answer_rate", "Answer rate",
        "Answered, divided by the offered without those that the shopper gave up within 5 seconds.",
        "share", BOTH, _share(_count("answered"), _claims), "more",
    ),
    Metric(
        "service_level", "Service level",
        "Answered in time, divided by the offered without those given up within 5 seconds. In time is "
        "answer_within of the queue, 20 seconds where there is no queue.",
        "share", BOTH, _share(_count("in_time"), _claims), "more",
    ),
    Metric(
        "speed_p50", "Speed of answer, p50",
        "Half of the answered waited no longer, from the request until a person accepted. Within 5 %.",
        "seconds", BOTH, lambda tally: percentile(tally.wait_bins, 0.5), "less",
    ),
    Metric(
        "speed_p90", "Speed of answer, p90",
        "Nine of ten answered waited no longer, from the request until a person accepted. Within 5 %.",
        "seconds", BOTH, lambda tally: percentile(tally.wait_bins, 0.9), "less",
    ),
    Metric(
        "abandoned", "Abandoned",
        "The shopper gave up before anybody answered, after more than 5 seconds.",
        "count", CALLS, _abandoned, "less",
    ),
    Metric(
        "abandon_rate", "Abandon rate",
        "Abandoned, divided by the offered without those given up within 5 seconds.",
        "share", CALLS, _share(_abandoned, _claims), "less",
    ),
    Metric(
        "shopper_reach", "Shopper reach",
        "Calls in which the shopper's phone answered, divided by those in which it was dialled.",
        "share", CALLS, _share(_count("reached"), _count("dialled")), "more",
    ),
    Metric(
        "handle_time", "Handle time",
        "From the moment that somebody accepted until the end of the call and of the agent's wrap-up, on "
        "average of the answered.",
        "seconds", CALLS, _call_handle,
    ),
    Metric(
        "messages", "Messages",
        "Nobody answered, and the shopper left a message.",
        "count", CALLS, _count("message_taken"),
    ),
    Metric(
        "callbacks", "Callbacks",
        "Nobody answered, and the shopper will be called back.",
        "count", CALLS, _count("callback_booked"),
    ),
    Metric(
        "unanswered", "Unanswered",
        "The shopper was there, and nobody took the call.",
        "count", CALLS, _count("unanswered"), "less",
    ),
    Metric(
        "unreachable", "Shopper unreachable",
        "The shopper's phone was busy, declined, or did not answer.",
        "count", CALLS, _count("shopper_unreachable"),
    ),
    Metric("failed", "Failed", "Our fault, or a trunk's.", "count", CALLS, _count("failed"), "less"),
    Metric(
        "refused", "Refused",
        "A limit or a rule said no before anybody was dialled.",
        "count", CALLS, _count("refused"),
    ),
    Metric(
        "overload", "Lost by overload",
        "Refused because every line of the server was taken.",
        "count", CALLS, _count("overload"), "less",
    ),
    Metric(
        "first_answer", "First answer",
        "From the shopper's asking until the first words of a person; holding words and guided questions do "
        "not count. On average of the chats that got one.",
        "seconds", CHATS, _mean("first_answer", "replied"), "less",
    ),
    Metric(
        "first_answer_p90", "First answer, p90",
        "Nine of ten chats that a person answered had their first words no later. Within 5 %.",
        "seconds", CHATS, lambda tally: percentile(tally.first_bins, 0.9), "less",
    ),
    Metric(
        "next_answers", "Next answers",
        "From the shopper's first unanswered words until an agent's, on average.",
        "seconds", CHATS, _mean("reply", "replies"), "less",
    ),
    Metric(
        "chat_handle_time", "Handle time",
        "How long agents had the chat, on average of those that were accepted.",
        "seconds", CHATS, _mean("handled", "answered"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimeMetric:
    """One number of a report of agents' time."""

    id: str
    label: str
    definition: str
    unit: Unit
    of: Callable[[StateTimes], float | None]
    better: Literal["more", "less"] | None = None


def _occupancy(times: StateTimes) -> float | None:
    there = times["available"] + times.handling
    return times.handling / there if there else None


TIME_METRICS: tuple[TimeMetric, ...] = (
    TimeMetric(
        "occupancy", "Occupancy",
        "Handling time, divided by handling time and available time. Ringing and away are in neither.",
        "share", _occupancy,
    ),
    TimeMetric(
        "logged_in", "Log-in time",
        "How long agents were there, whatever they did: a page of theirs was connected, or a PBX told of "
        "their phone.",
        "seconds", lambda times: times.logged_in,
    ),
    TimeMetric(
        "handling", "Handling time",
        "On a call, with a chat, or wrapping one up.",
        "seconds", lambda times: times.handling,
    ),
    TimeMetric(
        "available", "Available",
        "Ready for a call or chat, and without one.",
        "seconds", lambda times: times["available"],
    ),
    TimeMetric(
        "on_call", "On a call",
        "From the moment that the agent's phone answered until its end, on hold too.",
        "seconds", lambda times: times["on_call"],
    ),
    TimeMetric(
        "on_chat", "With a chat",
        "With one chat or several, and no call.",
        "seconds", lambda times: times["on_chat"],
    ),
    TimeMetric(
        "wrap_up", "Wrapping up",
        "After a call or chat, until the wrap-up was done or its time was over.",
        "seconds", lambda times: times["wrap_up"],
    ),
    TimeMetric(
        "ringing", "Ringing",
        "The agent was rung, and had not answered yet.",
        "seconds", lambda times: times["ringing"],
    ),
    TimeMetric(
        "away", "Away",
        "There, but not to be rung: away by their own choice, or since a page had just been opened.",
        "seconds", lambda times: times["away"],
    ),
)  # fmt: skip
#: Found from the calls themselves, not from counts (:mod:`reports.at_once`).
AT_ONCE: Mapping[Channel, tuple[str, str]] = {
    "calls": (
        "Most calls at once",
        "The most calls that were in progress at the same moment, from the request until the end: while they "
        "waited, too, and without those that a limit refused. Only calls that are still kept can be told.",
    ),
    "chats": (
        "Most chats at once",
        "The most chats that were open at the same moment, from the request until the end: while they "
        "waited, too. Only chats that are still kept can be told.",
    ),
}
BY_ID = {metric.id: metric for metric in METRICS}


def metrics_of(channel: Channel) -> tuple[Metric, ...]:
    """The metrics that calls, or chats, have."""
    return tuple(metric for metric in METRICS if channel in metric.channels)
