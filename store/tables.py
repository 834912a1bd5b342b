"""The tables, in portable SQL. Whatever changes here needs a migration; a test compares the two.

Times are seconds since the epoch in double precision: they sort, every database has the type, and they
come back as the very floats that went in. Closed vocabularies (dispositions, causes) are plain strings, so
that a new word needs no migration.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

# Names in a fixed pattern, so that migrations can refer to constraints on every database.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

#: One row a request, from the click on. ``ended_at`` is null while the call lives; ``disposition`` is set
#: as soon as the call is settled. ``context`` is what the page claimed, ``signed`` what the retailer's server
#: had signed; both are flat, texts by keys.
calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("route", String, nullable=False),
    Column("number", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("signed", JSON, nullable=False, server_default="{}"),
    Column("client_ip", String, nullable=False),
    #: The /56 and /48 around an IPv6 address; null for IPv4.
    Column("client_net56", String),
    Column("client_net48", String),
    #: Which customer it is, where the retailer's server said so; null where it did not.
    Column("visitor", String),
    #: The chat that it came of. No foreign key: chats may be kept for a shorter time.
    Column("chat_id", String),
    Column("requested_at", Double, nullable=False),
    Column("bridged_at", Double),
    Column("ended_at", Double),
    Column("disposition", String),
    Column("cause", String),
    Column("reason", String),
    #: 1 once the ended call is in ``call_counts`` and ``part_counts``.
    Column("counted", Integer, nullable=False, server_default=text("0")),
    #: How long agents wrapped it up, in seconds together.
    Column("wrapped", Double, nullable=False, server_default=text("0")),
    #: Which life of which node runs it, or ran it: ``nodes.life``; null of calls from before that was kept.
    Column("life", String),
)

# Each serves a filter of the CDRs, newest first with the id as tie-break, or a limit.
Index("ix_calls_requested_at", calls.c.requested_at, calls.c.id)
Index("ix_calls_site", calls.c.site, calls.c.requested_at, calls.c.id)
Index("ix_calls_number", calls.c.number, calls.c.requested_at, calls.c.id)
Index("ix_calls_disposition", calls.c.disposition, calls.c.requested_at, calls.c.id)
Index("ix_calls_client_ip", calls.c.client_ip, calls.c.requested_at)
for _wider in (calls.c.client_net56, calls.c.client_net48):
    Index(
        f"ix_calls_{_wider.name}",
        _wider,
        calls.c.requested_at,
        sqlite_where=_wider.is_not(None),
        postgresql_where=_wider.is_not(None),
    )
# Reports by two parts, and lists behind a number.
Index("ix_calls_route", calls.c.route, calls.c.requested_at, calls.c.id)
# Most rows have no visitor.
Index(
    "ix_calls_visitor",
    calls.c.visitor,
    calls.c.requested_at,
    calls.c.id,
    sqlite_where=calls.c.visitor.is_not(None),
    postgresql_where=calls.c.visitor.is_not(None),
)
# Few calls come of chats.
Index(
    "ix_calls_chat_id",
    calls.c.chat_id,
    sqlite_where=calls.c.chat_id.is_not(None),
    postgresql_where=calls.c.chat_id.is_not(None),
)
# A handful of rows among millions, as is what a start has to close.
Index(
    "ix_calls_uncounted",
    calls.c.requested_at,
    sqlite_where=text("counted = 0"),
    postgresql_where=text("counted = 0"),
)
Index(
    "ix_calls_unfinished",
    calls.c.id,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

#: Ended calls, counted in buckets of 15 minutes from which reports are made; see ``reports/counts.py``.
call_counts = Table(
    "call_counts",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("site", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("destination", String, primary_key=True),
    Column("disposition", String, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("cancelled_early", Integer, nullable=False),
    Column("shoppers_dialled", Integer, nullable=False),
    Column("shoppers_answered", Integer, nullable=False),
    Column("wait", Double, nullable=False),
    Column("talk", Double, nullable=False),
    #: Counts by bin, of ``reports/histogram.py``.
    Column("waits", JSON, nullable=False),
)

#: Ended calls and chats by one thing at a time, from which the portal's reports are made: reports/parts.py.
#: A row is of 15 minutes or of a day, UTC: ``span`` seconds. The last three are those of reports/tally.py.
part_counts = Table(
    "part_counts",
    metadata,
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("channel", String, primary_key=True),
    Column("part", String, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("site", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("sums", LargeBinary, nullable=False),
    Column("waits", LargeBinary, nullable=False),
    Column("firsts", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

#: One row a leg of a finished call. The media columns are all null for a leg without media; those of what a
#: browser heard, for one whose far side told nothing of it.
legs = Table(
    "legs",
    metadata,
    Column("call_id", ForeignKey(calls.c.id, ondelete="CASCADE"), primary_key=True),
    #: Place among the call's legs, from 0.
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("leg_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("label", String, nullable=False),
    Column("uri", String, nullable=False),
    Column("dialed_at", Double, nullable=False),
    Column("ringing_at", Double),
    Column("answered_at", Double),
    Column("joined_at", Double),
    Column("ended_at", Double, nullable=False),
    Column("cause", String, nullable=False),
    Column("sip_status", Integer),
    Column("sip_call_id", String),
    Column("codec", String),
    Column("packets_received", Integer),
    Column("packets_lost", Integer),
    Column("packets_sent", Integer),
    Column("jitter_ms", Double),
    Column("heard_loss", Double),
    Column("heard_jitter_ms", Double),
    Column("heard_concealed", Double),
)

# Who took which calls.
Index(
    "ix_legs_destination",
    legs.c.destination,
    legs.c.call_id,
    sqlite_where=legs.c.joined_at.is_not(None),
    postgresql_where=legs.c.joined_at.is_not(None),
)

#: The legs of calls that live, as they were last told: what is left of them when the core dies. A finished
#: call has none here.
live_legs = Table(
    "live_legs",
    metadata,
    Column("call_id", ForeignKey(calls.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("leg_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("label", String, nullable=False),
    Column("uri", String, nullable=False),
    Column("dialed_at", Double, nullable=False),
    Column("ringing_at", Double),
    Column("answered_at", Double),
    Column("joined_at", Double),
    #: Null while the leg lives.
    Column("ended_at", Double),
    Column("cause", String),
    Column("sip_status", Integer),
    Column("sip_call_id", String),
)

#: The lives of nodes, each from a start of a server to its end; of those that are over, what still matters.
nodes = Table(
    "nodes",
    metadata,
    Column("life", String, primary_key=True),
    Column("node", String, nullable=False),
    Column("version", String, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
)

#: What only one node at a time may do, and the life that does: store/lease.py.
leases = Table(
    "leases",
    metadata,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("until", Double, nullable=False),
    Column("epoch", Integer, nullable=False),
)

#: When a core without a name was last known to live, in one row.
heartbeats = Table(
    "heartbeats",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
)

#: What was learnt of queues, by their names: the intervals between turns by the number of people at work (as
#: text, for JSON), how many gave up, and in how much waiting.
queues = Table(
    "queues",
    metadata,
    Column("name", String, primary_key=True),
    Column("intervals", JSON, nullable=False),
    Column("gave_up", Double, nullable=False),
    Column("waited", Double, nullable=False),
    Column("learnt_at", Double, nullable=False),
)

#: What agents wrote of calls, one row for each agent who had the call.
wrap_ups = Table(
    "wrap_ups",
    metadata,
    Column("call_id", ForeignKey(calls.c.id, ondelete="CASCADE"), primary_key=True),
    Column("agent", String, primary_key=True),
    Column("code", String),
    Column("note", Text),
    Column("written_at", Double, nullable=False),
)

#: What shoppers left to be heard; the audio is the file at ``path``. No foreign key to the call: the two are
#: kept for different lengths of time.
messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("mailbox", String, nullable=False),
    Column("site", String, nullable=False),
    Column("number", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("signed", JSON, nullable=False, server_default="{}"),
    Column("path", String, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("taken_at", Double, nullable=False),
)

# As for the calls; the one of the mailboxes also finds what is too old.
Index("ix_messages_taken_at", messages.c.taken_at, messages.c.id)
Index("ix_messages_site", messages.c.site, messages.c.taken_at, messages.c.id)
Index("ix_messages_mailbox", messages.c.mailbox, messages.c.taken_at, messages.c.id)

#: Talks that were recorded, a row for each stretch in which shopper and business heard each other. Without
#: ``seconds`` it is not complete; ``failed``: the disk refused it, or some of it.
recordings = Table(
    "recordings",
    metadata,
    Column("id", String, primary_key=True),
    Column("call_id", String, nullable=False),
    Column("site", String, nullable=False),
    Column("leg_id", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("path", String, nullable=False),
    Column("began_at", Double, nullable=False),
    Column("seconds", Double),
    Column("failed", Boolean, nullable=False),
)
Index("ix_recordings_began_at", recordings.c.began_at, recordings.c.id)
Index("ix_recordings_call", recordings.c.call_id)

#: Promises to call back. The click is kept whole, as the callback is planned from it.
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", String, primary_key=True),
    Column("secret", String, nullable=False),
    Column("call_id", String, nullable=False),
    Column("terms", String, nullable=False),
    Column("site", String, nullable=False),
    Column("number", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("signed", JSON, nullable=False, server_default="{}"),
    Column("client_ip", String, nullable=False),
    Column("booked_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("last_call_id", String),
    UniqueConstraint("secret"),
)

Index("ix_callbacks_booked_at", callbacks.c.booked_at, callbacks.c.id)
Index("ix_callbacks_call_id", callbacks.c.call_id, callbacks.c.booked_at, callbacks.c.id)
# What is open, the next one first; and how many there are in each state.
Index("ix_callbacks_state", callbacks.c.state, callbacks.c.due_at)

#: The outbox. ``message_id`` ties a delivery to the message that it tells of, so that what quotes a message
#: goes with it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("message_id", ForeignKey(messages.c.id, ondelete="CASCADE")),
    Column("kind", String, nullable=False),
    Column("mailbox", String, nullable=False),
    Column("target", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("attachment", String),
    Column("created_at", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Double),
    Column("delivered_at", Double),
    Column("error", String, nullable=False),
    Column("site", String, nullable=False, server_default=text("''")),
    #: What it tells of besides calls and messages, such as ``chat:ID``.
    Column("about", String, nullable=False, server_default=text("''")),
    Column("html", Text, nullable=False, server_default=text("''")),
    #: Of a mail: headers beside those that every mail has.
    Column("headers", JSON, nullable=False, server_default="{}"),
)

Index("ix_deliveries_message_id", deliveries.c.message_id)
Index("ix_deliveries_created_at", deliveries.c.created_at, deliveries.c.id)
# Answers how many there are of each kind, without reading a single body.
Index("ix_deliveries_kind", deliveries.c.kind, deliveries.c.next_at, deliveries.c.delivered_at)
# A handful of rows among all that was ever sent: what is waiting, and what was given up.
_waiting = deliveries.c.next_at.is_not(None)
_dead = deliveries.c.next_at.is_(None) & deliveries.c.delivered_at.is_(None)
Index(
    "ix_deliveries_waiting",
    deliveries.c.next_at,
    deliveries.c.id,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
Index(
    "ix_deliveries_dead", deliveries.c.created_at, deliveries.c.id, sqlite_where=_dead, postgresql_where=_dead
)

#: The tokens of signed data that are used up and have not yet expired.
used_tokens = Table(
    "used_tokens",
    metadata,
    Column("site", String, primary_key=True),
    Column("token_id", String, primary_key=True),
    Column("expires_at", Double, nullable=False),
)

Index("ix_used_tokens_expires_at", used_tokens.c.expires_at)

#: What each leg costs the accounts that it is on, in decimals as texts: no database rounds those. ``money``
#: and ``minutes`` are null until the leg is over.
spend = Table(
    "spend",
    metadata,
    Column("leg_id", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("day", String, nullable=False),
    Column("per_minute", String, nullable=False),
    Column("increment", Double, nullable=False),
    Column("dialed_at", Double, nullable=False),
    Column("money", String),
    Column("minutes", String),
)

Index("ix_spend_day", spend.c.day)

#: What became of engagement rules, by 15 minutes: counts without persons, kept for ever.
page_counts = Table(
    "page_counts",
    metadata,
    Column("site", String, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("rule", String, primary_key=True),
    Column("variant", String, primary_key=True),
    Column("arm", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("device", String, primary_key=True),
    Column("n", Integer, nullable=False),
)

#: Which buttons were seen and clicked, by day and page; kept for ever.
placements = Table(
    "placements",
    metadata,
    Column("site", String, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("place", String, primary_key=True),
    Column("page", String, primary_key=True),
    Column("way", String, primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("clicked", Integer, nullable=False),
)

#: Browsers of shoppers who agreed to be remembered, and customers that the retailer's server named.
visitors = Table(
    "visitors",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("first_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("memory", JSON, nullable=False),
    #: The last call that they asked for.
    Column("call_id", String),
    Column("called_at", Double),
)

Index("ix_visitors_last_at", visitors.c.site, visitors.c.last_at, visitors.c.id)

#: What visitors were offered, the control arm too: one row a visitor, rule and epoch, from the first time on.
offers = Table(
    "offers",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("visitor", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("epoch", String, nullable=False),
    Column("variant", String, nullable=False),
    Column("arm", String, nullable=False),
    Column("page", String, nullable=False),
    Column("offered_at", Double, nullable=False),
    Column("outcome", String, nullable=False),
    Column("answered_at", Double),
    Column("call_id", String),
    Column("chat_id", String),
)

Index("ix_offers_offered_at", offers.c.site, offers.c.offered_at, offers.c.id)
for _talk in (offers.c.call_id, offers.c.chat_id):
    Index(
        f"ix_offers_{_talk.name}", _talk, sqlite_where=_talk.is_not(None), postgresql_where=_talk.is_not(None)
    )
Index("ix_offers_visitor", offers.c.site, offers.c.visitor, offers.c.offered_at)

#: Who bought. ``source``: ``server`` for what the retailer's server signed, ``page`` for what a page claims.
conversions = Table(
    "conversions",
    metadata,
    Column("site", String, primary_key=True),
    Column("ref", String, primary_key=True),
    Column("visitor", String),
    Column("at", Double, nullable=False),
    Column("value", BigInteger),
    Column("currency", String, nullable=False),
    Column("source", String, nullable=False),
    Column("offer_id", String),
    Column("call_id", String),
    Column("chat_id", String),
    #: How much of the value was paid back, so far.
    Column("refunded", BigInteger, nullable=False, server_default="0"),
)

Index("ix_conversions_at", conversions.c.site, conversions.c.at, conversions.c.ref)
Index("ix_conversions_visitor", conversions.c.site, conversions.c.visitor, conversions.c.at)

#: Chats, from the click on. ``ended_at`` is null while one is open; the agent's name is that in the settings.
chats = Table(
    "chats",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("route", String, nullable=False),
    Column("queue", String, nullable=False),
    #: Who asked, for the limits and to find the person: a customer id, a browser's, or an address.
    Column("visitor", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("signed", JSON, nullable=False),
    Column("client_ip", String, nullable=False),
    Column("origin", String, nullable=False),
    #: Digests of the token that opens the chat, and of the key by which it was asked for.
    Column("token_digest", String, nullable=False),
    Column("key_digest", String, nullable=False),
    Column("state", String, nullable=False),
    Column("agent", String),
    Column("last_agent", String),
    Column("asked_at", Double, nullable=False),
    Column("waiting_since", Double),
    #: 1 where it waits ahead of those who came by themselves.
    Column("first", Integer, nullable=False),
    Column("accepted_at", Double),
    Column("taken_at", Double),
    Column("first_answer_at", Double),
    Column("ended_at", Double),
    Column("outcome", String),
    Column("cause", String),
    Column("waited", Double, nullable=False),
    Column("handled", Double, nullable=False),
    #: How often agents answered, and how long the shopper waited for that, in seconds together.
    Column("replies", Integer, nullable=False),
    Column("reply_seconds", Double, nullable=False),
    Column("call", String, nullable=False),
    Column("call_id", String),
    Column("escalated", Integer, nullable=False),
    Column("last_word", String),
    Column("rating", Integer),
    Column("rating_text", Text),
    #: 1 once the ended chat is in ``part_counts``.
    Column("counted", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("key_digest"),
)

Index(
    "ix_chats_uncounted",
    chats.c.asked_at,
    sqlite_where=text("counted = 0"),
    postgresql_where=text("counted = 0"),
)

Index("ix_chats_asked_at", chats.c.asked_at, chats.c.id)
Index("ix_chats_site", chats.c.site, chats.c.asked_at, chats.c.id)
Index("ix_chats_visitor", chats.c.visitor, chats.c.asked_at, chats.c.id)
Index("ix_chats_client_ip", chats.c.client_ip, chats.c.asked_at)
Index("ix_chats_call_id", chats.c.call_id)
# A handful of rows among all.
Index(
    "ix_chats_open",
    chats.c.asked_at,
    sqlite_where=chats.c.ended_at.is_(None),
    postgresql_where=chats.c.ended_at.is_(None),
)

#: What was said. ``seq`` counts from 1 without gaps; notes for agents' eyes alone count from -1 downwards.
chat_entries = Table(
    "chat_entries",
    metadata,
    Column("chat_id", ForeignKey(chats.c.id, ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("by", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("agent", String),
    Column("text", Text, nullable=False),
    Column("canned", String),
    #: The sender's own, with who they are before it; null for what no page sent.
    Column("key", String),
    UniqueConstraint("chat_id", "key"),
)

#: Which agents had a chat, and what they wrote about it.
chat_agents = Table(
    "chat_agents",
    metadata,
    Column("chat_id", ForeignKey(chats.c.id, ondelete="CASCADE"), primary_key=True),
    Column("agent", String, primary_key=True),
    Column("taken_at", Double, nullable=False),
    Column("code", String),
    Column("note", Text),
)

Index("ix_chat_agents_agent", chat_agents.c.agent, chat_agents.c.taken_at)

#: How far a guided chat has come in its flow; gone once the flow is over.
chat_flows = Table(
    "chat_flows",
    metadata,
    Column("chat_id", ForeignKey(chats.c.id, ondelete="CASCADE"), primary_key=True),
    Column("state", JSON, nullable=False),
)

#: Ended chats, added up in buckets of 15 minutes, UTC: kept for ever. Lengths are seconds, all together.
chat_counts = Table(
    "chat_counts",
    metadata,
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("site", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("agent", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("chats", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("wait", Double, nullable=False),
    Column("handle", Double, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("first_answer", Double, nullable=False),
    Column("replies", Integer, nullable=False),
    Column("reply", Double, nullable=False),
    Column("rated", Integer, nullable=False),
    Column("rating", Integer, nullable=False),
)

#: What shoppers asked in the search of a site's answers. ``text`` is null until three different visitors have
#: asked it; ``askers`` are the codes that tell them apart, four letters each, with spaces between.
questions = Table(
    "questions",
    metadata,
    Column("site", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("language", String, nullable=False),
    Column("text", String),
    Column("askers", String, nullable=False),
    Column("first_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
)

Index("ix_questions_first_at", questions.c.site, questions.c.first_at)

#: How often it was asked on a day (UTC, ISO 8601), and what came of it.
question_days = Table(
    "question_days",
    metadata,
    Column("site", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("asked", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("contacted", Integer, nullable=False),
)

#: How often an answer was opened on a day, and what came of it.
answer_days = Table(
    "answer_days",
    metadata,
    Column("site", String, primary_key=True),
    Column("answer", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("opened", Integer, nullable=False),
    Column("helped", Integer, nullable=False),
    Column("not_helped", Integer, nullable=False),
    Column("contacted", Integer, nullable=False),
)

#: What operators did and looked at in the portal. ``about`` has ids and names, no phone number.
portal_audit = Table(
    "portal_audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("operator", String, nullable=False),
    Column("address", String, nullable=False),
    Column("what", String, nullable=False),
    Column("about", JSON, nullable=False),
)

Index("ix_portal_audit_at", portal_audit.c.at)

#: Changes of the settings. ``before`` and ``after`` are the texts of the files that each touches, by their
#: names: compressed JSON. ``at`` is when it was applied; of one that waits, when it was asked for.
changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("by", String, nullable=False),
    Column("via", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("after", LargeBinary, nullable=False),
    Column("sentences", JSON, nullable=False),
    Column("undoes", Integer),
    Column("state", String, nullable=False),
    Column("publish_at", Double),
    Column("problem", Text, nullable=False),
)

Index("ix_changes_at", changes.c.at)
Index("ix_changes_state", changes.c.state)

#: What each operator has typed and not applied: texts by files as in ``changes``.
change_drafts = Table(
    "change_drafts",
    metadata,
    Column("operator", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("saved_at", Double, nullable=False),
    Column("base", LargeBinary, nullable=False),
    Column("mine", LargeBinary, nullable=False),
)

#: What the settings files held when they were last looked at, compressed: another text was typed on disk.
settings_files = Table(
    "settings_files",
    metadata,
    Column("name", String, primary_key=True),
    Column("text", LargeBinary, nullable=False),
)

#: People nobody served; ``state``, ``kind`` and ``closed_how`` are the words of follow/lead.py. ``keys``
#: is what they are recognised by, ``running`` the promise whose time runs, ``secret`` signs links in mails.
leads = Table(
    "leads",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("number", String, nullable=False),
    Column("mail", String, nullable=False),
    Column("signed_id", String, nullable=False),
    Column("visitor", String, nullable=False),
    Column("name", String, nullable=False),
    Column("keys", JSON, nullable=False),
    Column("shared", Integer, nullable=False, server_default="0"),
    Column("claimed", JSON, nullable=False, server_default="[]"),
    Column("opened_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
    Column("state", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("signed", JSON, nullable=False),
    Column("said", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("assigned", JSON, nullable=False),
    Column("owner", String),
    Column("absent_since", Double),
    Column("running", JSON),
    Column("chosen", JSON),
    Column("due_at", Double),
    Column("pending", String, nullable=False),
    Column("first_at", Double),
    Column("breached", Integer, nullable=False),
    Column("expires_at", Double),
    Column("tries", Integer, nullable=False),
    Column("code", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("secret", String, nullable=False),
    Column("closed_at", Double),
    Column("closed_how", String, nullable=False),
)

Index("ix_leads_opened_at", leads.c.opened_at)
Index("ix_leads_closed_at", leads.c.site, leads.c.closed_at)

#: Each try of the person to reach the business; of the business to reach them, ``by`` an agent.
lead_contacts = Table(
    "lead_contacts",
    metadata,
    Column("lead_id", String, ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("at", Double, nullable=False),
    Column("by", String, nullable=False),
)

Index("ix_lead_contacts_ref", lead_contacts.c.ref)

#: What became of each promise. Tells of no person, and stays when its lead is gone: reports count it.
promises_kept = Table(
    "promises_kept",
    metadata,
    Column("lead_id", String, primary_key=True),
    Column("term", String, primary_key=True),
    Column("since", Double, primary_key=True),
    Column("promise", String, nullable=False),
    Column("site", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("due_at", Double),
    Column("met_at", Double),
    Column("breached_at", Double),
    Column("explanation", String, nullable=False),
)

Index("ix_promises_kept_since", promises_kept.c.since)

#: Who is still to be told of which lead: ``agent:NAME`` or ``mailbox:NAME``.
lead_reminders = Table(
    "lead_reminders",
    metadata,
    Column("reader", String, primary_key=True),
    Column("lead_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", Double, nullable=False),
)

#: Readers who want no mails about leads.
lead_mutes = Table(
    "lead_mutes",
    metadata,
    Column("reader", String, primary_key=True),
    Column("at", Double, nullable=False),
)

#: Addresses that got an acknowledgement, by their SHA-256 alone; forgotten after a day.
acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("site", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("at", Double, nullable=False),
)

#: What was agreed and done in shared views of pages: nothing that was seen. Goes with its call or chat.
view_steps = Table(
    "view_steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("view_id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("talk_id", String, nullable=False),
    Column("site", String, nullable=False),
    Column("at", Double, nullable=False),
    Column("agent", String, nullable=False),
    Column("step", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("version", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("origin", String, nullable=False),
    Column("what", String, nullable=False),
    Column("result", String, nullable=False),
    Column("reason", String, nullable=False),
)

Index("ix_view_steps_talk_id", view_steps.c.talk_id)

#: Links to the wallboard for screens on walls.
kiosk_links = Table(
    "kiosk_links",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("label", String, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

#: What an agent did, from when until when; ``open`` is 1 while it goes on, and ``ends`` then when that was
#: last known. Whoever is offline has none, and none is longer than reports/agent_time.py says.
agent_spans = Table(
    "agent_spans",
    metadata,
    Column("agent", String, primary_key=True),
    Column("begins", Double, primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("ends", Double, nullable=False),
    Column("open", Integer, nullable=False),
    sqlite_with_rowid=False,
)

Index("ix_agent_spans_begins", agent_spans.c.begins, agent_spans.c.agent)
Index(
    "ix_agent_spans_open",
    agent_spans.c.agent,
    sqlite_where=text("open = 1"),
    postgresql_where=text("open = 1"),
)

#: How long agents did what: spans that have ended, added up in milliseconds by 15 minutes and by day, UTC.
agent_time = Table(
    "agent_time",
    metadata,
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("agent", String, primary_key=True),
    Column("state", String, primary_key=True),
    Column("ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

Index("ix_agent_time_agent", agent_time.c.agent)
# All that a report of all agents reads, in the order in which it is added up.
Index(
    "ix_agent_time_state",
    agent_time.c.span,
    agent_time.c.bucket,
    agent_time.c.state,
    agent_time.c.agent,
    agent_time.c.ms,
)
