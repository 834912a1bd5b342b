"""Which chats become leads, and which answer them: follows the facts of chats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bridge.bulletin import Interest, on
from bridge.protocols import Clock
from chat.facts import ChatOver, ChatReplied
from chat.records import ChatOpening
from config.models import Config
from follow.lead import ContactKind, LeadContact, LeadPerson, Unserved
from leads.desk import LeadDesk
from leads.persons import is_mail, person_of

#: Seconds within which somebody who leaves has changed their mind.
PATIENCE = 30.0
#: Characters of what was said that the lead keeps.
LONGEST = 2000


def kind_of_chat(fact: ChatOver) -> ContactKind | None:
    """What a chat that is over becomes; None where it was served, or told by other means.

    A message and an early end of guided questions are told with what was left in them.
    """
    match fact.outcome:
        case "abandoned":
            return ContactKind.CHAT_LEFT if fact.waited >= PATIENCE else None
        case "unanswered":
            return ContactKind.CHAT_UNANSWERED
        case "lost":
            return ContactKind.CHAT_LEFT
    return None


class ChatLeads:
    """A :class:`bridge.bulletin.Subscriber`.

    ``opening(chat_id)`` is how a chat in memory was asked for, ``queue(chat_id)`` where it waits.
    """

    def __init__(
        self,
        *,
        desk: LeadDesk,
        config: Callable[[], Config],
        clock: Clock,
        opening: Callable[[str], ChatOpening | None],
        queue: Callable[[str], str],
    ) -> None:
        self._desk = desk
        self._config = config
        self._clock = clock
        self._opening = opening
        self._queue = queue

    def interests(self) -> Iterable[Interest]:
        """How each chat ends, and that an agent answers."""
        return (on(ChatOver, self._over), on(ChatReplied, self._replied))

    def left_message(self, chat_id: str, reply_to: str, said: Sequence[str]) -> None:
        """A shopper left a message, as nobody had time to chat."""
        self._unserved(chat_id, ContactKind.MESSAGE, mail=reply_to, said="\n".join(said))

    def left_flow(self, chat_id: str, number: str, mail: str, answers: Mapping[str, str]) -> None:
        """A shopper left guided questions after giving a number or an address."""
        self._unserved(chat_id, ContactKind.FLOW_LEFT, number=number, mail=mail, more=answers)

    def _replied(self, fact: ChatReplied) -> None:
        opening = self._opening(fact.chat_id)
        if opening is not None:
            # Whatever the page claims may be somebody else's: their lead would be closed by it.
            person = person_of(self._config(), opening.site, "", {}, opening.signed, opening.visitor)
            self._desk.served(person, opening.site, fact.agent)

    def _over(self, fact: ChatOver) -> None:
        kind = kind_of_chat(fact)
        if kind is not None:
            self._unserved(fact.chat_id, kind)

    def _unserved(
        self,
        chat_id: str,
        kind: ContactKind,
        *,
        number: str = "",
        mail: str = "",
        said: str = "",
        more: Mapping[str, str] | None = None,
    ) -> None:
        opening = self._opening(chat_id)
        if opening is None:
            return
        typed = is_mail(mail)
        person = self._person(opening, more or {}).with_more(
            LeadPerson(number=number, mail=mail if typed else "")
        )
        self._desk.unserved(
            Unserved(
                site=opening.site,
                contact=LeadContact(kind, chat_id, self._clock.time()),
                person=person,
                page=opening.page,
                context={**opening.context, **(more or {})},
                signed=opening.signed,
                said=said[:LONGEST],
                typed_mail=typed,
                client_ip=opening.client_ip,
                queue=self._queue(chat_id),
            )
        )

    def _person(self, opening: ChatOpening, more: Mapping[str, str] | None = None) -> LeadPerson:
        context = {**opening.context, **(more or {})}
        return person_of(self._config(), opening.site, "", context, opening.signed, opening.visitor)
