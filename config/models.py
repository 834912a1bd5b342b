"""The whole config file: its sections, one line each.

The text under a field is its entry in ``docs/configuration.md``, written by ``python -m config.reference``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from config.base import Model, Name
from config.section import Section
from config.sections.agents import AGENTS, Agent
from config.sections.asterisk import ASTERISK, Asterisk
from config.sections.callbacks import CALLBACKS, CallbackTerms
from config.sections.canned import CANNED, CannedReply
from config.sections.customers import CUSTOMERS, Customer
from config.sections.desk import DESK, Desk
from config.sections.destinations import DESTINATIONS, Destination
from config.sections.flows import FLOWS, FlowSettings
from config.sections.follow_up import FOLLOW_UP, FollowUp
from config.sections.geo import GEO, Geo
from config.sections.hours import HOURS, Hours
from config.sections.mail import MAIL, Mail
from config.sections.mailboxes import MAILBOXES, Mailbox
from config.sections.media import MEDIA, Media
from config.sections.numbers import NUMBERS, Numbers
from config.sections.operators import OPERATORS, Operator
from config.sections.portal import PORTAL, Portal
from config.sections.prompts import PROMPTS
from config.sections.queues import QUEUES, Queue
from config.sections.route import Route
from config.sections.routes import ROUTES
from config.sections.server import SERVER, Server
from config.sections.sip import SIP, Sip
from config.sections.sites import SITES, Site
from config.sections.stores import STORES, StoreTable
from config.sections.tests import TESTS, RouteTest
from config.sections.trunks import TRUNKS, Trunk
from config.sections.webrtc import WEBRTC, WebRtc


class Config(Model):
    """The whole file."""

    server: Annotated[Server, SERVER] = Server()
    """The core process."""
    sip: Annotated[Sip, SIP] = Sip()
    """SIP and RTP."""
    media: Annotated[Media, MEDIA] = Media()
    """The media workers."""
    trunks: Annotated[dict[Name, Trunk], TRUNKS]
    """SIP peers by name."""
    sites: Annotated[dict[Name, Site], SITES]
    """Sites by name."""
    customers: Annotated[dict[Name, Customer], CUSTOMERS] = {}
    """The customers of an agency, by name."""
    destinations: Annotated[dict[Name, Destination], DESTINATIONS] = {}
    """Destinations by name."""
    routes: Annotated[dict[Name, Route], ROUTES]
    """Routes by name."""
    numbers: Annotated[Numbers, NUMBERS] = Numbers()
    """Which numbers are called."""
    hours: Annotated[dict[Name, Hours], HOURS] = {}
    """Opening hours by name."""
    geo: Annotated[Geo, GEO] = Geo()
    """Geography."""
    stores: Annotated[dict[Name, StoreTable], STORES] = {}
    """Store tables by name."""
    tests: Annotated[tuple[RouteTest, ...], TESTS] = ()
    """Expectations of the routes."""
    webrtc: Annotated[WebRtc, WEBRTC] = WebRtc()
    """Calls by browser."""
    agents: Annotated[dict[Name, Agent], AGENTS] = {}
    """People who answer calls in a browser, by name."""
    asterisk: Annotated[dict[Name, Asterisk], ASTERISK] = {}
    """Asterisks whose manager interface tells of agents' phones, by name."""
    desk: Annotated[Desk, DESK] = Desk()
    """The agents' desk."""
    mailboxes: Annotated[dict[Name, Mailbox], MAILBOXES] = {}
    """Where messages are left, by name."""
    callbacks: Annotated[dict[Name, CallbackTerms], CALLBACKS] = {}
    """Terms of callbacks by name."""
    queues: Annotated[dict[Name, Queue], QUEUES] = {}
    """Queues by name."""
    canned: Annotated[dict[Name, CannedReply], CANNED] = {}
    """Replies that agents of chats pick instead of typing them, by name."""
    flows: Annotated[dict[Name, FlowSettings], FLOWS] = {}
    """Guided chats by name."""
    follow_up: Annotated[FollowUp | None, FOLLOW_UP] = None
    """What becomes of shoppers nobody served."""
    mail: Annotated[Mail | None, MAIL] = None
    """The SMTP server that messages are sent through."""
    operators: Annotated[dict[Name, Operator], OPERATORS] = {}
    """People who work at the portal, by name."""
    portal: Annotated[Portal, PORTAL] = Portal()
    """The portal."""
    prompts: Annotated[dict[Name, Path], PROMPTS] = {}
    """Recordings by name: WAV files, PCM 16 bit, mono, 8 or 16 kHz."""

    def public_url_of(self, site: str) -> str:
        """Where people of this site reach the server, without a slash at its end."""
        known = self.sites.get(site)
        customer = self.customers.get(known.customer) if known and known.customer else None
        return ((customer and customer.public_url) or self.server.public_url).rstrip("/")

    def desk_of(self, agent: str) -> Desk:
        """What an agent finds at their desk: their customer's, or everybody's."""
        known = self.agents.get(agent)
        customer = self.customers.get(known.customer) if known and known.customer else None
        return (customer and customer.desk) or self.desk

    def are_colleagues(self, agent: str, other: str) -> bool:
        """Whether two agents work for the same customer, or both for the agency itself."""
        one, two = self.agents.get(agent), self.agents.get(other)
        return one is not None and two is not None and one.customer == two.customer

    def sites_of_agent(self, agent: str) -> frozenset[str]:
        """The sites that an agent works for: their customer's; all of them for who is of no customer."""
        known = self.agents.get(agent)
        return self.sites_of(known.customer) if known and known.customer else frozenset(self.sites)

    def sites_of(self, customer: str) -> frozenset[str]:
        """The names of a customer's sites."""
        return frozenset(name for name, site in self.sites.items() if site.customer == customer)


@cache
def sections() -> dict[str, Section]:
    """What each section brings along, by its name."""
    marks = ((name, mark) for name, field in Config.model_fields.items() for mark in field.metadata)
    return {name: mark for name, mark in marks if isinstance(mark, Section)}
