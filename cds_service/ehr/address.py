"""The address of a FHIR server, read strictly, and whether it is on the list of those that may be called.

One reading decides both whether an address is allowed and where the call goes. So nothing is accepted that two
readers could take for two places: what is refused here is never resolved and never called.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65535
_LONGEST_HOST = 253
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z]+)://(?P<host>\[[^\]/]*\]|[^/:\[\]]*)(?P<port>:[^/]*)?(?P<path>/.*)?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# A last label of this form makes the whole host a number for some readers: 127.1, 0x7f.1, 2130706433.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_SEGMENT = re.compile(r"[A-Za-z0-9._~$!*+,;=:@&'()-]+")
_QUERY = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Server:
    """A FHIR base address: `path` is "" or starts with a slash and ends without one."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port as a URL; the port only where it is not the scheme's own."""
        return f"{self.scheme}://{self.host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    @property
    def base(self) -> str:
        """The whole address, without a slash at its end."""
        return self.origin + self.path

    def holds(self, other: Server) -> bool:
        """Whether the other address is this one or below it, by whole segments of the path."""
        same = (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)
        return same and (other.path == self.path or other.path.startswith(f"{self.path}/"))

    def owns(self, url: str) -> bool:
        """Whether a link or an absolute reference, which may have a query, stays on this server."""
        address, _, query = url.partition("?")
        if not _QUERY.fullmatch(query) or set(query) & {"#", "\\"}:
            return False
        try:
            return self.holds(parse(address))
        except ValueError:
            return False


def parse(text: str) -> Server:
    """The server of a base address. Raises ValueError with what is wrong; the address itself is not repeated,
    because it may hold a password."""
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\?#%"<>^`{|}'):
        raise _wrong("it has a space, a query, a fragment, a percent sign or a character that no address may have")
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise _wrong("it has a user name before the host; leave it out")
    parts = _ADDRESS.fullmatch(text)
    if parts is None:
        raise _wrong("it is not an absolute address")
    scheme = parts["scheme"].lower()
    if scheme not in _PORTS:
        raise _wrong("it starts with neither http:// nor https://")
    return Server(scheme, _host(parts["host"].lower()), _port(scheme, parts["port"]), _path(parts["path"] or ""))


def allowed(server_text: str, allow_list: Sequence[Server]) -> Server | None:
    """The server that may be called under this address: it is on the list, or below an address that is."""
    try:
        server = parse(server_text)
    except ValueError:
        return None
    return server if any(listed.holds(server) for listed in allow_list) else None


def _wrong(what: str) -> ValueError:
    return ValueError(f"Address of a FHIR server: {what}. Write it like https://ehr.example.org/fhir.")


def _host(host: str) -> str:
    if host.startswith("["):
        return _ipv6(host)
    labels = host.split(".")
    if len(host) > _LONGEST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise _wrong("its host is neither a name nor an IP address, or ends with a dot")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    return host


def _ipv4(host: str) -> str:
    """Only four plain decimal numbers: other forms mean different hosts to different readers."""
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        raise _wrong("its IPv4 host is not of the form 192.0.2.1") from None


def _ipv6(host: str) -> str:
    """Only the shortest form without a zone; an IPv4 address in IPv6 clothes is a second name of another host."""
    try:
        address = IPv6Address(host[1:-1])
    except AddressValueError:
        raise _wrong("its IPv6 host is not of the form [2001:db8::1]") from None
    if address.ipv4_mapped or address.scope_id or f"[{address}]" != host:
        raise _wrong("its IPv6 host has a zone, holds an IPv4 address, or is not in its shortest form")
    return host


def _port(scheme: str, text: str | None) -> int:
    if text is None:
        return _PORTS[scheme]
    if not _PORT.fullmatch(text[1:]) or int(text[1:]) > _HIGHEST_PORT:
        raise _wrong(f"its port is not a number from 1 to {_HIGHEST_PORT}")
    return int(text[1:])


def _path(text: str) -> str:
    path = text.removesuffix("/")
    for segment in path.split("/")[1:]:
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            raise _wrong("its path has an empty or dotted segment, or a character that must be encoded")
    return path
