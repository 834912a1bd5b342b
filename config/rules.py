"""What settings must keep beyond their own form: rules across fields, sections and the world's codes.

Each rule reads the draft and notes problems and warnings; none touches a file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import SecretStr

from config.addresses import is_address, is_loopback
from config.browsers import Talk, uses_browsers
from config.destination_rules import check_number
from config.draft import Draft
from config.engines import ENGINES
from config.models import Site, Trunk
from config.one_port import ports_wanted
from config.problems import Loc, suggest

SHORTEST_ADMIN_KEY = 16
LONGEST_LABEL = 100
#: Quotes as word processors make them: “, ”, „, ‟, the single ones, « and ».
_CURLY = tuple("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb")

_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443")
_LOCAL_ORIGIN = re.compile(r"http://(localhost|[a-z0-9.-]+\.localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?")
_TWO_CAPITALS = re.compile("[A-Z]{2}")
_COUNTRY_SLIPS = {"UK": "GB", "EN": "GB", "EL": "GR"}


def check_rules(draft: Draft) -> None:
    """Run every rule."""
    for rule in (_server, _sip, _ports, _trunks, _sites, _countries, _labels, check_tests):
        rule(draft)


def _server(draft: Draft) -> None:
    if not (server := draft.server):
        return
    here = draft.written(("server", "listen_address"), ("server",))
    if server.listen_address.port == 0:
        draft.wrong(here, "port 0 is a new port at every start: write one, such as 8080")
    if not is_loopback(server.listen_address.host):
        draft.doubtful(
            here, "anybody on the network can reach this address, in the clear: put a TLS proxy in front"
        )
    elif not server.trusted_proxies:
        draft.doubtful(
            here,
            "behind a proxy every shopper seems to come from the proxy's address, and shares its limits: "
            'name the proxy in "trusted_proxies", such as [127.0.0.1]',
        )
    for index, network in enumerate(server.trusted_proxies):
        if network.prefixlen == 0:
            draft.doubtful(
                ("server", "trusted_proxies", index),
                "every address is trusted, so anybody may claim any: name the proxies alone",
            )
    if server.admin_key:
        here = draft.written(("server", "admin_key_file"), ("server", "admin_key_env"))
        check_admin_key(draft, here, server.admin_key)


def check_admin_key(draft: Draft, loc: Loc, key: SecretStr) -> None:
    """A warning for a key of the operator's side that can be guessed."""
    if len(key.get_secret_value()) < SHORTEST_ADMIN_KEY:
        draft.doubtful(loc, f"this key is shorter than {SHORTEST_ADMIN_KEY} characters: take a longer one")


def _sip(draft: Draft) -> None:
    if not draft.sip:
        return
    for name in ("bind_address", "public_address"):
        address = getattr(draft.sip, name)
        if address is not None and not is_address(address):
            draft.wrong(("sip", name), "write an IP address, such as 192.0.2.10; names are not looked up")
        elif address is not None and ":" in address:
            draft.wrong(
                ("sip", name), "SIP and RTP are IPv4 only (PJSIP's wheel has no IPv6): write an IPv4 address"
            )


def _ports(draft: Draft) -> None:
    sip, media = draft.sip, draft.media
    if not sip or not media:
        return
    here = draft.written(("media", "spare_workers"), ("media", "max_workers"), ("media",))
    if media.spare_workers > media.max_workers:
        draft.wrong(here, f"more spare workers than workers: at most max_workers, {media.max_workers}")
    browsers = uses_browsers(draft.agents, draft.sites.values())
    needs = ENGINES[media.engine].ports(
        media.max_workers, draft.webrtc.workers if browsers and draft.webrtc else 0
    )
    further = max(0, ports_wanted(draft.trunks.values()) - 1)
    for name, ports, needed in (
        ("ports", sip.ports, needs.sip + further),
        ("rtp_ports", sip.rtp_ports, needs.rtp),
    ):
        have = ports.last - ports.first + 1
        if have < needed:
            draft.wrong(
                draft.written(("sip", name), ("media", "max_workers"), ("sip", name)),
                f"{have} ports are too few: max_workers {media.max_workers} needs {needed}; "
                "widen the range, or lower max_workers",
            )
    if sip.ports.first <= sip.rtp_ports.last and sip.rtp_ports.first <= sip.ports.last:
        here = draft.written(("sip", "rtp_ports"), ("sip", "ports"))
        draft.wrong(here, "sip.ports and sip.rtp_ports overlap: give each a range of its own")
    if draft.server and sip.ports.first <= draft.server.listen_address.port <= sip.ports.last:
        here = draft.written(("server", "listen_address"), ("sip", "ports"))
        draft.wrong(here, "the HTTP port lies within sip.ports: move one of the two")


def _trunks(draft: Draft) -> None:
    for name, trunk in draft.trunks.items():
        _trunk(draft, ("trunks", name), trunk)


def _trunk(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if _port_of(trunk.host) > 65535:
        draft.wrong((*loc, "host"), "the port must be at most 65535")
    secret = draft.written((*loc, "password_file"), (*loc, "password_env"), loc)
    if trunk.username and not trunk.password:
        draft.wrong((*loc, "username"), 'a username needs a password: add "password_file" or "password_env"')
    if trunk.password and not trunk.username:
        draft.wrong(secret, 'a password needs a username: add "username"')
    if trunk.registration and not (trunk.username and trunk.password):
        draft.wrong(
            (*loc, "registration"), 'registering needs "username", and "password_file" or "password_env"'
        )
    if draft.source.find((*loc, "one_port")) and trunk.one_port and not trunk.registration:
        draft.wrong(
            (*loc, "one_port"),
            "calls can only leave from the port of a registration: add registration: true, or leave it out",
        )
    if trunk.transport == "tls":
        if not trunk.tls.verify_certificate:
            draft.doubtful(
                (*loc, "tls", "verify_certificate"),
                "the peer's certificate is not checked: anybody may pose as it",
            )
    else:
        if trunk.srtp != "off":
            draft.doubtful((*loc, "srtp"), "the keys of SRTP travel in the clear: set transport to tls")
        if draft.source.find((*loc, "tls")):
            draft.doubtful((*loc, "tls"), f"has no effect while transport is {trunk.transport}")
    for have, lack in (("certificate_file", "key_file"), ("key_file", "certificate_file")):
        if getattr(trunk.tls, have) and not getattr(trunk.tls, lack):
            draft.wrong((*loc, "tls", have), f'goes with "{lack}": add it')


def _sites(draft: Draft) -> None:
    zones = available_timezones()
    for here, zone in (
        *draft.at(("sites", "*", "time_zone")),
        *draft.at(("trunks", "*", "spend", "time_zone")),
    ):
        if zone not in zones:
            draft.wrong(here, f"no such time zone: {suggest(zone, zones, 'time zones')}")
    first_with: dict[str, Loc] = {}
    for name, site in draft.sites.items():
        loc: Loc = ("sites", name)
        if earlier := first_with.get(site.key):
            line = draft.source.place((*earlier, "key")).line
            draft.wrong((*loc, "key"), f"site {earlier[1]} has the same key (line {line}): choose another")
        first_with.setdefault(site.key, loc)
        if not site.origins:
            draft.doubtful((*loc, "origins"), "no page may ask for calls: name the shop's origins")
        for index, origin in enumerate(site.origins):
            check_origin(draft, (*loc, "origins", index), origin)
        check_number(draft, (*loc, "caller_id", "number"), site.caller_id.number)


def _labels(draft: Draft) -> None:
    """Warnings for labels that no page has room for, and for quotes that became part of them."""
    for section in ("sites", "destinations", "mailboxes", "agents"):
        for loc, label in draft.at((section, "*", "label")):
            if len(label) > LONGEST_LABEL:
                draft.doubtful(loc, f"longer than {LONGEST_LABEL} characters: people are shown all of it")
            elif label[:1] in _CURLY or label[-1:] in _CURLY:
                draft.doubtful(loc, "these quotes are part of the text: write straight ones, or none")


def _countries(draft: Draft) -> None:
    for loc, country in draft.at(("sites", "*", "countries", "*")):
        # The models have told about those that are not two capital letters.
        if _TWO_CAPITALS.fullmatch(country) and country not in phonenumbers.SUPPORTED_REGIONS:
            slip = _COUNTRY_SLIPS.get(country)
            tip = f'did you mean "{slip}"?' if slip else "write its ISO 3166-1 code, such as US or GB"
            draft.wrong(loc, f'"{country}" is no country with telephones: {tip}')


def check_tests(draft: Draft) -> None:
    """Problems of expectations."""
    for loc, moment in draft.at(("tests", "*", "at")):
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            draft.wrong(loc, "write a moment as 2026-12-24T15:00")
        else:
            _on_the_clock(draft, loc, at)
    tests = draft.tree.get("tests")
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        if not isinstance(test, dict):
            continue
        by, site = test.get("by"), _site_of(draft, test)
        if "site" not in test and len(draft.named("sites")) > 1:
            draft.wrong(("tests", index), 'several sites: add "site"')
        elif (
            site
            and (number := test.get("number"))
            and ((country := _country_of(number)) and country not in site.countries)
        ):
            draft.doubtful(
                ("tests", index, "number"),
                f"a number of {country}, and the site calls {', '.join(site.countries)} alone: such a "
                "shopper is refused",
            )
        elif site and by in get_args(Talk) and by not in site.talk_methods:
            draft.wrong(
                ("tests", index, "by"),
                f"nobody talks so here: the site's talk is {', '.join(site.talk_methods)}",
            )


def _country_of(number: object) -> str | None:
    """The country of an E.164 number; None where no single one has it."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(str(number)))
    except phonenumbers.NumberParseException:
        return None


def _on_the_clock(draft: Draft, loc: Loc, at: datetime) -> None:
    """A warning for a moment that the clocks of the site leave out."""
    test = draft.tree["tests"][loc[1]]
    site = _site_of(draft, test) if isinstance(test, dict) else None
    if site is None or at.tzinfo is not None:
        return
    local = at.replace(tzinfo=ZoneInfo(site.time_zone))
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != at:
        draft.doubtful(loc, f"the clocks of {site.time_zone} leave this moment out: they are put forward")


def _site_of(draft: Draft, test: dict[str, Any]) -> Site | None:
    """The site of an expectation, where it is valid."""
    name = test.get("site") or next(iter(draft.named("sites")), None)
    return draft.sites.get(name) if isinstance(name, str) else None


def check_origin(draft: Draft, loc: Loc, origin: str) -> None:
    """A problem for an origin that no browser would send."""
    if "*" in origin:
        draft.wrong(loc, "wildcards are not supported: name each origin")
    elif not _ORIGIN.fullmatch(origin):
        draft.wrong(
            loc,
            "not what a browser sends as Origin: scheme, host in lower case (xn--… for other alphabets) and "
            "perhaps a port, such as https://shop.example:8443",
        )
    elif _DEFAULT_PORT.fullmatch(origin):
        draft.wrong(loc, "browsers leave out the default port: leave it out here too")
    elif origin.startswith("http:") and not _LOCAL_ORIGIN.fullmatch(origin):
        draft.doubtful(loc, "pages without TLS can be changed on their way: use https")


def _port_of(host: str) -> int:
    found = re.search(r":([0-9]+)$", host)
    return int(found[1]) if found else 0
