"""A small app behind the real guard, for what is true of any route: it says who it thinks has come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from api import access
from api.access import ANYBODY, Caller, Forbidden, Right, TooMany, Unauthenticated, declares, needs
from api.access.guard import Guard
from api.access.settings import AccessSettings, load_access
from workflows.client import Unavailable, UnknownComplaint

_CODES = {Unauthenticated: 401, Forbidden: 403, UnknownComplaint: 404, TooMany: 429, Unavailable: 503}


def make_app(guard: Guard, settings: AccessSettings | None = None) -> FastAPI:
    app = FastAPI()
    access.install(app, guard, settings or load_access())
    for kind, code in _CODES.items():
        app.add_exception_handler(kind, _handler(code))

    @app.get("/v1/me", openapi_extra=declares(ANYBODY))
    async def me(caller: Annotated[Caller, access.KNOWN]) -> dict[str, Any]:
        actor = caller.actor
        return {"id": actor.id, "role": actor.role, "department": actor.department, "via": caller.via}

    @app.get("/v1/keys", openapi_extra=declares(Right.MANAGE_KEYS))
    async def keys(caller: Annotated[Caller, needs(Right.MANAGE_KEYS)]) -> str:
        return caller.actor.id

    return app


def _handler(code: int) -> Any:
    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse(
            {"detail": str(error), "possible": list(getattr(error, "possible", ()))},
            code,
            headers=getattr(error, "headers", None),
        )

    return answer


@asynccontextmanager
async def calls(app: FastAPI, address: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://redress.example") as client:
        yield client


def bearer(text: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}", **more}
