"""What legs in browsers must keep beyond their own form: addresses, ports, STUN and TURN, agents."""

from __future__ import annotations

import re

from config.addresses import is_address
from config.browsers import WebRtc, uses_browsers
from config.draft import Draft


def check_browsers(draft: Draft) -> None:
    """Problems and warnings of browser legs and agents."""
    if draft.webrtc is not None:
        _addresses(draft, draft.webrtc)
        _ports(draft, draft.webrtc)
        _ice(draft, draft.webrtc)
    for name, agent in draft.agents.items():
        if agent.totp_secret is not None and not _is_base32(agent.totp_secret.get_secret_value()):
            here = [("agents", name, f"totp_secret_{kind}") for kind in ("file", "env")]
            draft.wrong(
                draft.written(*here), "take what `ringback agent-totp` prints: letters and digits 2 to 7"
            )
        if agent.time_zone and not agent.hours:
            draft.doubtful(("agents", name, "time_zone"), 'has no effect without "hours"')
    for name, site in draft.sites.items():
        for index, way in enumerate(site.talk_methods):
            if way in site.talk_methods[:index]:
                draft.doubtful(("sites", name, "talk_methods", index), "is here twice: name it once")
        if site.browser_audio != "passthrough" and not uses_browsers(draft.named("agents"), [site]):
            draft.doubtful(
                ("sites", name, "browser_audio"),
                'has no effect: shoppers do not talk by "pc", and there are no agents',
            )


def _addresses(draft: Draft, webrtc: WebRtc) -> None:
    for key in ("bind_address", "public_address"):
        address = getattr(webrtc, key)
        if address is not None and (not is_address(address) or ":" in address):
            draft.wrong(("webrtc", key), "write an IPv4 address, such as 192.0.2.10; names are not looked up")


def _ports(draft: Draft, webrtc: WebRtc) -> None:
    if draft.sip is None:
        return
    ours = webrtc.media_ports
    for key, theirs in (("ports", draft.sip.ports), ("rtp_ports", draft.sip.rtp_ports)):
        if ours.first <= theirs.last and theirs.first <= ours.last:
            here = draft.written(("webrtc", "media_ports"), ("sip", key))
            draft.wrong(here, f"webrtc.media_ports and sip.{key} overlap: give each a range of its own")


def _ice(draft: Draft, webrtc: WebRtc) -> None:
    for index, url in enumerate(webrtc.stun):
        if not url.startswith("stun"):
            draft.wrong(("webrtc", "stun", index), 'not a STUN server: put it under "turn"')
        elif "?" in url:  # RFC 7064 has no such thing, and browsers refuse the whole list
            draft.wrong(("webrtc", "stun", index), "a STUN address has no transport: end it with the port")
    for index, url in enumerate(webrtc.turn):
        if not url.startswith("turn"):
            draft.wrong(("webrtc", "turn", index), 'not a TURN server: put it under "stun"')
    if webrtc.turn and webrtc.turn_secret is None:
        draft.wrong(
            ("webrtc", "turn"),
            'browsers need a password of the TURN servers: add "turn_secret_file" or "turn_secret_env"',
        )
    if webrtc.turn_secret is not None and not webrtc.turn:
        secret = draft.written(("webrtc", "turn_secret_file"), ("webrtc", "turn_secret_env"))
        draft.wrong(secret, 'a secret needs the servers that share it: add "turn"')


def _is_base32(secret: str) -> bool:
    """RFC 4648 section 6; 80 bits at least."""
    return re.fullmatch(r"[A-Za-z2-7]{16,128}=*", "".join(secret.split())) is not None
