"""The demo's configuration file: what an operator would write, for phones on this computer."""

from __future__ import annotations

import json
import random
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.passwords import hash_password
from demo.coolway import write_coolway
from demo.desks import DESKS
from demo.dialogue import GREETING, MESSAGE_GREETING
from demo.errors import DemoError
from demo.preflight import ROOT
from demo.stories import everybody

SITE_KEY = "acme-bikes-demo"
MUSIC = ROOT / "config" / "examples" / "prompts" / "music.wav"
ANSWERS = ROOT / "config" / "examples" / "answers" / "bikes.yaml"
COUNTRIES: Mapping[str, str] = {"US": "United States", "CA": "Canada", "GB": "United Kingdom"}
TALK = ("phone", "pc")
AGENT = "kim"
AGENT_LABEL = "Kim"
OPERATOR = "olivia"
OPERATOR_LABEL = "Olivia"
#: The file of the database, in the demo's folder.
DATABASE = "ringback.sqlite3"
_SIP_PORTS = 60
#: 16 for each of twelve workers, and for the registrar.
_RTP_PORTS = 240
#: Where such ports may begin.
_BLOCKS = range(6100, 30000, 500)

_TEMPLATE = """\
# Made by "ringback demo": everything stays on this computer.
include: coolway.yaml

server:
  listen_address: 127.0.0.1:{api_port}
  public_url: http://127.0.0.1:{api_port}
  database: {database}
  admin_key_file: admin.key
  drain_timeout: 1s
  log_format: console

sip:
  bind_address: 127.0.0.1
  ports: {sip_first}-{sip_last}
  rtp_ports: {rtp_first}-{rtp_last}

media:
  max_workers: 12
  spare_workers: 3

webrtc:
  # A visitor who closes the page in a call is not waited for that long.
  grace_period: 10s

agents:
  {agent}:
    label: {agent_label}
    password_hash: {password_hash}

operators:
  {operator}:
    label: {operator_label}
    password_hash: {operator_hash}
    rights: [look, reports, wallboard, texts, hours, edit, agents, publish, erase, listen]

desk:
  codes: {{sale: Sale, question: Question answered, other: Something else}}
  transfers:
    destinations: [boston, cambridge, call-centre]

trunks:
  # A carrier would stand here. In the demo it is the shopper's simulated phone itself.
  carrier:
    host: 127.0.0.1:{shopper_port}

sites:
  acme:
    key: {site_key}
    time_zone: America/New_York
    label: Acme Bikes
    origins: [{origins}]
    countries: [{countries}]
    trunk: carrier
    caller_id: {{number: "+16175550199", name: Acme Bikes}}
    route: sales
    greeting: welcome
    ring_timeout: 12s
    talk_methods: [{talk}]
    # What {agent_label} may show a shopper, who is asked first.
    page_push:
      catalogue:
        1: {{title: Returns and refunds, url: "http://127.0.0.1:{page_port}/?page=returns"}}
        2: {{title: Bike sizes, url: "http://127.0.0.1:{page_port}/?page=sizes"}}
        3: {{title: The Harbor rain cape, url: "http://127.0.0.1:{page_port}/?page=cape"}}
    # {agent_label} answers on the agent's page: docs/chat.md.
    chat:
      route: chats
      otherwise: [callback]
      callback: tomorrow
      escalate: [{talk}]
      holding:
        - {{after: 30s, texts: [I am looking that up., "One moment, I am checking."]}}
      limits: {{per_visitor: [1000 per 1h], per_ip: [1000 per 1h]}}
    # {agent_label} may see a shopper's page, point and fill in, once the shopper agrees: docs/co-browse.md.
    cobrowse:
      show: ["#zip"]
    # How the panel looks, and what the page tells besides.
    page:
      buttons: {{ways: [{talk}, chat]}}
      languages: [en, de, es, fr]
      # Nothing leaves this computer. A real shop asks its shoppers first, and leaves this line out.
      consent: not_needed
      explain: true
      theme:
        {{accent: "#0f6b45", surface: "#f5f1ea", text: "#16202e", muted: "#4c5867", border: "#7a7468",
         radius: 14px}}
      dark_theme:
        {{accent: "#35c389", on_accent: "#06251a", background: "#18212d", surface: "#0c1119", text: "#edf1f6",
         muted: "#b3bfcc", border: "#7d8b9b", radius: 14px}}
      facts:
        promo.code: {{type: text}}
    # What shoppers find before they talk to anybody: docs/answers.md.
    answers:
      file: {answers}
      before: [phone]
    # Who is offered what, and when.
    engage:
      rules:
        promo_rescue:
          when: promo.failed >= 2 && page.path == "/cart"
          show:
            invitation: phone
            text:
              en: "Trouble with a promotion code? We call you and find one that works."
              de: "Probleme mit einem Gutschein? Wir rufen Sie an und finden einen, der gilt."
              es: "¿Problemas con un código? Le llamamos y encontramos uno que sirva."
              fr: "Un code qui ne marche pas ? Nous vous appelons et en trouvons un bon."
        gold: {{when: 'signed.customer.tier == "gold"', show: {{button: phone}}}}
        silver_and_bronze:
          when: signed.customer.tier in ["silver", "bronze"] && cart.value >= 1000
          show: {{button: phone}}
    # What the page may pass, and what the shop's server signs: agents see the two apart.
    data_pass:
      unknown_fields: drop
      fields:
        product.name: {{label: Looks at}}
        promo.code: {{label: Promotion code}}
        promo.failed: {{label: Codes that failed, type: number}}
        cart.count: {{label: Bikes in the cart, type: number}}
        cart.value: {{label: "Cart, $", type: number}}
        customer.name: {{label: Name}}
        customer.tier: {{label: Customer}}
        customer.orders: {{label: Orders so far, type: number}}
        customer.email: {{label: E-mail, sensitive: true}}
        customer.phone: {{label: Phone, sensitive: true}}
      signing:
        secret_file: signing.key
    # A visitor of the demo clicks more often than a shopper may.
    limits:
      calls_per_number: [1000 per 1h]
      calls_per_ip: [1000 per 1h]
      numbers_per_ip: [1000 per 1h]
      calls_per_visitor: [1000 per 1h]
      numbers_per_visitor: [1000 per 1h]

destinations:
{destinations}
routes:
  sales:
    # What a call is like depends on its number, so that the demo can show it all.
    branches: [screened, line, browser, missed, closed, repairs]
    steps:
      - strategy: in_order
        destinations: [boston, cambridge, call-centre]
        timeout: 6s
    message: shop
  # Both phones ring at once; who takes the call presses a key.
  screened:
    when: call.number in {screened}
    steps:
      - destinations: [boston-mobile, cambridge-mobile]
        timeout: 15s
  # One person at the phone; who comes meanwhile waits.
  line:
    when: call.number in {line}
    steps:
      - destinations: [hotline]
        timeout: 10s
    queue: hotline
  # Somebody who answers in a browser, and needs no phone.
  browser:
    when: call.number in {browser}
    steps:
      - destinations: ["agent:{agent}"]
        timeout: 30s
    callback: tomorrow
  # Nobody picks up, and nobody is asked for a message: the shopper becomes a lead.
  missed:
    when: call.number in {missed}
    steps:
      - destinations: [boston]
        timeout: 5s
  # Clicks on the page of repairs, which are made at certain hours.
  repairs:
    when: page.path == "/repairs"
    steps:
      - destinations: [workbench]
    callback: tomorrow
  # Who is asked to chat.
  chats:
    steps:
      - destinations: ["agent:{agent}"]
    queue: chats
  # Nobody can be rung, so that the shopper is called back.
  closed:
    when: call.number in {closed}
    steps:
      - destinations: [night-desk]
    callback: tomorrow

hours:
  never: {{opening_hours: "off"}}
  # Try it at the portal: close at 14:00 on Saturdays, and see what last week would have been.
  repairs:
    opening_hours: "Mo-Fr 09:00-18:00; Sa 10:00-16:00"
    time_zone: America/New_York

queues:
  chats: {{}}
  hotline:
    announcement_interval: 10s
    typical_call: 20s
    music: waiting
    callback: tomorrow

# Whoever nobody served is answered later, by {agent_label}: docs/follow-up.md.
follow_up:
  route: chats
  promises:
    answer: {{first: 4h, sites: [acme]}}

mailboxes:
  shop:
    label: Acme Bikes
    greeting: message

callbacks:
  # Whenever they click, the next morning.
  tomorrow:
    daytime: "Mo-Su 09:00-12:00"
    shortest_delay: 12h

prompts:
  welcome: {greeting}
  message: {message}
  waiting: {music}
"""

_DESTINATION = """\
  {name}:
    label: {label}
    sip: sip:{name}@127.0.0.1:{port}
    shown_number: shopper
{settings}"""


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What opens the demo's Ringback: its API, the agent's page, the portal; and what it believes."""

    admin: str
    #: The agent's, and the portal's operator's.
    password: str
    operator: str
    #: With this the shop's server signs.
    signing: str
    #: What opens the page of the agent at the radiator shop's workshops.
    workshop_password: str = ""


def write_settings(
    folder: Path, *, page_port: int, api_port: int, shopper_port: int, desk_ports: Mapping[str, int]
) -> tuple[Path, DemoKeys]:
    """Write the file and its secrets into ``folder``; returns the file and the keys.

    ``desk_ports`` are the SIP ports of the business's phones.
    """
    keys = DemoKeys(
        admin=secrets.token_urlsafe(24),
        password=secrets.token_hex(5),
        operator=secrets.token_hex(5),
        signing=secrets.token_urlsafe(32),
        workshop_password=secrets.token_hex(5),
    )
    origins = ", ".join(f"http://{host}:{page_port}" for host in ("127.0.0.1", "localhost"))
    for name, secret in (("admin.key", keys.admin), ("signing.key", keys.signing)):
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(secret)
    first = free_port_range(_SIP_PORTS + _RTP_PORTS)
    text = _TEMPLATE.format(
        api_port=api_port,
        database=DATABASE,
        sip_first=first,
        sip_last=first + _SIP_PORTS - 1,
        rtp_first=first + _SIP_PORTS,
        rtp_last=first + _SIP_PORTS + _RTP_PORTS - 1,
        shopper_port=shopper_port,
        site_key=SITE_KEY,
        page_port=page_port,
        origins=origins,
        countries=", ".join(COUNTRIES),
        talk=", ".join(TALK),
        agent=AGENT,
        agent_label=AGENT_LABEL,
        password_hash=json.dumps(hash_password(keys.password)),
        operator=OPERATOR,
        operator_label=OPERATOR_LABEL,
        operator_hash=json.dumps(hash_password(keys.operator)),
        destinations="".join(
            _DESTINATION.format(
                name=name,
                label=desk.label,
                port=desk_ports[desk.phone],
                settings="".join(f"    {key}: {value}\n" for key, value in desk.settings),
            )
            for name, desk in DESKS.items()
        ),
        **{route: _numbers_of(route) for route in ("screened", "line", "browser", "missed", "closed")},
        greeting=json.dumps(str(GREETING)),
        message=json.dumps(str(MESSAGE_GREETING)),
        music=json.dumps(str(MUSIC)),
        answers=json.dumps(str(ANSWERS)),
    )
    write_coolway(folder, origins, keys.workshop_password)
    target = folder / "ringback.yaml"
    target.write_text(text)
    return target, keys


def _numbers_of(route: str) -> str:
    """The numbers whose calls take a route, as a list in CEL."""
    return str([story.e164 for story in everybody() if story.route == route])


def free_port_range(length: int) -> int:
    """The first of so many UDP ports in a row that are free now, away from the ephemeral ones.

    Two demos that start at the same time rarely choose the same.
    """
    for first in random.sample(_BLOCKS, len(_BLOCKS)):
        if all(_is_free(port) for port in range(first, first + length)):
            return first
    raise DemoError(f"There are no {length} free UDP ports in a row on this computer.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
