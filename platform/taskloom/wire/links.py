"""What links begin with: the address this server is known by."""

import re
from typing import Final

from werkzeug.wrappers import Request

from taskloom.errors import Malformed
from taskloom.wire.base import Limits

# As in addresses; the underscore is in no name of the internet, but in those of containers.
_HOST: Final = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?", re.ASCII)


def base_url(request: Request, limits: Limits) -> str:
    """Return what links begin with, without a slash at the end: the fixed or the asked host.

    Raises `Malformed` when neither is there: nothing else of a `Host` header may get into links.
    """
    if limits.public_url:
        return limits.public_url.rstrip("/")
    host = request.host or request.headers.get("Host", "")
    if not _HOST.fullmatch(host):
        raise Malformed("the Host header names no host")
    return f"{request.scheme}://{host}"
