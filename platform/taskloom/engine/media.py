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
_ANYTHING = "application/octet-stream"


def named_type(filename: str, contents: bytes) -> str:
    """Return the media type told by the contents, else by the name's ending."""
    kind = filetype.guess(contents[:8192])
    if kind is not None:
        return str(kind.mime)
    return mimetypes.guess_type(filename)[0] or _ANYTHING


def is_harmless(content_type: str) -> bool:
    """Tell whether a file of this type may be shown inside a browser."""
    return content_type.partition(";")[0].strip().lower() in HARMLESS
