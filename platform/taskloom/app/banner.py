"""What the server says when it is ready: its address, the first admin, a line to try."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from taskloom.app.bootstrap import FirstAdmin


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A server; `made` is the first admin where this start made one.

    A start that made an admin tells so even when the server then did not come to answer: what was
    generated is nowhere else.
    """

    url: str
    note: Path
    made: FirstAdmin | None
    ready: bool = True

    def as_mapping(self) -> dict[str, object]:
        """Give the announcement as plain data."""
        email, password, key = None, None, None
        if self.made is not None:
            email, password, key = self.made.email, self.made.password, self.made.key
        return {
            "url": self.url,
            "ready": self.ready,
            "email": email,
            "password": password,
            "key": key,
            "serverJson": str(self.note),
        }

    def as_text(self) -> str:
        """Give the announcement as people read it; the last line can be pasted into a shell."""
        admin = _admin(self.made) if self.made is not None else []
        if not self.ready:
            return "\n".join((f"Taskloom did not get ready at {self.url}", "", *admin))
        return "\n".join(
            (f"Taskloom is ready at {self.url}", "", *admin, "Try it:", f"  {self._curl()}", "")
        )

    def _curl(self) -> str:
        if self.made is not None and self.made.key is not None:
            bearer = quote(f"Authorization: Bearer {self.made.key}")
        else:
            pick = r"""sed -n 's/.*"key": "\([^"]*\)".*/\1/p' """ + quote(str(self.note))
            bearer = f'"Authorization: Bearer $({pick})"'
        return f"curl -H {bearer} {self.url}/api/v1/workflows"


def _admin(made: FirstAdmin) -> list[str]:
    password = made.password or "as set in TASKLOOM_BOOTSTRAP_PASSWORD"
    key = made.key or "as set in TASKLOOM_BOOTSTRAP_KEY"
    lines = [
        f"  Admin login  {made.email}",
        f"  Password     {password}",
        f"  API key      {key}",
        "",
    ]
    if made.password or made.key:
        lines += ["Keep what was generated: it is shown only this once.", ""]
    return lines
