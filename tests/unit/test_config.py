"""The table of settings: every row is flag, variable and attribute at once."""

from dataclasses import fields
from pathlib import Path

import pytest

from taskloom.app.composition import policy_of
from taskloom.app.server import environment
from taskloom.cli.commands.serve import command, unknown_settings
from taskloom.config import SETTINGS, BadSetting, Settings, load
from taskloom.engine.policy import Policy


def test_every_row_is_an_attribute_and_every_attribute_a_row() -> None:
    assert [row.name for row in SETTINGS] == [field.name for field in fields(Settings)]


def test_every_server_setting_is_a_flag_of_serve() -> None:
    flags = {option for parameter in command.params for option in parameter.opts}

    assert {row.flag for row in SETTINGS if row.name not in {"url", "key"}} <= flags


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    env = {"TASKLOOM_PORT": "9001", "TASKLOOM_HOST": "0.0.0.0"}  # noqa: S104 - never listened on

    found = load({"port": "9002"}, env)

    assert (found.port, found.host, found.data_dir) == (9002, "0.0.0.0", Path(".taskloom"))  # noqa: S104


def test_an_empty_variable_is_no_variable() -> None:
    assert load(env={"TASKLOOM_PORT": "", "TASKLOOM_MONGODB_URI": ""}) == load(env={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("PORT", "0"),
            ("PORT", "65536"),
            ("PORT", "http"),
            ("WORKERS", "0"),
            ("QUERY_MS", "1.5"),
        ),
        *(("RATE_PER_MINUTE", "0"), ("RATE_PER_DAY", "many")),
        *(("SIGNUP", "opened"), ("SIGNUP", "open,example.com"), ("SIGNUP", "ann@example.com")),
    ],
)
def test_a_value_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"TASKLOOM_{name}='{value}' cannot be read: "):
        load(env={f"TASKLOOM_{name}": value})


def test_settings_survive_the_way_to_a_worker() -> None:
    found = load(
        env={
            "TASKLOOM_WORKERS": "3",
            "TASKLOOM_FETCH_ALLOW": "10.0.0.0/8, 192.168.0.0/16",
            "TASKLOOM_WORKFLOWS": "/some/folder",
            "TASKLOOM_PUBLIC_URL": "https://tasks.example.com",
            "TASKLOOM_SIGNUP": "example.com, Example.org",
            "TASKLOOM_INVITE_TOKEN": "a, b",
            "TASKLOOM_RATE_PER_DAY": "1000",
        }
    )

    assert found == load(env=environment(found))


@pytest.mark.parametrize(
    ("value", "signup"),
    [
        ("", frozenset()),
        ("closed", frozenset()),
        (",", frozenset()),
        (" Open ", None),
        ("Example.com, example.org", frozenset({"example.com", "example.org"})),
    ],
)
def test_registration_is_for_nobody_everybody_or_some_domains(
    value: str, signup: frozenset[str] | None
) -> None:
    assert policy_of(load(env={"TASKLOOM_SIGNUP": value})).signup == signup


def test_nobody_is_limited_or_invited_unless_told_so() -> None:
    rates = {"TASKLOOM_RATE_PER_MINUTE": "60", "TASKLOOM_RATE_PER_DAY": "10000"}

    assert Policy() == policy_of(load(env={"TASKLOOM_INVITE_TOKEN": ""}))
    assert Policy(per_minute=60, per_day=10_000) == policy_of(load(env=rates))
    assert Policy(invite="x") == policy_of(load(env={"TASKLOOM_INVITE_TOKEN": "x"}))


def test_only_variables_that_look_like_settings_are_warned_of() -> None:
    environ = {"TASKLOOM_PORTT": "1", "TASKLOOM_PORT": "1", "HOME": "/", "TASKLOOM_ZZZZZ": ""}

    told = unknown_settings(environ)

    assert len(told) == 2
    assert "did you mean TASKLOOM_PORT?" in told[0]
    assert "did you mean" not in told[1]
