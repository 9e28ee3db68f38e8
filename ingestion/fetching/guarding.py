"""Which addresses may be connected to. Decided on what a name resolves to at that moment, asked for once.

What is not public is refused: the special networks of IANA's registries, what translating IPv6 addresses carry inside
them, and the addresses at which clouds hand out credentials. Hosts that the operator trusts may be private, on any port.
"""

import socket
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from ssrfguard import (
    DEFAULT_DENIED,
    Address,
    AddressTable,
    Block,
    Policy,
    Reach,
    Resolver,
    SSRFGuardError,
    Target,
    resolve,
)

from rag.errors import ConfigError, DocumentUnreadable, SourceUnavailable

Network = IPv4Network | IPv6Network
IPAddress = IPv4Address | IPv6Address

_PORTS = (80, 443)
_ANY_PORT = frozenset(range(1, 65536))  # which of them may be used is told when the address is known
_OWN = (
    Block(ip_network("168.63.129.16/32"), "Azure's wire server", "", Reach.DENIED),
    Block(ip_network("fd20:ce::254/128"), "Google's metadata server", "", Reach.DENIED),
)
_PRIVATE: tuple[Network, ...] = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1", "fc00::/7"),
    )
)
"""Where a trusted name may lead. Link-local networks are not among them: clouds keep their metadata there."""

_OF_PRIVATE = "it belongs to a private network (FETCH_TRUSTED_HOSTS names those that are your own)"


class FetchRefused(DocumentUnreadable):
    """We may not, or will not, fetch this: the address, or what it led to. The text completes "this document …"."""


class Guard:
    """Says of an address, before anything is sent to it, whether it may be connected to.

    `trusted_hosts`: names (exactly as they stand), addresses and networks, with commas. A network decides over those
    that it lies in and not over those that lie in it, so that a metadata address must be trusted by itself.
    Raises ConfigError when it is malformed.
    """

    def __init__(self, trusted_hosts: str = "", *, resolver: Resolver = socket.getaddrinfo) -> None:
        self._names, self._networks = _trusted(trusted_hosts)
        self._resolver = resolver
        self._anybody = _policy(self._networks)
        self._named = _policy((*_PRIVATE, *self._networks))

    def check(self, url: str) -> Target:
        """The origin of `url`, if nothing about the way it is written forbids it. Raises FetchRefused."""
        host = _host(url)
        try:
            return self._policy_for(host).check_url(url)
        except SSRFGuardError as refused:
            raise FetchRefused(f"is at an address that may not be fetched: {_why(url, refused)}") from None

    def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """What `host` resolves to now, each permitted; never empty. One that is not condemns them all: DNS that
        answers both ways is an attempt at rebinding. Raises FetchRefused and SourceUnavailable.
        """
        target = Target("tcp", host, port, host, _literal(host))
        try:
            found = resolve(target, policy=self._policy_for(host), resolver=self._resolver)
        except SSRFGuardError:
            raise FetchRefused(f"is at an address that may not be fetched: {_OF_PRIVATE}") from None
        except (OSError, UnicodeError) as error:
            raise SourceUnavailable(f"{host} cannot be found") from error
        if port not in _PORTS and not all(self.trusts(host, address.ip) for address in found):
            raise FetchRefused("is at an address that may not be fetched: only the ports 80 and 443 are")
        return found

    def trusts(self, host: str, address: IPAddress) -> bool:
        """Whether the operator named this host, its address, or a network that holds it."""
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return _plain(host) in self._names or any((mapped or address) in net for net in self._networks)

    def _policy_for(self, host: str) -> Policy:
        return self._named if _plain(host) in self._names else self._anybody


def _trusted(hosts: str) -> tuple[frozenset[str], tuple[Network, ...]]:
    names, networks = set[str](), list[Network]()
    for host in filter(None, map(str.strip, hosts.split(","))):
        try:
            networks.append(ip_network(host.strip("[]"), strict=False))
        except ValueError:
            if set(host) & set("/:*@ "):
                raise ConfigError(
                    f"FETCH_TRUSTED_HOSTS is malformed: {host} is neither a name nor an address nor a network; "
                    "see .env.example."
                ) from None
            names.add(_plain(host))
    return frozenset(names), tuple(networks)


@cache
def _policy(permitted: tuple[Network, ...]) -> Policy:
    """The rules, with these networks open. Of two networks that hold an address, the smaller one decides."""
    blocks = {block.network: block for block in (*DEFAULT_DENIED.blocks, *_OWN)}
    opened = {network: Block(network, "trusted", "", Reach.PERMITTED) for network in permitted}
    table = AddressTable(tuple({**blocks, **opened}.values()))
    return Policy(denied_networks=table, allowed_ports=_ANY_PORT)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _plain(host: str) -> str:
    """A name as DNS compares it."""
    try:
        return host.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _why(url: str, refused: SSRFGuardError) -> str:
    if refused.__cause__ and isinstance(refused.__cause__, SSRFGuardError):
        return _OF_PRIVATE
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is malformed"
    if parts.scheme.lower() not in {"http", "https"}:
        return "it does not begin with http:// or https://"
    if parts.username is not None or parts.password is not None:
        return "it carries a user name or a password"
    return "it is malformed"
