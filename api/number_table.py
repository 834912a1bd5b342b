"""Prefixes that cost more, or lead elsewhere, than libphonenumber's types tell: each with its reason.

libphonenumber knows premium, shared-cost, toll-free, personal, pager, UAN and voicemail numbers of all
countries; ``api.numbers`` refuses those kinds. Here stands the rest: what its metadata counts as an ordinary
number, or not at all. Sources are the national numbering plans (ITU-T E.129 names each) and ITU-T E.164.D.
``x`` is any digit. Add a row here where a number got through that should not; an operator does so in
``numbers`` of the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.prefixes import Prefixes

#: libphonenumber's region of codes that belong to no country: no site can name it.
NOWHERE = "001"


@dataclass(frozen=True, slots=True)
class RefusedPrefix:
    """Why numbers of a prefix are not called."""

    reason: str
    #: The territory (ISO 3166-1) whose numbers these really are: called where a site names it.
    country: str | None = None


def _of(reason: str, *prefixes: str, country: str | None = None) -> Mapping[str, RefusedPrefix]:
    return {prefix: RefusedPrefix(reason, country) for prefix in prefixes}


#: Prefix → why not. Rows that repeat what libphonenumber says today hold should its metadata change.
REFUSED: Mapping[str, RefusedPrefix] = {
    # --- the North American Numbering Plan (NANPA) ---
    **_of("premium rate", "+1900"),
    **_of("pay-per-call exchange 976", "+1xxx976"),
    **_of("directory assistance", "+1xxx5551212"),
    **_of("service code in the place of an exchange (N11)", *(f"+1xxx{n}11" for n in range(2, 10))),
    **_of("carrier access exchange 950", "+1xxx950"),
    **_of("test exchange of the network", "+1xxx958", "+1xxx959"),
    **_of(
        "personal or machine number (5XX)",
        *("+1500", "+152x", "+1532", "+1533", "+1535", "+1538", "+1542", "+1543", "+1544", "+1545", "+1546"),
        *("+1547", "+1549", "+1550", "+1552", "+1553", "+1554", "+1556", "+1558", "+1566", "+1569", "+1577"),
        *("+1578", "+1588", "+1589"),
    ),
    **_of(
        "Canadian non-geographic service, satellite among it",
        *("+1600", "+1622", "+1633", "+1644", "+1655", "+1677", "+1688"),
    ),
    **_of("carriers' own services", "+1700"),
    **_of("US government", "+1710"),
    # --- codes of no country (ITU-T E.164.D) ---
    **_of("international toll-free", "+800"),
    **_of("international shared cost", "+808"),
    **_of("satellite (Inmarsat)", "+870", country=NOWHERE),
    **_of("universal personal number", "+878", country=NOWHERE),
    **_of("satellite", "+881", country=NOWHERE),
    **_of("international network, satellite among it", "+882", "+883", country=NOWHERE),
    **_of("disaster relief", "+888", country=NOWHERE),
    **_of("international premium rate", "+979"),
    **_of("trial of an international service", "+991", country=NOWHERE),
    # --- satellite phones behind national numbers ---
    **_of("satellite and other special services", "+6114"),
    **_of("satellite (GMPCS)", "+7954"),
    **_of("satellite", "+861349", "+86174"),
    **_of("satellite", "+62868"),
    **_of("satellite", "+33640000"),
    # --- personal, location-independent and special numbers ---
    **_of("personal number", "+4470"),
    **_of("pager", "+4476"),
    **_of("voicemail or forwarding of a mobile network", "+491505", "+491529"),
    **_of("Antarctica", "+6424099", country="AQ"),
    # --- territories that libphonenumber counts as the country whose code they share ---
    **_of("Isle of Man", "+447624", "+447524", "+447924", "+4474576", country="IM"),
    **_of("San Marino by its Italian code", "+390549", country="SM"),
    **_of("Vatican City", "+3906698", country="VA"),
    **_of("Gibraltar by its former Spanish code", "+349567", country="GI"),
    **_of("Western Sahara", "+2125288", "+2125289", country="EH"),
    **_of("Northern Cyprus", "+90392", "+905338", "+905428", "+905488"),
    **_of("Abkhazia", "+7840", "+7940"),
    **_of("South Ossetia", "+7850"),
}

TABLE: Prefixes[RefusedPrefix] = Prefixes(REFUSED)
