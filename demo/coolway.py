"""The demo's second shop, Coolway Radiators: a guided chat, and workshops whose counter sees the vehicle.

Its settings are a file of their own beside the bike shop's, as those of an agency's customer would be.
"""

from __future__ import annotations

import json
from pathlib import Path

from api.passwords import hash_password
from demo.desks import DESKS
from demo.dialogue import COOLWAY_GREETING
from demo.preflight import ROOT

SITE_KEY = "coolway-demo"
AGENT = "hank"
AGENT_LABEL = "Hank"
#: What the page suggests to type: a ZIP code beside the workshop that is closed today.
VEHICLE = ("1998", "Ford", "F-150", "5.0 V8", "02139")
_STORES = ROOT / "config" / "examples" / "stores"

_TEMPLATE = """\
# Made by "ringback demo": a guided chat, and the nearest workshop that is open.
geo:
  postal_codes: {zip_codes}

sites:
  coolway:
    key: {site_key}
    label: Coolway Radiators
    origins: [{origins}]
    countries: [US]
    trunk: carrier
    caller_id: {{number: "+18005550140", name: Coolway}}
    route: workshops
    greeting: coolway
    # Callers hear a notice and may press 9. Olivia hears the talks at the portal.
    recording: {{}}
    ring_timeout: 30s
    time_zone: America/New_York
    talk_methods: [phone, pc]
    chat:
      flow: radiator
      route: counters
      otherwise: [callback]
      callback: tomorrow
      escalate: [phone, pc]
      limits: {{per_visitor: [1000 per 1h], per_ip: [1000 per 1h]}}
    page:
      buttons: {{ways: [chat]}}
      languages: [en, es]
      consent: not_needed
      theme: {{accent: "#1f5fa8", surface: "#f3f6fa", text: "#16202e", muted: "#4c5867", border: "#6e7a88"}}
      dark_theme:
        {{accent: "#8ab8f0", on_accent: "#0d1f33", background: "#18212d", surface: "#0c1119", text: "#edf1f6",
         muted: "#b3bfcc", border: "#7d8b9b"}}
    # What the flow asks for; whoever takes the call sees it while their phone rings.
    data_pass:
      unknown_fields: drop
      fields:
        postal_code: {{label: ZIP code, most_characters: 10}}
        vehicle.make: {{label: Make, most_characters: 40}}
        vehicle.model: {{label: Model, most_characters: 40}}
        vehicle.year: {{label: Year, type: number}}
        vehicle.engine: {{label: Engine, most_characters: 40}}
    screen_pop: {{when: offer}}
    limits:
      calls_per_number: [1000 per 1h]
      calls_per_ip: [1000 per 1h]
      numbers_per_ip: [1000 per 1h]
      calls_per_visitor: [1000 per 1h]
      numbers_per_visitor: [1000 per 1h]

flows:
  radiator:
    say:
      en: "Hi! Which vehicle is it for? I will find the right radiator, and who has it near you."
      es: "¡Hola! ¿Para qué vehículo es? Busco el radiador que le sirve y quién lo tiene cerca."
    questions:
      - ask: {{en: "Which year?", es: "¿De qué año es?"}}
        as: vehicle.year
        kind: year
        between: [1960, 2027]
      - ask: {{en: "Which make?", es: "¿De qué marca?"}}
        as: vehicle.make
        kind: choice
        table: {vehicles}
        column: make
        others: text
      - ask: {{en: "Which model?", es: "¿Qué modelo?"}}
        as: vehicle.model
        kind: choice
        table: {vehicles}
        column: model
        where: {{make: vehicle.make}}
        others: text
      - ask: {{en: "Which engine? If you do not know, skip this.", es: "¿Qué motor? Si no lo sabe, sáltelo."}}
        as: vehicle.engine
        kind: choice
        table: {vehicles}
        column: engine
        where: {{make: vehicle.make, model: vehicle.model}}
        others: text
        optional: true
      - ask: {{en: "What is your ZIP code?", es: "¿Cuál es su código postal?"}}
        as: postal_code
        kind: postal_code
    then:
      - when: nearest.open
        say:
          en: >-
            {{nearest.label}} is open now[ and {{nearest.miles}} miles away]. Shall their expert call you,
            with a quote for your {{context.vehicle.year}} {{context.vehicle.make}}?
          es: >-
            {{nearest.label}} está abierto[ y a {{nearest.miles}} millas]. ¿Le llama su experto, con un precio
            para su {{context.vehicle.make}} de {{context.vehicle.year}}?
        offer: [call, pc, chat, later]
      - say:
          en: "No workshop near you is open now. Shall we call you back?"
          es: "Ahora no hay ningún taller abierto cerca. ¿Le devolvemos la llamada?"
        offer: [callback, later]

agents:
  # At the counter: the phone rings, and the page shows which vehicle it is about.
  {agent}:
    label: {agent_label}
    password_hash: {password_hash}
    phones: [{workshops}]

routes:
  workshops:
    steps:
      # The nearest one that is open, then the next.
      - strategy: nearest
        destinations: [{workshops}]
        limit: 2
        max_distance_km: 200
        timeout: 30s
    callback: tomorrow
  counters:
    steps:
      - destinations: ["agent:{agent}"]
    queue: counters

queues:
  counters: {{}}

prompts:
  coolway: {greeting}
"""


def write_coolway(folder: Path, origins: str, password: str) -> Path:
    """Write the file into ``folder``, where the demo's own settings include it."""
    text = _TEMPLATE.format(
        site_key=SITE_KEY,
        origins=origins,
        agent=AGENT,
        agent_label=AGENT_LABEL,
        password_hash=json.dumps(hash_password(password)),
        workshops=", ".join(name for name, desk in DESKS.items() if desk.phone == "coolway"),
        zip_codes=json.dumps(str(_STORES / "zip_codes.csv")),
        vehicles=json.dumps(str(_STORES / "vehicles.csv")),
        greeting=json.dumps(str(COOLWAY_GREETING)),
    )
    target = folder / "coolway.yaml"
    target.write_text(text)
    return target
