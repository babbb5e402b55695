"""The HTTP application: composed here, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope
from temporalio.client import Client

from api.access import install, make_guard
from api.access.errors import Forbidden, TooMany, Unauthenticated
from api.access.settings import AccessSettings
from api.limits import Allowance, Limits
from api.openapi import document
from api.problems import Rejected, is_expected, said
from api.routes import attachments, codec, commands, complaints, escalations, health, pages, rules, webhooks
from api.services import Services
from complaints.commands import Envelope
from complaints.errors import Refusal
from complaints.view import Answer, View
from complaints.webhooks import UnknownSubscription
from complaints.wire import Malformed
from db.policies import UnknownPolicy
from db.sealed import WrongKey
from files.errors import FileFault
from files.storage import Files
from workflows.client import Unavailable, UnknownComplaint
from workflows.complaint import Start
from workflows.converter import prepare
from workflows.door import Door
from workflows.settings import Settings

log = structlog.get_logger()

FORM_BYTES = 64 * 1024

ROUTERS = (
    complaints.router,
    commands.router,
    attachments.router,
    escalations.router,
    webhooks.router,
    codec.router,
    rules.router,
    health.router,
    pages.router,
)


def make_app(
    client: Client,
    engine: Engine,
    settings: Settings,
    *,
    access: AccessSettings,
    door: Door | None = None,
    files: Files | None = None,
    larger_bodies: Mapping[str, Allowance] | None = None,
) -> FastAPI:
    """Compose the application. Client and engine belong to the caller, who closes them.

    Args:
        access: Whose tokens count, how much is too much, which pages of elsewhere may ask.
        files: Where attachments are; opened by the settings if none is given.
        door: Where complaints are started and commands let in; made from the others if none is given.
        larger_bodies: What is allowed under paths of a pattern (`*` is anything), where it is more than usual.
    """
    prepare(Start, Envelope, Answer, View)
    app = FastAPI(
        title="Redress",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        lifespan=_closing,
    )
    services = Services(client, engine, settings, door, files)
    app.state.services = services
    app.openapi = document(app)  # type: ignore[method-assign]  # FastAPI's own way to have another document
    for router in ROUTERS:
        # As they are: of an included router FastAPI works every route out anew, with the first request.
        app.router.routes.extend(router.routes)
    for kind in _SAID:
        app.add_exception_handler(kind, _say)
    app.add_exception_handler(Exception, _say_fault)
    app.add_middleware(Limits, larger={**codec.LARGER, **_of_files(settings), **(larger_bodies or {})})
    install(app, make_guard(access, engine, services.keys), access)
    return app


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.guard.close()


def _of_files(settings: Settings) -> dict[str, Allowance]:
    """A file comes with a form around it, and over lines that are slow."""
    allowed = Allowance(bytes=settings.file_max_bytes + FORM_BYTES, patience=timedelta(minutes=5))
    return {"/v1/complaints/*/attachments": allowed, "/v1/complaints/*/attachments/*/content": allowed}


_SAID: tuple[type[Exception], ...] = (
    Rejected,
    Unauthenticated,
    Forbidden,
    TooMany,
    Refusal,
    Malformed,
    RequestValidationError,
    HTTPException,
    UnknownComplaint,
    UnknownPolicy,
    UnknownSubscription,
    Unavailable,
    WrongKey,
    SQLAlchemyError,
    FileFault,
)


async def _say(request: Request, error: Exception) -> Response:
    if not is_expected(error):
        return await _say_fault(request, error)
    found = said(error).response()
    if found.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        found.headers["Allow"] = ", ".join(sorted(_methods(request.scope)))
    return found


async def _say_fault(request: Request, error: Exception) -> Response:
    """Its words may quote what people wrote, so they are neither answered nor logged."""
    route = getattr(request.scope.get("route"), "path", "")
    log.error("a request failed", method=request.method, route=route, kind=type(error).__qualname__)
    return said(error).response()


def _methods(scope: Scope) -> set[str]:
    """All methods of an address; each of its routes knows its own only."""
    return {
        method
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.matches(scope)[0] == Match.PARTIAL
        for method in route.methods or ()
    }
