"""What trunks, and the lists of those that stand in for them, must keep beyond their own form."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers

from config.draft import Draft
from config.models import Trunk
from config.problems import Loc


def check_trunks(draft: Draft) -> None:
    """Problems and warnings of trunks' ways with numbers and callers, and of backup trunks."""
    for name, trunk in draft.trunks.items():
        _numbers(draft, ("trunks", name), trunk)
        _caller(draft, ("trunks", name), trunk)
    for name, site in draft.sites.items():
        _backups(draft, ("sites", name), site.trunk, site.backup_trunks)
    for name, destination in draft.destinations.items():
        loc: Loc = ("destinations", name)
        _backups(draft, loc, destination.trunk, destination.backup_trunks)
        if destination.origination is not None and destination.backup_trunks:
            draft.doubtful((*loc, "backup_trunks"), "has no effect: the Asterisk places these calls")
        _secure(draft, loc, destination.sip, destination.backup_trunks)
        for index, place in enumerate(destination.find_me):
            here = (*loc, "find_me", index)
            _backups(draft, here, place.trunk, place.backup_trunks)
            _secure(draft, here, place.sip, place.backup_trunks)
    for name, table in draft.stores.items():
        # The rows may have trunks of their own.
        _backups(draft, ("stores", name), table.trunk, table.backup_trunks, needs_trunk=False)


def _numbers(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if _is_ipv6(trunk.host) and trunk.outbound_proxy is None:
        draft.wrong((*loc, "host"), "SIP is IPv4 only (PJSIP has no IPv6): write a name or an IPv4 address")
    national = "national" in (trunk.number_format, trunk.caller_format)
    if national and trunk.country is None:
        here = (*loc, "number_format" if trunk.number_format == "national" else "caller_format")
        draft.wrong(here, 'national numbers are dialled in a country: add "country", such as country: DE')
    elif trunk.country is not None and trunk.country not in phonenumbers.SUPPORTED_REGIONS:
        draft.wrong(
            (*loc, "country"),
            f'"{trunk.country}" is no country with telephones: write its ISO 3166-1 code, such as US or GB',
        )
    if not national:
        for name in ("country", "national_prefix", "international_prefix"):
            if getattr(trunk, name) is not None:
                draft.doubtful(
                    (*loc, name), "has no effect: neither number_format nor caller_format is national"
                )


def _is_ipv6(host: str) -> bool:
    return host.startswith("[")


def _caller(draft: Draft, loc: Loc, trunk: Trunk) -> None:
    if trunk.from_user == "account" and not trunk.username:
        draft.wrong((*loc, "from_user"), 'there is no account to show: add "username"')
    if trunk.privacy == "id" and trunk.from_user == "account":
        draft.wrong(
            (*loc, "privacy"),
            "makes From anonymous, and from_user wants the account there: keep one of the two",
        )
    if trunk.asserted_identity == "never":
        if trunk.privacy == "id":
            draft.doubtful(
                (*loc, "asserted_identity"),
                "with privacy only P-Asserted-Identity tells the carrier who calls: it may refuse",
            )
        elif trunk.from_user == "account":
            draft.doubtful(
                (*loc, "asserted_identity"),
                "with from_user: account no header says whom the call shows: phones show the account",
            )


def _backups(
    draft: Draft, loc: Loc, trunk: str | None, backups: Sequence[str], *, needs_trunk: bool = True
) -> None:
    if backups and trunk is None and needs_trunk:
        draft.wrong((*loc, "backup_trunks"), 'goes with "trunk", which is tried first: add it')
    for index, name in enumerate(backups):
        here = (*loc, "backup_trunks", index)
        if name == trunk:
            draft.wrong(here, "this is the trunk itself, which is tried first: name another, or take it out")
        elif name in backups[:index]:
            draft.wrong(here, "this trunk stands here twice: name it once")


def _secure(draft: Draft, loc: Loc, sip: str | None, backups: Sequence[str]) -> None:
    if not (sip or "").startswith("sips:"):
        return
    for index, name in enumerate(backups):
        trunk = draft.trunks.get(name)
        if trunk is not None and trunk.transport != "tls":
            draft.wrong((*loc, "backup_trunks", index), "sips: needs trunks whose transport is tls")
