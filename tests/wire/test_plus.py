"""A plus that was sent as it stands in a query."""

import pytest

from taskloom.wire.plus import with_plus


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-01T00:00:00 02:00", "2030-01-01T00:00:00+02:00"),
        ("2030-01-01t00:00 0200", "2030-01-01t00:00+0200"),
        ("2030-01-01 00:00:00.123456 02:00", "2030-01-01 00:00:00.123456+02:00"),
        ("2030-01-01 02:00", "2030-01-01 02:00"),
        ("2030-01-01 02:00:00", "2030-01-01 02:00:00"),
        ("2030-01-01T00:00:00+02:00", "2030-01-01T00:00:00+02:00"),
        ("2030-01-01T00:00:00Z 02:00", "2030-01-01T00:00:00Z 02:00"),
        ("at 10:30 02:00", "at 10:30 02:00"),
        ("", ""),
    ],
)
def test_a_time_gets_the_plus_before_its_offset_back(text: str, expected: str) -> None:
    assert expected == with_plus(text)
