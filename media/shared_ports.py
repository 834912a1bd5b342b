"""The SIP ports of the registrar's worker that calls leave from, too (``trunks.NAME.one_port``). Pure."""

from __future__ import annotations

from collections.abc import Container

from config.sections.sip import Sip


def choose(sip: Sip, wanted: int, before: tuple[int, ...], taken: Container[int]) -> tuple[int, ...]:
    """Choose so many ports of the range, the former ones if possible; none if there are not enough.

    The former ones are known to the peers of live calls, and to the carriers from registrations.
    """
    known = [port for port in before if sip.ports.first <= port <= sip.ports.last and port not in taken]
    others = (
        port for port in range(sip.ports.first, sip.ports.last + 1) if port not in taken and port not in known
    )
    ports = [*known, *(port for port, _ in zip(others, range(wanted), strict=False))]
    return tuple(ports[:wanted]) if len(ports) >= wanted else ()
