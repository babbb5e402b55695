"""A real issuer on this machine: publishes its keys, signs whatever a test asks for, rotates, fails and dies on request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from threading import Thread
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stack.ports import choose_port
from tests.eventually import eventually_sync

Key = RSAKey | ECKey | OKPKey
AUDIENCE = "redress"


class IssuerServer:
    """One issuer. `asked` counts the requests for each path."""

    def __init__(self) -> None:
        self.port = choose_port(None)
        self.url = f"http://127.0.0.1:{self.port}/realms/water"
        self.keys: list[Key] = [RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})]
        self.asked: Counter[str] = Counter()
        self.failing = False
        self.said: dict[str, Any] = {}  # what the discovery document says otherwise
        self.published: dict[str, Any] | None = None  # the key set, if it is not that of the keys
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None

    @property
    def key(self) -> Key:
        return self.keys[0]

    def start(self) -> None:
        app = Starlette(routes=[Route("/{path:path}", self._answer)])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, daemon=True)
        self._thread.start()

        def is_up() -> None:
            assert self._server is not None
            assert self._server.started

        eventually_sync(is_up)

    def stop(self, *, wait: bool = True) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            if wait:
                self._thread.join(10)
            self._server = None

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is not published any more."""
        number = int(str(self.key.kid).rpartition("-")[2]) + 1
        self.keys = [RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"})]

    def claims(self, **other: Any) -> dict[str, Any]:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "li.wei",
            "roles": ["handler"],
            "department": "billing",
            "iat": now,
            "exp": now + 300,
        }
        return {name: value for name, value in {**usual, **other}.items() if value is not None}

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        signing = key or self.key
        head = {"alg": algorithm, "kid": signing.kid, **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        registry.max_header_length = 100_000
        return jwt.encode(head, self.claims(**claims), signing, registry=registry)

    async def _answer(self, request: Request) -> Response:
        path = "/" + request.path_params["path"]
        self.asked[path] += 1
        if self.failing:
            return Response(status_code=500)
        if path.endswith("/.well-known/openid-configuration"):
            return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.said})
        if path.endswith("/keys"):
            if self.published is not None:
                return JSONResponse(self.published)
            return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})
        if path.endswith("/elsewhere"):
            return RedirectResponse(f"{self.url}/keys")
        return Response(status_code=404)
