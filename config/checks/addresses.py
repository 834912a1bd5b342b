"""What a host's name or address tells, and the checks of URLs and origins."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from config.draft import Draft
from config.problems import Loc


def is_address(text: str) -> bool:
    """Whether this is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nobody on the way can read what it is sent."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and ipaddress.ip_address(host).is_loopback


_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_DEFAULT_PORT = re.compile(r"http://.*:80|https://.*:443")
_LOCAL_ORIGIN = re.compile(r"http://(localhost|[a-z0-9.-]+\.localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?")


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
        draft.wrong(loc, "browsers omit the default port: omit it here too")
    elif origin.startswith("http:") and not _LOCAL_ORIGIN.fullmatch(origin):
        draft.doubtful(loc, "pages without TLS can be changed in transit: use https")


def check_public_url(draft: Draft, loc: Loc, url: str) -> None:
    """A problem for an address that nothing can be added to, a warning for one without TLS."""
    if "?" in url:
        draft.wrong(loc, "Ringback appends paths to this: remove the question mark and everything after it")
    check_in_the_clear(draft, loc, url)


def check_in_the_clear(draft: Draft, loc: Loc, url: str) -> None:
    """A warning for a URL whose requests can be read on their way, a problem for what is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        draft.wrong(loc, "not a valid URL: check its host and port")
        return
    if parts.scheme == "http" and not is_loopback(host):
        draft.doubtful(loc, "data sent here can be read and changed in transit: use https")


def port_of(host: str) -> int:
    """The port behind a host; 0 where it has none."""
    found = re.search(r":([0-9]+)$", host)
    return int(found[1]) if found else 0
