"""Which files are taken: what their first bytes are must be what they are said to be."""

from __future__ import annotations

import contextlib
import io
import struct
import wave
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import WrongKind
from files.kinds import HEAD_BYTES, KINDS, found_in, recognise

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(50)
OGG = b"OggS\x00\x02" + bytes(22) + b"\x01vorbis" + bytes(50)
HTML = b"<!DOCTYPE html><html><body onload=alert(1)></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
MAIL = (
    b"Return-Path: <wang@example.com>\r\nFrom: wang@example.com\r\nTo: desk@power.example\r\n"
    b"Subject: =?utf-8?B?6LSm5Y2V?=\r\nDate: Mon, 2 Mar 2026 09:00:00 +0800\r\n\r\n<html><b>hello</b></html>"
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"


def film(brand: bytes, *compatible: bytes) -> bytes:
    return (
        struct.pack(">I4s4sI", 16 + 4 * len(compatible), b"ftyp", brand, 0) + b"".join(compatible) + bytes(64)
    )


def mp3() -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s at 44,100 Hz
    return frame * 3


def wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(800))
    return target.getvalue()


def archive(*names: str, stored: tuple[str, bytes] | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        if stored:
            packed.writestr(zipfile.ZipInfo(stored[0]), stored[1])
        for name in names:
            packed.writestr(name, f"the content of {name} " * 20)
    return target.getvalue()


def docx() -> bytes:
    return archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")


def odt() -> bytes:
    return archive("content.xml", stored=("mimetype", ODT.encode()))


TAKEN = [
    (PDF, "application/pdf"),
    (PNG, "image/png"),
    (JPEG, "image/jpeg"),
    (WEBP, "image/webp"),
    (film(b"heic", b"mif1", b"heic"), "image/heic"),
    (film(b"mif1", b"mif1", b"heic"), "image/heic"),
    (b"Der Z\xe4hler steht auf 4711.\n", "text/plain"),
    ("电表读数 4711\n".encode(), "text/plain"),
    ("电表读数 4711\n".encode("gb18030"), "text/plain"),
    ("电表读数 4711\n".encode("utf-16"), "text/plain"),
    ("\ufeff日期;读数\n2026-03-01;4711\n".encode(), "text/csv"),
    (MAIL, "message/rfc822"),
    (docx(), DOCX),
    (archive("[Content_Types].xml", "xl/workbook.xml"), XLSX),
    (odt(), ODT),
    (mp3(), "audio/mpeg"),
    (b"ID3\x04\x00" + bytes(200), "audio/mpeg"),
    (film(b"M4A ", b"mp42"), "audio/mp4"),
    (film(b"mp42", b"isom"), "audio/mp4"),
    (wav(), "audio/wav"),
    (OGG, "audio/ogg"),
    (film(b"isom", b"avc1"), "video/mp4"),
]


@pytest.mark.parametrize(("data", "kind"), TAKEN)
def test_a_file_that_is_what_it_says_is_taken(data: bytes, kind: str) -> None:
    assert recognise(data[:HEAD_BYTES], kind, "anything") == kind


@pytest.mark.parametrize(
    ("data", "kind"), [pair for pair in TAKEN if pair[1] not in ("text/csv", "audio/mp4")]
)
def test_a_file_that_says_nothing_is_taken_for_what_it_is(data: bytes, kind: str) -> None:
    for nothing in ("", "application/octet-stream"):
        assert recognise(data[:HEAD_BYTES], nothing, "anything") == kind


def test_the_name_decides_between_what_the_bytes_allow() -> None:
    assert recognise(b"a,b\n1,2\n", "", "readings.CSV") == "text/csv"
    assert recognise(film(b"mp42"), "", "call.m4a") == "audio/mp4"
    assert recognise(PNG, "", "picture.pdf") == "image/png"


@pytest.mark.parametrize(
    ("called", "kind", "data"),
    [
        ("image/jpg", "image/jpeg", JPEG),
        ("Image/PNG; name=x", "image/png", PNG),
        ("audio/x-wav", "audio/wav", wav()),
        ("application/vnd.ms-excel", "text/csv", b"a;b\n"),
        ("text/plain; charset=utf-8", "text/plain", b"hello"),
    ],
)
def test_kinds_have_other_names(called: str, kind: str, data: bytes) -> None:
    assert recognise(data, called, "anything") == kind


@pytest.mark.parametrize(
    ("data", "declared", "found"),
    [
        (EXE, "image/png", "application/x-dosexec"),
        (ELF, "application/pdf", "application/x-elf"),
        (HTML, "text/plain", "text/html"),
        (HTML, "text/html", "text/html"),
        (SVG, "image/svg+xml", "text/xml"),
        (SVG.partition(b"?>")[2], "image/png", "image/svg+xml"),
        (b"<?php system('id');", "text/plain", "text/x-php"),
        (b"#!/bin/sh\nrm -rf /\n", "text/plain", "text/x-script"),
        (b"hello <script>alert(1)</script>", "text/plain", "text/html"),
        (PNG, "image/jpeg", "image/png"),
        (PNG, "application/pdf", "image/png"),
        (PNG, "text/plain", "image/png"),
        (b"just text", "application/pdf", "text/plain"),
        (HTML + PDF, "application/pdf", "text/html"),
        (PDF + HTML, "application/pdf", "application/pdf and text/html in one"),
        (JPEG + b"<script>", "image/jpeg", "image/jpeg and text/html in one"),
        (archive("a.txt"), DOCX, "application/zip"),
        (archive("a.txt"), "application/zip", "application/zip"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), DOCX, XLSX),
        (
            archive("[Content_Types].xml", "word/vbaProject.bin", "word/document.xml"),
            DOCX,
            "an office document with macros",
        ),
        (
            archive(stored=("mimetype", b"application/vnd.oasis.opendocument.graphics")),
            ODT,
            "application/zip",
        ),
        (film(b"qt  "), "video/mp4", "video/quicktime"),
        (OGG.replace(b"vorbis", b"theora"), "audio/ogg", "video/ogg"),
        (b"\x00\x01\x02\x03" * 30, "text/plain", "nothing we know"),
    ],
)
def test_whatever_lies_or_could_run_is_refused_and_both_are_named(
    data: bytes, declared: str, found: str
) -> None:
    with pytest.raises(WrongKind) as refused:
        recognise(data[:HEAD_BYTES], declared, "a.pdf")
    assert (refused.value.declared, refused.value.found) == (declared, found)
    assert declared in str(refused.value)
    assert found in str(refused.value)
    assert refused.value.possible == tuple(KINDS)


def test_a_mail_may_hold_a_page_and_may_be_called_text() -> None:
    assert recognise(MAIL, "text/plain", "a.txt") == "text/plain"


def test_two_letters_do_not_make_a_text_a_program() -> None:
    assert recognise(b"MZ is the licence plate of Mainz", "text/plain", "a.txt") == "text/plain"


def test_an_archive_that_unpacks_to_a_gigabyte_is_only_looked_at_from_outside() -> None:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("[Content_Types].xml", "w") as member,
    ):
        for _ in range(64):
            member.write(bytes(1 << 20))
    assert found_in(target.getvalue()[:HEAD_BYTES]) == "application/vnd.openxmlformats-officedocument"


@given(st.binary(max_size=HEAD_BYTES), st.text(max_size=40), st.text(max_size=40))
def test_whatever_comes_is_taken_as_a_kind_or_refused(head: bytes, declared: str, name: str) -> None:
    with contextlib.suppress(WrongKind):
        assert recognise(head, declared, name) in KINDS
