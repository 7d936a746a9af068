"""Addresses on the web as they come from outside: one way to read them, and which of them a server may go to.

Everything that decides where a request goes is taken from :class:`WebAddress`, never from the text again: two parsers
that read one text differently are how a check is got around. Fetching is :mod:`storage.fetching`'s business.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from core.errors import AddressRefused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_PORTS = {"http": 80, "https": 443}
USUAL_PORTS = frozenset({80, 443, 8080, 8443})
_LONGEST = 4096
_WRITTEN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>[0-9]{0,5}))?")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*", re.ASCII)
# The old library calls take "0xA9FEA9FE", "2852039166" and "127.1" for addresses; we take no number but four octets.
_NUMERIC = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)", re.ASCII)
_SAFE = "!$%&'()*+,-./:;=?@_~"

# Where clouds tell a machine its own secrets; no setting opens them.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address in its one canonical form. ``host`` is a lower-case ASCII name or an IP address without brackets;
    ``path`` begins with a slash and has the query with it. Users and passwords are never part of it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The canonical form, written out."""
        return self.origin + self.path

    @property
    def origin(self) -> str:
        """Scheme, host and, where it isn't the usual one, port: what a page's policy names."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def shown(self) -> str:
        """Host and path, without the query, in which secrets travel: what logs, exports and errors may name."""
        return self.origin.partition("://")[2] + self.path.partition("?")[0]

    def joined(self, target: str, schemes: Collection[str] = ("http", "https")) -> WebAddress:
        """Where a redirect to ``target`` leads from here. Raises :class:`AddressRefused`."""
        _refuse_signs(target)
        return read_web_address(urljoin(self.url, target), schemes)


def read_web_address(text: str, schemes: Collection[str] = ("http", "https")) -> WebAddress:
    """``text`` in canonical form. Raises :class:`AddressRefused` for everything that could be read in two ways."""
    _refuse_signs(text)
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise AddressRefused("This is not a web address.", "It begins with https:// or http://.")
    scheme = written["scheme"].lower()
    if scheme not in schemes:
        raise AddressRefused(f"Addresses that begin with {scheme}: are not fetched.", f"Use {' or '.join(schemes)}.")
    if "@" in written["authority"]:
        raise AddressRefused("The address names a user or has an @ before its path.", "Leave that out.")
    authority = _AUTHORITY.fullmatch(written["authority"])
    if authority is None:
        raise AddressRefused("The address names no host.", "It looks like https://host/picture.jpg.")
    port = int(authority["port"]) if authority["port"] else DEFAULT_PORTS.get(scheme, 0)
    if not 0 < port < 65536:
        raise AddressRefused("The address has a port that does not exist.")
    rest = written["rest"]
    path = quote(rest if rest.startswith("/") else f"/{rest}", safe=_SAFE)
    return WebAddress(scheme, _read_host(authority["host"]), port, path)


def _refuse_signs(text: str) -> None:
    if len(text) > _LONGEST:
        raise AddressRefused(f"The address is longer than {_LONGEST:,} characters.")
    if not text.isprintable() or "\\" in text or " " in text:
        raise AddressRefused("The address holds a blank, a backslash or a control character.")


def _read_host(written: str) -> str:
    if written.startswith("["):
        try:
            return str(ipaddress.IPv6Address(written[1:-1]))
        except ValueError as error:
            raise AddressRefused("The address names no host.") from error
    try:  # also what looks like digits or dots to a reader of Unicode becomes plain ones here
        host = written.lower().encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise AddressRefused("The address names no host.") from error
    if _NUMERIC.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise AddressRefused("An address in numbers has four of them, from 0 to 255.") from error
    if not _NAME.fullmatch(host):
        raise AddressRefused("The address names no host.")
    return host


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a server may go by itself: to the public internet, and to ``networks`` of its own that an administrator
    named, by ``ports``."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = USUAL_PORTS

    def check_port(self, port: int) -> None:
        """Raise :class:`AddressRefused` for a port at which no pictures are expected."""
        if port not in self.ports:
            raise AddressRefused(f"Nothing is fetched from port {port}.", "FETCH_PORTS lists the ports allowed.")

    def check_address(self, written: str) -> None:
        """Raise :class:`AddressRefused` for an IP address that is not for us; each one that a name stands for is asked
        about, not the name."""
        address = _unwrapped(ipaddress.ip_address(written))
        if any(address in network for network in _NEVER):
            raise AddressRefused("The address leads to a network that is never fetched from.")
        if any(address in network for network in self.networks):
            return
        if not address.is_global or address.is_multicast or address.is_reserved:
            raise AddressRefused(
                "The address leads into a private network.", "FETCH_NETWORKS lists the networks allowed."
            )


def _unwrapped(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one, wherever packets to the one would reach the other."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks parted by commas, such as ``192.168.0.0/16``. Raises ``ValueError``."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def read_ports(text: str) -> frozenset[int]:
    """Ports parted by commas. Raises ``ValueError``."""
    ports = frozenset(int(part) for part in text.split(",") if part.strip())
    if not ports or not all(0 < port < 65536 for port in ports):
        raise ValueError(text)
    return ports
