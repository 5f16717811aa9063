"""The page of the API: its samples run as they stand, and send what they mean to."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote, unquote

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.servers import ROOT, Server
from tests.web.conftest import KEY, Axe, MakeWorkflow, Watch, sign_in

Ask = Callable[..., requests.Response]

WEB: Final = ROOT / "platform" / "web"
WILD: Final = (
    "Is it 'fine'?",
    'A "quoted" title & more',
    "Größe ‘curly’ 日本 🧵",
    "C:\\new $HOME `id` !x",
    "a=b;c|d>e #f %41 {g} *",
    "constructor",
)
MANY: Final[Mapping[str, Any]] = {
    "title": "Wild & <b>wide</b>",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"title": "The 'ID' of $it?", "type": "string"},
        "sum": {"title": "Sum", "type": "number", "format": "currency"},
        **{f"f{place}": {"title": title, "type": "string"} for place, title in enumerate(WILD)},
        "choice": {"title": "Choice", "type": "string", "enum": ["It's", 'so "so"']},
        "files": {"title": "Files & papers", "type": "array", "items": {"format": "file"}},
    },
    "workflow": {
        "uniqueId": "id",
        "stages": [{"name": "To do"}, {"name": "Bob's $turn?"}, {"name": "Done", "end": True}],
    },
}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
UID: Final = 'it\'s 50% / "you" ?#&\\ ü'
ROW: Final[Mapping[str, Any]] = {
    "The 'ID' of $it?": UID,
    **{title: f"{title}\n\t‘value’ '@ \\' $(id) `id` \u2028 \x7f" for title in WILD},
    "Choice": "It's",
    "Sum": "12.50",
}
PLAIN: Final[Mapping[str, Any]] = {
    "title": "Plain",
    "type": "object",
    "required": ["number"],
    "properties": {
        "number": {"title": "Number", "type": "string", "pattern": "^[0-9]+$", "editable": False},
        "due": {"title": "Due", "type": "string", "format": "date", "filterable": True},
        "size": {"title": "Size", "type": "string", "enum": ["Small", "Large"]},
    },
    "workflow": {
        "uniqueId": "number",
        "stages": [{"name": "Open"}, {"name": "Done", "end": True, "require": ["due"]}],
    },
}
OPERATIONS: Final = {
    "upsert": "Create or update a task",
    "get": "Get a task",
    "list": "List tasks with a filter",
    "move": "Move a task to a stage",
    "bulk": "Write many tasks",
    "file": "Add a file to a task",
    "delete": "Delete a task",
}


def node() -> str:
    """Return where Node is: that of the system, or that of the environment."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found is not None, "there is no Node: run `make setup`"
    return found


def command_of(language: str, sample: str, folder: Path) -> list[str]:
    """Write a sample into a file, and return how it is run."""
    if language == "cURL":
        return ["sh", "-c", sample]
    name = {"Python": "sample.py", "JavaScript": "sample.mjs"}[language]
    (folder / name).write_text(sample, encoding="utf-8")
    return [sys.executable if language == "Python" else node(), name]


def run(language: str, sample: str, folder: Path, key: str = KEY) -> str:
    """Run a sample as it stands, and return what it prints."""
    (folder / "hello.txt").write_text("Hello", encoding="utf-8")
    done = subprocess.run(
        command_of(language, sample, folder),
        cwd=folder,
        env={**os.environ, "TASKLOOM_KEY": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def choose(page: Page, operation: str) -> None:
    """Choose what the sample does."""
    samples = page.get_by_role("navigation", name="What samples do")
    samples.get_by_role("button", name=OPERATIONS[operation]).click()
    expect(page.get_by_role("heading", level=2, name=OPERATIONS[operation])).to_be_visible()


def speak(page: Page, language: str) -> None:
    """Choose the language of the samples."""
    page.get_by_role("radiogroup", name="Language of the samples").get_by_text(language).click()


def sample_of(page: Page, language: str) -> str:
    """Return the sample that is shown."""
    return page.get_by_label(f"Sample in {language}").locator("code").text_content() or ""


def tasks_of(api: Ask, workflow: str) -> list[dict[str, Any]]:
    """List the tasks of a workflow."""
    told: list[dict[str, Any]] = api("GET", f"/workflows/{workflow}/tasks").json()
    return told


@pytest.fixture
def wild(make_workflow: MakeWorkflow) -> str:
    """Make a workflow in which every name and value means something to somebody."""
    return make_workflow(MANY, [ROW])


def check_samples(page: Page, api: Ask, wild: str, language: str, folder: Path) -> None:
    """Run all samples of one language, and look at what became of the task."""
    page.goto(f"/workflows/{wild}/api")
    speak(page, language)
    [before] = tasks_of(api, wild)
    shown = {}
    for operation in OPERATIONS:
        choose(page, operation)
        shown[operation] = sample_of(page, language)
    kept = {**ROW, "Sum": "12.50", "Stage": "To do"}

    def now(**other: object) -> None:
        [task] = tasks_of(api, wild)
        assert {**kept, **other} == {title: task[title] for title in {**kept, **other}}

    changed = {**ROW, WILD[0]: "changed", "Sum": 1}
    assert api("POST", f"/workflows/{wild}/tasks", json=changed).ok
    run(language, shown["upsert"], folder)
    now()
    assert before["Task URL"] in run(language, shown["get"], folder)
    assert before["Task URL"] in run(language, shown["list"], folder)
    run(language, shown["move"], folder)
    now(Stage="Bob's $turn?")
    assert api("POST", f"/workflows/{wild}/tasks", json={**changed, "Sum": "12.50"}).ok
    run(language, shown["bulk"], folder)
    now(Stage="Bob's $turn?")
    run(language, shown["file"], folder)
    [task] = tasks_of(api, wild)
    assert [file["filename"] for file in task["Files & papers"]] == ["hello.txt"]
    run(language, shown["delete"], folder)
    assert tasks_of(api, wild) == []


def test_samples_in_curl_do_what_they_say(
    signed_in: Page, api: Ask, wild: str, tmp_path: Path
) -> None:
    check_samples(signed_in, api, wild, "cURL", tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", ["Python", "JavaScript"])
def test_samples_in_other_languages_do_what_they_say(
    signed_in: Page, api: Ask, wild: str, tmp_path: Path, language: str
) -> None:
    check_samples(signed_in, api, wild, language, tmp_path)


class Echo(BaseHTTPRequestHandler):
    """Writes down what it is asked, and answers next to nothing."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        upload = self.path == "/api/v1/files"
        if not upload:
            self.server.asked.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        told = b'{"blobId":"b\'1"}' if upload else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names are those of methods

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    """Run a server that remembers what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


WRITE: Final = """
import { rolldown } from "rolldown";
import { readFileSync } from "node:fs";
const { folder, server, cases } = JSON.parse(readFileSync(0, "utf8"));
const input = "src/pages/developer/languages/index.ts";
const bundle = await rolldown({ input });
await bundle.write({ dir: folder, entryFileNames: "languages.mjs" });
const { LANGUAGES } = await import(`${folder}/languages.mjs`);
const written = LANGUAGES.map(({ id, write }) => [
  id,
  cases.map(({ call, key, upload }) => write(call, { server, key }, upload ?? undefined)),
]);
console.log(JSON.stringify(Object.fromEntries(written)));
"""
SIGNS: Final = (
    "'\"`\\$!%&()*[]{}<>|;?#~^=+,.:@/- \n\t\r\x00\x07\x1b\x7f\x85\xa0\xad"
    "‘’‚‛“”\u200b\u200e\u2028\u2029\u202e\ufeffäßñ€日🧵é_0aZ"
)
WORDS: Final = (
    "'; touch broken; '",
    "$(touch broken)",
    "`touch broken`",
    "'@\n'@",
    "BLOB_ID",
    "${process.env.HOME}",
    "{os.environ}",
    "%(x)s %41 \\x41 \\u0041",
    "__proto__",
    "constructor",
    "!!",
    "-d @/dev/null",
    "\\",
    "'",
    "''' \"\"\"",
    "*/ // # <!--",
)


def cases_of(seed: int, count: int) -> list[dict[str, Any]]:
    """Make calls whose names and values are as bad as can be."""
    chance = random.Random(seed)

    def text() -> str:
        parts = chance.choices((*WORDS, *SIGNS), k=chance.randint(1, 8))
        return "".join(parts)

    def value() -> object:
        plain = [text(), True, False, None, 12.5, 42, [text(), text()], {text(): text()}]
        return chance.choice(plain)

    cases = []
    for _ in range(count):
        method = chance.choice(["GET", "POST", "PUT", "DELETE"])
        body: dict[str, Any] | None = None
        upload = None
        if method in {"POST", "PUT"}:
            one = {text(): value() for _ in range(3)}
            body = {"json": one} if method == "PUT" else {"lines": [one, {text(): value()}]}
        if method == "PUT" and chance.random() < 0.5 and body is not None:
            upload = {"filename": "hello.txt", "marker": "THE_MARKER"}
            body["json"]["a file"] = [{"blobId": "THE_MARKER"}]
        query = [[f"{text()}{place}", text()] for place in range(2)] if method == "GET" else []
        path = "/api/v1/" + quote("-" + text(), safe="")
        call = {"method": method, "path": path, "query": query, "body": body}
        key = None if chance.random() < 0.5 else "tl_0123456789"
        cases.append({"call": call, "key": key, "upload": upload})
    return cases


def written(cases: Sequence[Mapping[str, Any]], server: str, folder: Path) -> dict[str, list[str]]:
    """Write cases in all languages with the functions of the web app."""
    done = subprocess.run(
        [node(), "--input-type=module", "-e", WRITE],
        cwd=WEB,
        input=json.dumps({"folder": str(folder), "server": server, "cases": cases}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples: dict[str, list[str]] = json.loads(done.stdout)
    return samples


def joined(language: str, samples: Sequence[str]) -> tuple[str, str]:
    """Make one program of many samples."""
    if language == "shell":
        return "cURL", "set -e\n" + "\n".join(samples)
    if language == "python":
        return "Python", "\n".join(f"exec({sample!r})" for sample in samples)
    each = "\n".join(f"await (async () => {{\n{sample}\n}})();" for sample in samples)
    return "JavaScript", each


def check_sent(case: Mapping[str, Any], asked: tuple[str, str, Mapping[str, str], bytes]) -> None:
    """Compare what a server was sent with what was meant."""
    call = case["call"]
    method, address, headers, body = asked
    path, _, query = address.partition("?")
    assert (method, unquote(path)) == (call["method"], unquote(call["path"]))
    assert [list(pair) for pair in parse_qsl(query, keep_blank_values=True)] == call["query"]
    assert headers["Authorization"] == f"Bearer {case['key'] or KEY}"
    meant = call["body"]
    if meant is None:
        assert body == b""
    elif "json" in meant:
        assert headers["Content-Type"] == "application/json"
        spelt = json.dumps(meant["json"]).replace("THE_MARKER", "b'1")
        assert json.loads(body) == json.loads(spelt)
    else:
        assert headers["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line) for line in body.split(b"\n") if line] == meant["lines"]


def check_quoting(echo: ThreadingHTTPServer, folder: Path, seed: int, count: int) -> None:
    cases = cases_of(seed, count)
    server = f"http://127.0.0.1:{echo.server_address[1]}"
    samples = written(cases, server, folder)
    for language in ("shell", "python", "javascript"):
        echo.asked.clear()  # type: ignore[attr-defined]
        run(*joined(language, samples[language]), folder)
        asked = echo.asked  # type: ignore[attr-defined]
        assert len(asked) == len(cases)
        for case, one in zip(cases, asked, strict=True):
            check_sent(case, one)
    assert not (folder / "broken").exists()
    for case, sample in zip(cases, samples["powershell"], strict=True):
        check_powershell(case, sample)


def check_powershell(case: Mapping[str, Any], sample: str) -> None:
    """Read a sample as PowerShell does: between `@'` and a line that begins with `'@`."""
    assert sample.isascii()
    bodies = re.findall(r"^\$body = @'\n(.*?)\n'@", sample, re.MULTILINE | re.DOTALL)
    meant = case["call"]["body"]
    if meant is None:
        assert bodies == []
    elif "json" in meant:
        assert [json.loads(body) for body in bodies] == [meant["json"]]
    else:
        [body] = bodies
        assert [json.loads(line) for line in body.split("\n")] == meant["lines"]
    [address] = re.findall(r"-Uri '(http[^']*)'(?: `)?$", sample, re.MULTILINE)[-1:]
    assert unquote(address).endswith(unquote(case["call"]["path"])) or case["call"]["query"]


def test_samples_send_what_is_meant_whatever_things_are_called(
    echo: ThreadingHTTPServer, tmp_path: Path
) -> None:
    check_quoting(echo, tmp_path, seed=5, count=30)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_many_more_samples_send_what_is_meant(
    echo: ThreadingHTTPServer, tmp_path: Path, seed: int
) -> None:
    check_quoting(echo, tmp_path, seed=1000 + seed, count=200)


def test_a_request_is_tried_and_its_answer_shown(
    signed_in: Page, api: Ask, make_workflow: MakeWorkflow, watched: Watch
) -> None:
    watched.expected.add(422)
    workflow = make_workflow(PLAIN, [{"Number": "7", "Size": "Small"}])
    signed_in.goto(f"/workflows/{workflow}/api")
    trial = signed_in.get_by_role("region", name="Try it")
    body = trial.get_by_label("Body")
    body.fill(body.input_value().replace("Small", "Large"))
    trial.get_by_role("button", name="Send").click()
    expect(trial.get_by_text("200 OK")).to_be_visible()
    expect(trial.get_by_label("Answer")).to_contain_text('"Size": "Large"')
    trial.get_by_role("button", name=re.compile("headers")).click()
    expect(trial.get_by_role("row", name=re.compile("^etag"))).to_be_visible()
    assert tasks_of(api, workflow)[0]["Size"] == "Large"

    choose(signed_in, "bulk")
    expect(trial.get_by_label("Address")).to_have_value(re.compile(r"dry_run=true$"))
    choose(signed_in, "delete")
    trial.get_by_role("button", name="Send").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(trial.get_by_text("204")).to_be_visible()
    assert tasks_of(api, workflow) == []

    signed_in.get_by_role("tab", name="Errors").click()
    signed_in.get_by_role("button", name="See the refusal").click()
    expect(trial.get_by_text(re.compile("^422 "))).to_be_visible()
    expect(trial.get_by_label("Answer")).to_contain_text("did you mean 'Number'?")
    expect(trial.get_by_label("Answer")).to_contain_text('"path": [')
    assert tasks_of(api, workflow) == []


def test_everything_is_reached_by_keyboard(
    signed_in: Page, api: Ask, make_workflow: MakeWorkflow
) -> None:
    workflow = make_workflow(PLAIN, [{"Number": "7", "Size": "Small"}])
    signed_in.goto(f"/workflows/{workflow}/api")
    press = signed_in.keyboard.press
    signed_in.get_by_role("button", name=OPERATIONS["upsert"]).focus()
    press("Tab")
    press("Enter")
    expect(signed_in.get_by_role("heading", level=2, name="Get a task")).to_be_visible()
    signed_in.get_by_role("radio", name="cURL").focus()
    press("ArrowRight")
    expect(signed_in.get_by_label("Sample in Python")).to_contain_text("import requests")
    signed_in.get_by_label("Address").focus()
    press("Enter")
    trial = signed_in.get_by_role("region", name="Try it")
    expect(trial.get_by_label("Answer")).to_contain_text('"Number": "7"')

    signed_in.get_by_role("tab", name="Samples").focus()
    press("ArrowRight")
    expect(signed_in.get_by_role("row", name=re.compile("^Due"))).to_contain_text("Needed in Done")
    press("ArrowRight")
    press("ArrowRight")
    assert api("GET", f"/workflows/{workflow}/tasks/7").ok
    details = signed_in.get_by_role("button", name=re.compile("^Details of GET .*tasks.7$"))
    details.first.focus()
    press("Enter")
    expect(signed_in.get_by_label("Answered")).to_contain_text('"Number": "7"')
    assert "_show=calls" in signed_in.url


def test_a_key_is_made_inserted_and_revoked(
    signed_in: Page, make_workflow: MakeWorkflow, tmp_path: Path, server: Server
) -> None:
    workflow = make_workflow(PLAIN, [{"Number": "7"}])
    signed_in.goto(f"/workflows/{workflow}/api")
    expect(signed_in.get_by_label("Sample in cURL")).to_contain_text("Bearer $TASKLOOM_KEY")
    signed_in.get_by_role("button", name="Make a key to try with").click()
    made = signed_in.get_by_role("status").locator("code").inner_text()
    expect(signed_in.get_by_label("Sample in cURL")).not_to_contain_text(made)
    signed_in.get_by_role("switch", name="Show it in the samples").check()
    choose(signed_in, "get")
    expect(signed_in.get_by_label("Sample in cURL")).to_contain_text(f"Bearer {made}")
    told = run("cURL", sample_of(signed_in, "cURL"), tmp_path, key="")
    assert json.loads(told)["Number"] == "7"
    signed_in.get_by_role("button", name="Revoke it").click()
    expect(signed_in.get_by_label("Sample in cURL")).to_contain_text("$TASKLOOM_KEY")
    headers = {"Authorization": f"Bearer {made}"}
    gone = requests.get(f"{server.url}/api/v1/workspace", headers=headers, timeout=30)
    assert gone.status_code == requests.codes.unauthorized


def test_a_member_has_samples_but_neither_keys_nor_calls(
    new_page: Callable[..., Page], api: Ask, watched: Watch
) -> None:
    watched.expected.add(403)
    email = f"u{uuid.uuid4().hex[:10]}@example.com"
    password = "another password of many words"
    assert api("POST", "/users", json={"email": email, "password": password}).ok
    page = new_page()
    sign_in(page, email, password)
    page.goto("/workflows/sales-pipeline/api")
    expect(page.get_by_label("Sample in cURL")).to_contain_text('"Company ID"')
    expect(page.get_by_text("An admin makes one for you.")).to_be_visible()
    expect(page.get_by_role("button", name="Make a key to try with")).to_have_count(0)
    page.get_by_role("tab", name="Last calls").click()
    expect(page.get_by_role("heading", name="You may not see this")).to_be_visible()


def test_the_documents_are_linked(signed_in: Page) -> None:
    signed_in.goto("/workflows/sales-pipeline/api")
    for name, address in (
        ("OpenAPI", "/api/v1/workflows/sales-pipeline/openapi.json"),
        ("Reference", "/docs/workflows/sales-pipeline"),
    ):
        expect(signed_in.get_by_role("link", name=name)).to_have_attribute("href", address)
        assert signed_in.request.get(address).ok


def test_no_serious_fault_of_accessibility(
    signed_in: Page, api: Ask, make_workflow: MakeWorkflow, axe: Axe
) -> None:
    workflow = make_workflow(PLAIN, [{"Number": "7", "Size": "Small"}])
    api("GET", f"/workflows/{workflow}/tasks/7")

    def look() -> None:
        for scheme in SCHEMES:
            signed_in.emulate_media(color_scheme=scheme)
            assert axe(signed_in) == []

    signed_in.goto(f"/workflows/{workflow}/api")
    signed_in.get_by_role("button", name="Send").click()
    signed_in.get_by_label("Answer").wait_for()
    look()
    for part, shown in (("Fields", "Needed in Done"), ("Errors", "What to do about each status")):
        signed_in.get_by_role("tab", name=part).click()
        signed_in.get_by_text(shown).wait_for()
        look()
    signed_in.get_by_role("tab", name="Last calls").click()
    signed_in.get_by_role("button", name=re.compile("^Details of")).first.click()
    look()
