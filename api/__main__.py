"""`python -m api`: serves the HTTP API until told to stop.

Temporal need not answer yet: until it does, what needs it is answered with 503, and the rest is served.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import uvicorn

from api.access.settings import AccessSettings, load_access
from api.app import make_app
from db.engine import make_engine
from workflows.client import connect
from workflows.logs import configure_logs
from workflows.settings import Settings, SettingsError, load_settings

STATEMENT_SECONDS = 10
BACKLOG = 512


def main() -> int:
    """Serve; ends with 2 if a setting is wrong."""
    try:
        settings, access = load_settings(), load_access()
    except SettingsError as error:
        sys.stderr.write(f"api: {error}\n")
        return 2
    configure_logs(settings)
    try:
        asyncio.run(serve(settings, access))
    except SettingsError as error:
        sys.stderr.write(f"api: {error}\n")
        return 2
    return 0


async def serve(settings: Settings, access: AccessSettings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way."""
    engine = make_engine(
        settings.database_url.get_secret_value(),
        pool_size=settings.api_connections,
        application_name="redress api",
        statement_timeout=timedelta(seconds=STATEMENT_SECONDS),
    )
    client = await connect(settings, lazy=True)
    host, _, port = settings.api_address.rpartition(":")
    config = uvicorn.Config(
        make_app(client, engine, settings, access=access),
        host=host.strip("[]"),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
