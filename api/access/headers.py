"""Headers that every answer has, so that no browser does with it what it is not meant for. Pure ASGI.

What a page needs besides (the documentation, the console), its own route says: a header that is there is left alone.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALLOWANCE = "redress.allowance"
"""Where `authenticate` leaves what is left of a caller's limit, for the headers of the answer."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TLS = "max-age=31536000"
_KEPT_NOWHERE = "/v1"


class SecureHeaders:
    """Adds them to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and add to it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = dict(ALWAYS)
        if scope["path"] == _KEPT_NOWHERE or scope["path"].startswith(f"{_KEPT_NOWHERE}/"):
            added["Cache-Control"] = "no-store"
        if scope["scheme"] == "https":  # as the server saw it, or was told by a proxy that it trusts
            added["Strict-Transport-Security"] = _TLS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                allowance = scope.get("state", {}).get(ALLOWANCE)
                for name, value in {**added, **(allowance.headers if allowance else {})}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
