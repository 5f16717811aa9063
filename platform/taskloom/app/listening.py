"""The address to listen on: whether it is free, what it is called, when it answers."""

import errno
import http.client
import ipaddress
import os
import socket
import time
from collections.abc import Callable

from taskloom.storage.datadir import CannotStart

_PAUSE_SECONDS = 0.05
_PATIENCE_SECONDS = 3.0


def url_of(host: str, port: int) -> str:
    """Spell the address that a browser on this machine can open."""
    return f"http://{_literal(_reachable(host))}:{port}"


def _literal(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reachable(host: str) -> str:
    """Turn "every address" into the loopback one, which is among them."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "::1" if address.version == 6 else "127.0.0.1"  # noqa: PLR2004 - the version of IPv6


def bindable(host: str, port: int) -> str:
    """Return the IP address to listen on, or raise `CannotStart` when the port is not to be had.

    The server shares its port among its workers (SO_REUSEPORT), so it would not notice another
    server there. The workers of one that was just killed get a moment to go.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    family, address = _resolve(host, port)
    while True:
        fault = _try(family, address)
        if fault is None:
            return str(address[0])
        if fault.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            raise _refusal(host, port, fault)
        time.sleep(_PAUSE_SECONDS)


def _resolve(host: str, port: int) -> tuple[int, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as fault:
        raise CannotStart(
            f"{host!r} is no address of this machine: {fault}.",
            "Set TASKLOOM_HOST to 127.0.0.1, 0.0.0.0 or a name that resolves here.",
        ) from fault
    family, _, _, _, address = found[0]
    return family, address


def _try(family: int, address: tuple[object, ...]) -> OSError | None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as fault:
            return fault
    return None


def _refusal(host: str, port: int, fault: OSError) -> CannotStart:
    if fault.errno == errno.EADDRINUSE:
        return CannotStart(
            f"Port {port} on {host} is in use by another program.",
            "Stop that program, or choose another port with TASKLOOM_PORT or --port.",
        )
    return CannotStart(
        f"Port {port} on {host} cannot be used: {fault.strerror}.",
        "Choose another address with TASKLOOM_HOST and TASKLOOM_PORT.",
    )


def wait_until_up(host: str, port: int, stopped: Callable[[float], bool]) -> bool:
    """Wait until the server answers `/healthz`; False when `stopped(seconds)` came true before."""
    while not stopped(_PAUSE_SECONDS):
        connection = http.client.HTTPConnection(_reachable(host), port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return True
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    return False
