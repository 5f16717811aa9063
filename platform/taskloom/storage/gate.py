"""The gate to the outside: connections by name that end at public addresses only.

The check stands where the connection is made: the name is resolved once, every address it has is
checked, and exactly a checked address is dialled. What a URL parser, a redirect or a second answer
of the name server makes of it does not matter. TLS and the `Host` header keep going by name.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import requests
from AntiSSRF import IPAddressRanges
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from taskloom.config import BadSetting

Resolver = Callable[[str, int], Sequence[str]]
"""Gives all addresses of a name; raises `OSError` when it has none."""
Connector = Callable[[str, int, float], socket.socket]
"""Dials a checked address, a port, within so many seconds."""
Watch = Callable[[socket.socket], None]
"""Is told of each new connection."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

DIAL_SECONDS = 3.0
# All of IPv6 that is assigned for the open internet; whatever lies outside reaches something else.
_OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")
# What resolvers read as a number: 2130706433, 0x7f.1, 0177.0.0.1. No public name ends like that.
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)


class Blocked(Exception):
    """The host is not to be reached; whether it exists is deliberately not said."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for all addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an address, which is never resolved again."""
    return socket.create_connection((address, port), timeout=seconds)


class Gate:
    """Lets through what is public, and the CIDRs of `allow`; all else is `Blocked`."""

    def __init__(
        self,
        allow: Sequence[str] = (),
        *,
        resolver: Resolver = resolve,
        connector: Connector = dial,
    ) -> None:
        self._allowed = [_allowed(text) for text in allow]
        self._resolver = resolver
        self._connector = connector

    def session(self, watch: Watch | None = None) -> requests.Session:
        """Open an HTTP session whose every connection goes through here.

        It knows no proxies, no `.netrc` and nothing else from the environment, and takes every
        redirect for an answer.
        """
        session = _Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(partial(self.connect, watch=watch)))
        return session

    def connect(self, host: str, port: int, *, watch: Watch | None = None) -> socket.socket:
        """Connect to the first address of a host that answers, once all were checked."""
        failure: OSError = ConnectionError("no address")
        for address in self.addresses(host, port):
            try:
                connection = self._connector(address, port, DIAL_SECONDS)
            except OSError as fault:
                failure = fault
                continue
            if watch is not None:
                watch(connection)
            return connection
        raise failure

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Give the addresses of a host, without repetition; raise `Blocked` if one is not right."""
        bare = host.strip("[]").rstrip(".")
        try:
            found = [bare] if _is_address(bare) else list(self._resolver(_name(bare), port))
        except (OSError, UnicodeError) as fault:
            raise Blocked from fault
        if not found or not all(self._is_right(address) for address in found):
            raise Blocked
        return list(dict.fromkeys(found))

    def _is_right(self, text: str) -> bool:
        # A zone ("%eth0") picks a local interface; nothing public has one.
        if "%" in text or not _is_address(text):
            return False
        address = _wide(ipaddress.ip_address(text))
        if any(address in network for network in self._allowed):
            return True
        if address.ipv4_mapped is None and address not in _OPEN_IPV6:
            return False
        if any(address in network for network in _REFUSED):
            return False
        return (address.ipv4_mapped or address).is_global


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    if not host or _NUMERIC.fullmatch(host):
        raise Blocked
    return host


def _wide(address: Address) -> ipaddress.IPv6Address:
    """Write every address as IPv6, so that mapped ones cannot pass as something else."""
    if isinstance(address, ipaddress.IPv4Address):
        return ipaddress.IPv6Address(f"::ffff:{address}")
    return address


def _network(text: str) -> ipaddress.IPv6Network:
    network = ipaddress.ip_network(text, strict=False)
    longer = 96 if isinstance(network, ipaddress.IPv4Network) else 0
    return ipaddress.IPv6Network((_wide(network.network_address), network.prefixlen + longer))


def _allowed(text: str) -> ipaddress.IPv6Network:
    try:
        return _network(text)
    except ValueError as fault:
        raise BadSetting(
            f"TASKLOOM_FETCH_ALLOW={text!r} is not a network; write 10.1.0.0/16 or fd00:1::/32"
        ) from fault


_REFUSED = tuple(_network(text) for text in IPAddressRanges.recommended_latest)

_Connect = Callable[[str, int], socket.socket]


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        # Even when told not to follow, requests reads the whole body of what it takes for a
        # redirect, however long it is.
        del resp


class _Plain(HTTPConnection):
    def __init__(self, *args: Any, connect: _Connect, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connect = connect

    def _new_conn(self) -> socket.socket:
        return self._connect(self._dns_host, self.port)


class _Secure(HTTPSConnection):
    def __init__(self, *args: Any, connect: _Connect, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connect = connect

    def _new_conn(self) -> socket.socket:
        return self._connect(self._dns_host, self.port)


class _Pools(PoolManager):
    def __init__(self, connect: _Connect) -> None:
        super().__init__()
        self._connect = connect

    def _new_pool(
        self, scheme: str, host: str, port: int, request_context: dict[str, Any] | None = None
    ) -> HTTPConnectionPool:
        pool = super()._new_pool(scheme, host, port, request_context)
        kind = _Secure if scheme == "https" else _Plain
        pool.ConnectionCls = partial(kind, connect=self._connect)  # type: ignore[assignment]
        return pool


class _Adapter(HTTPAdapter):
    def __init__(self, connect: _Connect) -> None:
        super().__init__()
        self.poolmanager = _Pools(connect)
