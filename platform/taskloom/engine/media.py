"""What a file is, by its contents first and its name second, and whether showing it is harmless."""

import mimetypes

import filetype

# Types a browser shows without running anything in them; everything else is offered for saving.
HARMLESS = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "image/bmp",
        "text/plain",
        "application/pdf",
        "audio/mpeg",
        "audio/ogg",
        "video/mp4",
        "video/webm",
    }
)
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Types that users may be shown by."""

_ANYTHING = "application/octet-stream"
_TELLING = 8192


def named_type(filename: str, contents: bytes) -> str:
    """Return the media type told by the contents, else by the name's ending."""
    kind = told_type(contents)
    if kind is not None:
        return kind
    return mimetypes.guess_type(filename)[0] or _ANYTHING


def told_type(contents: bytes) -> str | None:
    """Return the media type that the contents themselves tell."""
    kind = filetype.guess(contents[:_TELLING])
    return None if kind is None else str(kind.mime)


def is_harmless(content_type: str) -> bool:
    """Tell whether a file of this type may be shown inside a browser."""
    return content_type.partition(";")[0].strip().lower() in HARMLESS
