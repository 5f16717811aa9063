"""Fetching remote files: what comes back, and that every limit holds."""

import gzip
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskloom.engine.blobs import Fetched
from taskloom.errors import Refusal
from taskloom.storage.gate import Gate
from taskloom.storage.remote import LONGEST_NAME, RemoteFiles, _Line, _sanitised, checked
from tests.unit.outside import PUBLIC, Answer, Outside, reply, serving

LIMIT = 100_000
NAMES = {"files.example": [PUBLIC], "xn--bcher-kva.example": [PUBLIC]}


def fetch(answer: Answer, url: str = "http://files.example/a.txt", seconds: float = 10) -> Fetched:
    with serving(answer) as port:
        gate = Outside(names=NAMES, port=port).gate()
        return RemoteFiles(gate, max_bytes=LIMIT, seconds=seconds).fetch(url)


def refusal(answer: Answer, url: str = "http://files.example/", seconds: float = 10) -> Refusal:
    with pytest.raises(Refusal) as refused:
        fetch(answer, url, seconds)
    return refused.value


def saying(*answers: bytes) -> Answer:
    """Answer each connection with the next of these bytes."""
    left = list(answers)

    def answer(connection: socket.socket, request: str) -> None:
        del request
        connection.sendall(left.pop(0))

    return answer


def test_a_file_of_an_allowed_network_comes_back_whole() -> None:
    asked = []

    def answer(connection: socket.socket, request: str) -> None:
        asked.append(request)
        connection.sendall(reply(b"hello", Content_Type="text/plain; charset=utf-8"))

    with serving(answer) as port:
        files = RemoteFiles(Gate(["127.0.0.0/8"]), max_bytes=LIMIT)
        fetched = files.fetch(f"http://localhost:{port}/files/hello.txt?download=1#top")

    assert fetched == Fetched(filename="hello.txt", content_type="text/plain", contents=b"hello")
    assert asked[0].startswith("GET /files/hello.txt?download=1 HTTP/1.1\r\n")
    assert f"\r\nHost: localhost:{port}\r\n" in asked[0]


def test_the_checked_address_is_dialled_and_the_server_is_addressed_by_name() -> None:
    asked = []

    def answer(connection: socket.socket, request: str) -> None:
        asked.append(request)
        connection.sendall(reply(b"hello"))

    with serving(answer) as port:
        outside = Outside(names=NAMES, port=port)
        RemoteFiles(outside.gate(), max_bytes=LIMIT).fetch("http://Bücher.example:8000/")

    assert outside.dialled == [(PUBLIC, 8000)]
    assert "\r\nHost: xn--bcher-kva.example:8000\r\n" in asked[0]


def test_tls_is_spoken_with_the_name_and_an_untrusted_answer_is_refused() -> None:
    greetings = []

    def answer(connection: socket.socket, request: str) -> None:
        greetings.append(request)
        connection.sendall(reply(b"not TLS"))

    assert refusal(answer, "https://files.example/").code == "fetch_failed"
    assert "files.example" in greetings[0]
    assert "GET" not in greetings[0]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    other = "2606:2800:220:1:248:1893:25c8:1946"
    with serving(saying(reply(b"hello"))) as port:
        outside = Outside(names={"files.example": [other, PUBLIC]}, port=port)

        def connect(address: str, number: int, seconds: float) -> socket.socket:
            if address == other:
                outside.dialled.append((address, number))
                raise ConnectionRefusedError
            return outside.connect(address, number, seconds)

        gate = Gate(resolver=outside.resolve, connector=connect)
        assert RemoteFiles(gate, max_bytes=LIMIT).fetch("http://files.example/").contents
    assert outside.dialled == [(other, 80), (PUBLIC, 80)]


NAMED = [
    ("http://files.example/a/report.pdf", "", "report.pdf"),
    ("http://files.example/%C3%BCber%20uns.pdf", "", "über uns.pdf"),
    ("http://files.example/a%2Fb%5Cc.pdf", "", "c.pdf"),
    ("http://files.example/..%2f..%2fetc%2fpasswd", "", "passwd"),
    ("http://files.example", "", "file"),
    ("http://files.example/a/", "", "file"),
    ("http://files.example/%2e%2e", "", "file"),
    ("http://files.example/a%00%0d%0ab%1b.txt", "", "ab.txt"),
    ("http://files.example/%E2%80%AEfdp.exe", "", "fdp.exe"),
    ("http://files.example/%ff.txt", "", "\N{REPLACEMENT CHARACTER}.txt"),
    ("http://files.example/x", 'attachment; filename="own name.pdf"', "own name.pdf"),
    ("http://files.example/x", "attachment; filename=plain.pdf", "plain.pdf"),
    ("http://files.example/x", 'attachment; filename="/etc/passwd"', "passwd"),
    ("http://files.example/x", r'attachment; filename="C:\\dir\\f.txt"', "f.txt"),
    ("http://files.example/x", "attachment; filename*=UTF-8''%e2%82%ac.pdf", "€.pdf"),
    ("http://files.example/x", "attachment; filename*=no-such''a.pdf", "a.pdf"),
    ("http://files.example/x", 'attachment; filename="ü.pdf"', "ü.pdf"),
    ("http://files.example/x", "attachment", "x"),
    ("http://files.example/x", 'attachment; filename="..."', "x"),
]


@pytest.mark.parametrize(("url", "disposition", "name"), NAMED)
def test_the_name_is_the_one_the_server_gives_or_the_last_part_of_the_url(
    url: str, disposition: str, name: str
) -> None:
    assert fetch(saying(reply(b"x", Content_Disposition=disposition)), url).filename == name


def test_a_long_name_is_cut_before_its_ending() -> None:
    assert _sanitised("n" * 300 + ".pdf") == "n" * 251 + ".pdf"
    assert _sanitised("a." + "n" * 300) == "a." + "n" * 253
    assert _sanitised("n" * 300) == "n" * 255


@given(st.text())
def test_no_name_holds_a_folder_or_what_no_one_can_see(name: str) -> None:
    cleaned = _sanitised(name)

    assert len(cleaned) <= LONGEST_NAME
    assert not set(cleaned) & set("/\\\0\r\n\t\x7f\N{RIGHT-TO-LEFT OVERRIDE}")
    assert cleaned not in {".", ".."}
    assert cleaned == _sanitised(cleaned)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("image/PNG; q=1", "image/png"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("text/<script>", "application/octet-stream"),
    ],
)
def test_the_content_type_is_the_header_without_parameters(sent: str, kind: str) -> None:
    assert fetch(saying(reply(b"x", Content_Type=sent))).content_type == kind


def test_redirects_are_followed() -> None:
    moved = (
        reply(status="301 Moved", Location="/b c/d"),
        reply(status="302 Found", Location="?page=2"),
        reply(status="307 Temporary", Location="http://files.example:8080/real name.pdf"),
        reply(b"found"),
    )
    fetched = fetch(saying(*moved), "http://files.example/")

    assert fetched.contents == b"found"
    assert fetched.filename == "real name.pdf"


def test_the_body_of_a_redirect_is_not_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"

    def answer(connection: socket.socket, request: str) -> None:
        if request.startswith("GET /there"):
            connection.sendall(reply(b"found"))
            return
        connection.sendall(head)
        while True:
            connection.sendall(bytes(64 * 1024))

    assert fetch(answer).contents == b"found"


def test_the_sixth_redirect_is_refused() -> None:
    moved = reply(status="302 Found", Location="/again")

    assert fetch(saying(*[moved] * 5, reply(b"x"))).contents == b"x"
    refused = refusal(saying(*[moved] * 6, reply(b"x")))
    assert refused.code == "fetch_refused"
    assert "more than 5 times" in refused.message


def test_a_redirect_without_a_target_is_an_answer() -> None:
    assert fetch(saying(reply(b"x", status="302 Found"))).contents == b"x"


@pytest.mark.parametrize("status", ["204 No Content", "400 Bad", "404 Not Found", "500 Oops"])
def test_any_other_answer_than_a_file_is_told_by_its_number(status: str) -> None:
    if status.startswith("2"):
        assert fetch(saying(reply(status=status))).contents == b""
        return
    refused = refusal(saying(reply(b"secret text", status=status)))
    assert refused.code == "fetch_failed"
    assert refused.message == f"cannot be fetched: the server answered {status[:3]}"


def test_a_file_of_exactly_the_limit_is_fetched() -> None:
    assert len(fetch(saying(reply(bytes(LIMIT)))).contents) == LIMIT


def test_an_announced_size_past_the_limit_is_refused() -> None:
    refused = refusal(saying(reply(Content_Length=str(LIMIT + 1))))

    assert refused.code == "too_large"
    assert str(LIMIT) in refused.message


def test_a_body_that_never_ends_is_refused_at_the_limit() -> None:
    def answer(connection: socket.socket, request: str) -> None:
        del request
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(64 * 1024))

    assert refusal(answer).code == "too_large"


def test_an_unasked_for_compression_is_undone() -> None:
    packed = gzip.compress(b"hello")

    assert fetch(saying(reply(packed, Content_Encoding="gzip"))).contents == b"hello"


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compressed_bomb_is_refused_at_the_limit(layers: int) -> None:
    bomb = bytes(500 * LIMIT)
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    answer = reply(bomb, Content_Encoding=", ".join(["gzip"] * layers))

    assert len(bomb) < LIMIT
    assert refusal(saying(answer)).code == "too_large"


BROKEN = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "half a body": reply(b"hello", Content_Length="50"),
    "a broken chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    "a broken compression": reply(b"hello", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_refused_without_details(answer: bytes) -> None:
    refused = refusal(saying(answer))

    assert refused.code == "fetch_failed"
    assert refused.message == "cannot be fetched: the server does not answer as it should"


def test_a_server_that_cannot_be_reached_is_told_like_one_that_answers_wrongly() -> None:
    outside = Outside(names=NAMES)

    with pytest.raises(Refusal, match="does not answer as it should") as refused:
        RemoteFiles(outside.gate(), max_bytes=LIMIT).fetch("http://files.example/")
    assert refused.value.code == "fetch_failed"
    assert outside.dialled


def drip(opening: bytes) -> Answer:
    def answer(connection: socket.socket, request: str) -> None:
        del request
        connection.sendall(opening)
        while not threading.Event().wait(0.05):
            connection.sendall(b"x")

    return answer


def silence(connection: socket.socket, request: str) -> None:
    del request
    connection.recv(1)


SLOW = {
    "a body in drops": drip(b"HTTP/1.1 200 OK\r\n\r\n"),
    "a head in drops": drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "silence": silence,
    "endless patience": lambda connection, _: connection.sendall(
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000_000
    ),
}


@pytest.mark.parametrize("url", ["http://files.example/", "https://files.example/"])
@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_slow_server_is_given_up_at_the_deadline(answer: Answer, url: str) -> None:
    refused = refusal(answer, url, seconds=0.4)

    assert refused.code == "fetch_failed"


def test_a_silent_name_server_is_given_up_at_the_deadline() -> None:
    silent = threading.Event()
    outside = Outside()

    def resolve(host: str, port: int) -> list[str]:
        del host, port
        silent.wait(60)
        return [PUBLIC]

    gate = Gate(resolver=resolve, connector=outside.connect)
    with pytest.raises(Refusal, match=r"longer than 0\.2 seconds"):
        RemoteFiles(gate, max_bytes=LIMIT, seconds=0.2).fetch("http://files.example/")
    silent.set()


def test_a_connection_that_comes_too_late_is_closed() -> None:
    line = _Line()
    line.cut()
    ours, theirs = socket.socketpair()

    with theirs, pytest.raises(ConnectionError):
        line.hold(ours)
    assert ours.fileno() == -1


def test_more_fetches_than_allowed_at_once_are_told_to_come_again() -> None:
    release = threading.Event()
    arrived = threading.Semaphore(0)

    def answer(connection: socket.socket, request: str) -> None:
        del request
        arrived.release()
        release.wait(30)
        connection.sendall(reply(b"hello"))

    with serving(answer) as port:
        gate = Outside(names=NAMES, port=port).gate()
        files = RemoteFiles(gate, max_bytes=LIMIT, at_once=2, patience=0.05)
        fetched: list[Fetched] = []
        threads = [
            threading.Thread(target=lambda: fetched.append(files.fetch("http://files.example/")))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        assert all(arrived.acquire(timeout=10) for _ in threads)

        with pytest.raises(Refusal, match="too many") as refused:
            files.fetch("http://files.example/")
        assert refused.value.code == "fetch_failed"
        release.set()
        for thread in threads:
            thread.join()
        assert [each.contents for each in fetched] == [b"hello", b"hello"]
        assert files.fetch("http://files.example/").contents == b"hello"


def judged(text: str) -> str:
    """Give the checked URL, or the code of its refusal."""
    try:
        return checked(text)
    except Refusal as refused:
        return refused.code


@given(st.text() | st.text().map("http://{}".format) | st.text().map("http://a.example/{}".format))
def test_any_text_is_a_sound_url_or_refused(text: str) -> None:
    url = judged(text)

    assert url == "fetch_refused" or url.startswith(("http://", "https://"))
    assert url == "fetch_refused" or checked(url) == url


def test_a_session_of_the_gate_ignores_proxies_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert fetch(saying(reply(b"direct"))).contents == b"direct"
