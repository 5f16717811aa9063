"""Patterns run in linear time or not at all."""

import pytest

from taskloom.schema.patterns import BadPattern, compiled


@pytest.mark.parametrize(
    ("pattern", "text", "occurs"),
    [
        ("^C-[0-9]+$", "C-12", True),
        ("^C-[0-9]+$", "C-12\n", False),
        ("b", "abc", True),
        (r"^\p{L}+$", "Größe", True),
        ("^.$", "\n", False),
        (".", "\ud800", False),
        ("(a*)*b", "a" * 50_000, False),
    ],
)
def test_a_pattern_tells_whether_it_occurs(pattern: str, text: str, occurs: bool) -> None:
    assert occurs is compiled(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("^(?=a)", "uses look-ahead ((?=…), which no linear-time engine has",
         "write what must be there, or use `allOf` with two patterns"),
        ("a(?!b)", "uses look-ahead ((?!…), which no linear-time engine has",
         "use `not` with a second pattern"),
        ("(?<=a)b", "uses look-behind ((?<=…), which no linear-time engine has",
         "write what must be there, or use `allOf` with two patterns"),
        ("(?<!a)b", "uses look-behind ((?<!…), which no linear-time engine has",
         "use `not` with a second pattern"),
        (r"(a)\1", r"uses a back-reference (\1), which no linear-time engine has",
         "write the text out"),
        (r"\u0041", r"uses the escape \u", r"write the character, or \x{0041}"),
        ("[a", "cannot be read: missing ]: [a", "patterns follow the syntax of RE2"),
        (r"a\Z", r"cannot be read: invalid escape sequence: \Z",
         "patterns follow the syntax of RE2"),
        ("\ud800", "holds half a character (a lone surrogate)", ""),
    ],
)  # fmt: skip
def test_what_the_engine_cannot_run_is_refused_with_a_remedy(
    pattern: str, message: str, hint: str
) -> None:
    with pytest.raises(BadPattern) as refused:
        compiled(pattern)

    assert (message, hint) == (str(refused.value), refused.value.hint)
