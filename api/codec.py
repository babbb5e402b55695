"""The codec server of one machine: lets the Temporal Web UI beside it show a case file.

Temporal holds our payloads encrypted. The UI sends what it got to `/decode` and shows what comes back; nothing is
stored, and what another key encrypted comes back as it was. It asks nobody who they are, so it shows no person: names,
contacts and texts stay sealed tokens. It listens on loopback only and answers only the UI's own origin. A deployment for
many uses the API's codec (`api/routes/codec.py`), which knows who asks and opens what they may see.

Settings: REDRESS_CODEC_ADDRESS (host:port, loopback), REDRESS_CODEC_ORIGINS (comma-separated), REDRESS_ENCRYPTION_KEY.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
from collections.abc import Sequence

import uvicorn
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payloads

from db.masters import Masters
from db.masters import read as read_masters
from workflows.converter import EncryptionCodec

MAX_BYTES = 8 * 2**20
"""More than any page of the UI asks for; a larger body is refused unread."""


def make_app(masters: Masters, origins: Sequence[str]) -> Starlette:
    """Make the server; only pages from `origins` may ask it."""
    codec = EncryptionCodec(masters)

    async def decode(request: Request) -> Response:
        if request.headers.get("origin") not in origins:
            return PlainTextResponse("only the Temporal UI may ask", status_code=403)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("the body is too large", status_code=413)
        try:
            payloads = json_format.Parse(body, Payloads()).payloads
            decoded = Payloads(payloads=await codec.decode(payloads))
        except (json_format.ParseError, UnicodeDecodeError):
            return PlainTextResponse("the body must be the JSON of Payloads", status_code=400)
        return Response(json_format.MessageToJson(decoded), media_type="application/json")

    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["POST"],
        allow_headers=["content-type", "x-namespace", "authorization"],
    )
    return Starlette(routes=[Route("/decode", decode, methods=["POST"])], middleware=[cors])


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def main() -> int:
    """Serve until told to stop."""
    try:
        host, port = _address(os.environ.get("REDRESS_CODEC_ADDRESS", ""))
        masters = read_masters(os.environ.get("REDRESS_ENCRYPTION_KEY", ""))
    except ValueError as error:
        sys.stderr.write(f"codec: {error}\n")
        return 2
    origins = [origin for origin in os.environ.get("REDRESS_CODEC_ORIGINS", "").split(",") if origin]
    config = uvicorn.Config(
        make_app(masters, origins), host=host, port=port, log_level="warning", access_log=False
    )
    asyncio.run(uvicorn.Server(config).serve())
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback or not port.isdecimal():
        raise ValueError("REDRESS_CODEC_ADDRESS must be a loopback address, such as 127.0.0.1:8081")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
