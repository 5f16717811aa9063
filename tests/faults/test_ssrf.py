"""No URL, name server or redirect makes us connect to an address that is not public."""

import io
import socket
from collections.abc import Sequence

import pytest
import requests

from taskloom.config import BadSetting
from taskloom.errors import Refusal
from taskloom.storage.gate import Blocked, Gate
from taskloom.storage.remote import RemoteFiles
from tests.unit.outside import PUBLIC, Outside, reply, serving

NAMES = {
    "public.example": [PUBLIC],
    "localhost": ["127.0.0.1", "::1"],
    "loopback.example": ["127.0.0.1"],
    "private.example": ["10.0.0.5"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
    "mixed6.example": [PUBLIC, "::ffff:10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "zoned.example": ["fe80::1%eth0"],
    "nonsense.example": ["not an address"],
    "empty.example": [],
    "printer": ["192.168.1.9"],
}

HOSTILE = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.0.0.1./",
    "http://127.1.2.3/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://02130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0.0.01/",
    "http://0x7f000001/",
    "http://0x7F.0.0.1/",
    "http://0x7f.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0x/",
    "http://4294967295/",
    "http://127.0.0.0x1/",
    "http://127.0.0.1%00.example/",
    "http://127.0.0.1%2eexample/",
    "http://%31%32%37.0.0.1/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://localhost:443/",
    "https://localhost/",
    "http://loopback.example/",
    "http://private.example/",
    "http://mixed.example/",
    "http://mixed6.example/",
    "http://metadata.example/latest/meta-data/",
    "http://zoned.example/",
    "http://nonsense.example/",
    "http://empty.example/",
    "http://unknown.example/",
    "http://printer/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.0.0.0:8080/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.0.1/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://100.64.0.1/",
    "http://100.127.255.254/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::1]:8080/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000::0001]/",
    "http://[::127.0.0.1]/",
    "http://[::7f00:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[2001:2::1]/",
    "http://[100::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[4000::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::1%25lo]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[v1.127.0.0.1]/",
    "http://[127.0.0.1]/",
    "http://[::1/",
    "http://public.example@127.0.0.1/",
    "http://127.0.0.1@public.example/",
    "http://user:password@public.example/",
    "http://@public.example/",
    "http://public.example\\@127.0.0.1/",
    "http://127.0.0.1\\@public.example/",
    "http://public.example:0/",
    "http://public.example:22/",
    "http://public.example:25/",
    "http://public.example:53/",
    "http://public.example:1023/",
    "http://public.example:65536/",
    "http://public.example:-1/",
    "http://public.example:80:80/",
    "http://public.example:8O/",
    "http://public.example:٨٠/",
    "http://public_example.127.0.0.1/",
    "http://*.example/",
    "http://-/",
    "http://./",
    "http://../",
    "http://",
    "http:///path",
    "http:/public.example/",
    "http:public.example",
    "https:///",
    "//public.example/",
    "public.example",
    "/path",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://public.example/",
    "gopher://127.0.0.1:6379/_INFO",
    "dict://127.0.0.1:11211/stats",
    "ldap://127.0.0.1/",
    "sftp://127.0.0.1/",
    "tftp://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "ws://public.example/",
]
UNPRINTABLE = [
    "",
    " http://public.example/",
    "http://public.example/ ",
    "http://public.example/a b",
    "http://public.example/\r\nX-Injected: 1",
    "http://127.0.0.1\t/",
    "ht\ntp://127.0.0.1/",
    "\x00http://public.example/",
    "http://public.example/\x7f",
    "http://public.example/\u2028",
    "http://127.0.0.1\u00a0/",
    "http://public.example/\ud800",
    "http://" + "a" * 64 + ".example/",
    "http://" + "ü" * 64 + ".example/",
    "http://public.example/" + "a" * 5000,
]


@pytest.mark.parametrize("url", HOSTILE + UNPRINTABLE)
def test_a_hostile_url_is_refused_and_nothing_is_dialled(url: str) -> None:
    outside = Outside(names=NAMES)

    with pytest.raises(Refusal) as refused:
        RemoteFiles(outside.gate(), max_bytes=1000).fetch(url)
    assert refused.value.code == "fetch_refused"
    assert outside.dialled == []


def test_a_private_name_and_a_missing_one_are_refused_in_the_same_words() -> None:
    """Whoever asks must not learn which internal names exist, and least of all their addresses."""
    files = RemoteFiles(Outside(names=NAMES).gate(), max_bytes=1000)
    messages = set()
    for host in ("private.example", "mixed.example", "unknown.example", "10.0.0.5", "[::1]"):
        with pytest.raises(Refusal) as refused:
            files.fetch(f"http://{host}/")
        messages.add(refused.value.message)

    assert messages == {"cannot be fetched: there is no such public address"}


TARGETS = [
    "http://127.0.0.1/",
    "http://localhost/",
    "http://2130706433/",
    "//127.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://private.example/",
    "http://user@public.example/",
    "http://public.example:22/",
    "http://public.example\\@127.0.0.1/",
    "file:///etc/passwd",
    "http://[::1",
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_redirect_is_checked_like_the_first_url(target: str) -> None:
    moved = reply(status="302 Found", Location=target)
    with serving(lambda connection, _: connection.sendall(moved)) as port:
        outside = Outside(names=NAMES, port=port)

        with pytest.raises(Refusal) as refused:
            RemoteFiles(outside.gate(), max_bytes=1000).fetch("http://public.example/")
    assert refused.value.code == "fetch_refused"
    assert outside.dialled == [(PUBLIC, 80)]


def test_a_name_that_turns_to_loopback_is_never_dialled_there() -> None:
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    moved = reply(status="302 Found", Location="http://rebinding.example/again")

    def resolve(host: str, port: int) -> Sequence[str]:
        del host, port
        return answers.pop(0)

    with serving(lambda connection, _: connection.sendall(moved)) as port:
        outside = Outside(port=port)
        gate = Gate(resolver=resolve, connector=outside.connect)

        with pytest.raises(Refusal) as refused:
            RemoteFiles(gate, max_bytes=1000).fetch("http://rebinding.example/")
    assert refused.value.code == "fetch_refused"
    assert outside.dialled == [(PUBLIC, 80)]


def test_a_name_is_resolved_once_for_a_connection() -> None:
    with serving(lambda connection, _: connection.sendall(reply(b"x"))) as port:
        outside = Outside(names=NAMES, port=port)
        RemoteFiles(outside.gate(), max_bytes=1000).fetch("http://public.example/")

    assert outside.asked == ["public.example"]
    assert outside.dialled == [(PUBLIC, 80)]


def test_a_redirect_from_https_to_http_is_refused() -> None:
    answer = requests.Response()
    answer.status_code = 302
    answer.headers["Location"] = "http://public.example/"
    answer.raw = io.BytesIO()
    files = RemoteFiles(Outside(names=NAMES).gate(), max_bytes=1000)

    class Scripted(requests.Session):
        def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
            del request
            return answer

    with pytest.raises(Refusal, match="from https to http"):
        files._follow(Scripted(), "https://public.example/")  # noqa: SLF001 - no trusted TLS server here


@pytest.mark.parametrize(
    ("allow", "host", "passes"),
    [
        ("10.1.0.0/16", "10.1.2.3", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("10.1.0.0/16", "::ffff:10.1.2.3", True),
        ("10.1.0.0/16", "64:ff9b::10.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.4", False),
        ("fd00:1::/32", "fd00:1::5", True),
        ("fd00:1::/32", "fd00:2::5", False),
        ("127.0.0.0/8", "loopback.example", True),
        ("127.0.0.0/8", "localhost", False),
        ("127.0.0.0/8", "mixed.example", True),
        ("10.0.0.0/8", "zoned.example", False),
        ("fe80::/10", "zoned.example", False),
        ("10.0.0.0/8", "public.example", True),
        ("10.0.0.0/8", "2606:2800:220:1:248:1893:25c8:1946", True),
    ],
)
def test_only_an_allowed_network_is_open_although_private(
    allow: str, host: str, passes: bool
) -> None:
    gate = Outside(names=NAMES).gate([allow])

    if passes:
        assert gate.addresses(host, 80)
    else:
        with pytest.raises(Blocked):
            gate.addresses(host, 80)


@pytest.mark.parametrize("network", ["10.0.0.0/33", "intranet", "10.0.0.0-10.0.0.9", ""])
def test_an_unreadable_allowed_network_is_a_bad_setting(network: str) -> None:
    with pytest.raises(BadSetting, match="TASKLOOM_FETCH_ALLOW"):
        Gate([network])


def test_without_an_allowed_network_the_real_resolver_and_connector_stay_at_home() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0.2)
        for host in ("localhost", "127.0.0.1", "2130706433"):
            with pytest.raises(Refusal):
                RemoteFiles(Gate(), max_bytes=1000).fetch(f"http://{host}:{port}/")

        with pytest.raises(TimeoutError):
            listener.accept()
