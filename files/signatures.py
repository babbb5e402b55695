"""What first bytes say: signatures at their places, texts by the absence of what no text has, and markup in either."""

from __future__ import annotations

import re

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OFFICE_PARTS = {
    b"word/": f"{_OFFICE}.wordprocessingml.document",
    b"xl/": f"{_OFFICE}.spreadsheetml.sheet",
    b"ppt/": f"{_OFFICE}.presentationml.presentation",
}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AUDIO_MP4 = frozenset({b"M4A ", b"M4B "})
_VIDEO_MP4 = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V ", b"MSNV"}
)


def signature_of(head: bytes) -> str | None:
    """Name what announces itself by its first bytes; None for what does not."""
    for start, kind in (
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"PK\x03\x04", "application/zip"),
        (b"PK\x05\x06", "application/zip"),
        (b"MZ", "application/x-dosexec"),
        (b"\x7fELF", "application/x-elf"),
        (b"ID3", "audio/mpeg"),
    ):
        if head.startswith(start):
            # Two letters may begin a text as well.
            return None if start == b"MZ" and text_in(head) is not None else kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _film(head)
    if head.startswith(b"OggS\x00"):
        return "video/ogg" if b"theora" in head[:512] else "audio/ogg"
    return "audio/mpeg" if _is_mp3(head) else None


def _film(head: bytes) -> str | None:
    """Read the brands of an ISO container: its own, and those that it is compatible with."""
    size = int.from_bytes(head[:4], "big")
    brands = [head[at : at + 4] for at in (8, *range(16, min(size, 256), 4))]
    if brands[0] in _HEIC or (brands[0] in (b"mif1", b"msf1") and _HEIC & set(brands)):
        return "image/heic"
    if brands[0] in _AUDIO_MP4:
        return "audio/mp4"
    return "video/mp4" if brands[0] in _VIDEO_MP4 else None


_LAYER_3_KBPS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _is_mp3(head: bytes) -> bool:
    """Find one frame after another: a single sync word is found in anything."""
    at = 0
    for _ in range(2):
        length = _frame_bytes(head[at : at + 4])
        if length is None:
            return False
        at += length
    return True


def _frame_bytes(header: bytes) -> int | None:
    """Return how long a frame of MPEG audio layer 3 is, or None if this begins none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version = header[1] >> 3 & 3
    bits, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or bits in (0, 15) or rate == 3:
        return None
    kbps = _LAYER_3_KBPS[1 if version == 3 else 2][bits - 1]
    return (144_000 if version == 3 else 72_000) * kbps // _RATES[version][rate] + padding


def office_in(head: bytes) -> str | None:
    """Name the office document that an archive is by the names of its first members; nothing is unpacked."""
    names = _members(head)
    if names[:1] == [b"mimetype"]:
        said = re.match(
            rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)(?=PK)", head[38:]
        )
        return said[0].decode() if said else None
    if any(b"vbaProject" in name for name in names):
        return "an office document with macros"
    if b"[Content_Types].xml" not in names:
        return None
    kinds = {kind for part, kind in _OFFICE_PARTS.items() if any(name.startswith(part) for name in names)}
    return kinds.pop() if len(kinds) == 1 else _OFFICE


def _members(head: bytes) -> list[bytes]:
    """Read the names in the local headers that can be seen."""
    names = []
    at = head.find(b"PK\x03\x04")
    while at >= 0:
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        names.append(head[at + 30 : at + 30 + length])
        at = head.find(b"PK\x03\x04", at + 4)
    return names


_NO_TEXT_HAS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def text_in(head: bytes) -> str | None:
    """Read bytes as text in whatever encoding, or return None: no text has control characters."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    return None if _NO_TEXT_HAS.search(text) else text


_MARKUP_STARTS = re.compile(
    r"\s*<(!doctype|html|head|body|script|iframe|svg|\?xml|\?php|style|title|table|div|font|!--|[abp]\b|br\b|h1)",
    re.IGNORECASE,
)
_MARKUP_INSIDE = re.compile(rb"<\s*(script|iframe|svg|html|!doctype\s+html)\b", re.IGNORECASE)


def markup_in(head: bytes, text: str | None = None) -> str | None:
    """Find what a browser could take for a page: at the beginning of a text, or anywhere in other bytes."""
    if text is None:
        return "text/html" if _MARKUP_INSIDE.search(head) else None
    if text.startswith("#!"):
        return "text/x-script"
    found = _MARKUP_STARTS.match(text)
    if found is None:
        # Letters may quote markup as much as they like; texts by themselves may not run.
        runs = re.search(r"<\s*script\b", text, re.IGNORECASE) and not speaks_of_mail(text)
        return "text/html" if runs else None
    return {"svg": "image/svg+xml", "?xml": "text/xml", "?php": "text/x-php"}.get(
        found[1].lower(), "text/html"
    )


_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):", re.MULTILINE)
_OF_MAIL = frozenset(
    {"from", "date", "subject", "message-id", "received", "mime-version", "to", "return-path"}
)


def speaks_of_mail(text: str) -> bool:
    """Say whether a text begins with the header of an e-mail: fields from its first line on, three that all mails have."""
    header = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    fields = [name.lower() for name in _FIELD.findall(header)]
    return bool(_FIELD.match(text)) and len(_OF_MAIL & set(fields)) >= 3
