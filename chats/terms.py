"""How the chats of a site go: their plan, from the settings. Pure."""

from __future__ import annotations

from chat.events import Choice
from chat.plan import ChatPlan, HoldingStep
from config.sections.chat import ChatSettings, HoldingWordsStep


def plan_of(site: str, chat: ChatSettings, route: str, queue: str | None, language: str) -> ChatPlan:
    """The plan of a chat on this route; without a queue it waits in a line of the route's own.

    ``language`` is the shopper's, such as ``de-AT``; empty where it is not known.
    """
    choices: tuple[Choice, ...] = ("wait", *chat.otherwise)
    return ChatPlan(
        site=site,
        route=route,
        queue=queue or f"chat:{route}",
        offer=chat.offer,
        longest=chat.longest_wait,
        choices=choices,
        remind=chat.idle.remind,
        close=chat.idle.close,
        reopen=chat.idle.reopen,
        nudge=chat.agent_silent.nudge,
        hand_on=chat.agent_silent.hand_on,
        holding=tuple(
            HoldingStep(
                _texts(step, language),
                step.after,
                step.every,
                step.at_most if step.every is not None else 1,
            )
            for step in chat.holding
        ),
    )


def _texts(step: HoldingWordsStep, language: str) -> tuple[str, ...]:
    """The wordings in the shopper's language, else those for everybody else."""
    return step.translations.get(language.partition("-")[0].lower()) or step.texts
