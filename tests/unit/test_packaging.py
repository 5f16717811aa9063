"""What ships, what is locked and what is documented are one story."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskloom.config import SETTINGS, Setting

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
STATIC = ROOT / "platform" / "taskloom" / "static"

SHOWS_THE_API = (
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-ui.css",
)


def pinned(name: str) -> dict[str, str]:
    """The pins of one lock, by package."""
    text = (REQUIREMENTS / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))


def row(setting: Setting) -> str:
    """A setting's row of the reference page."""
    default = f"`{setting.default}`" if setting.default else ""
    return f"| `{setting.env}` | `{setting.flag}` | {default} | {setting.help} |"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The package, built as `make wheel` does."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (built,) = out.iterdir()
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_the_wheel_holds_every_shipped_workflow(wheel: zipfile.ZipFile) -> None:
    shipped = {path.name for path in (ROOT / "workflow_schemas").iterdir()}

    folder = "taskloom/workflow_schemas/"
    packed = {name.removeprefix(folder) for name in wheel.namelist() if name.startswith(folder)}

    assert shipped == packed


def test_the_wheel_holds_what_setup_built_for_browsers(wheel: zipfile.ZipFile) -> None:
    built = {f"taskloom/static/{p.relative_to(STATIC)}" for p in STATIC.rglob("*") if p.is_file()}

    assert built <= set(wheel.namelist())
    assert {f"taskloom/static/docs/{name}" for name in SHOWS_THE_API} <= built


def test_the_wheel_holds_the_package_its_types_and_its_licence_and_nothing_else(
    wheel: zipfile.ZipFile,
) -> None:
    names = set(wheel.namelist())
    info = next(name.split("/")[0] for name in names if ".dist-info/" in name)

    assert {"taskloom", info} == {name.split("/")[0] for name in names}
    assert {"taskloom/py.typed", f"{info}/licenses/LICENSE", f"{info}/licenses/NOTICE"} <= names


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {re.split(r"[<>=]", need)[0] for need in project["dependencies"]}

    assert set() == direct - set(pinned("base"))


@pytest.mark.parametrize("name", ["base", "build"])
def test_an_image_is_made_of_the_versions_that_were_tested(name: str) -> None:
    assert {} == {k: v for k, v in pinned(name).items() if pinned("dev").get(k) != v}


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_locked_package_has_its_hashes(path: Path) -> None:
    pins = re.split(r"^(?=[a-z0-9-]+==)", path.read_text("utf-8"), flags=re.MULTILINE)[1:]

    assert pins
    assert [] == [pin for pin in pins if "--hash=sha256:" not in pin]


def test_the_reference_page_tells_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8").splitlines()

    assert [row(setting) for setting in SETTINGS] == [
        line for line in page if line.startswith("| `TASKLOOM_")
    ]


@pytest.mark.parametrize(
    "name", ["Dockerfile", "docker-compose.yml", "Makefile", "SECURITY.md", "docs/how-to/docker.md"]
)
def test_a_file_names_only_settings_that_exist(name: str) -> None:
    named = set(re.findall(r"TASKLOOM_[A-Z_]*[A-Z]", (ROOT / name).read_text("utf-8")))

    assert set() == named - {setting.env for setting in SETTINGS}
