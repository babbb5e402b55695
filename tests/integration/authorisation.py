"""Walks every route of an app as every role, with complaints of every kind, and compares the answers with the table.

A route says what it needs in `openapi_extra["x-right"]`: a right, `public` or `anybody` (`api.access.declares`). One that
says nothing is a finding by itself: nobody has thought about who may use it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Mount

from api.access import ANYBODY, PUBLIC
from complaints.lifecycle import Act
from complaints.permissions import Caller, Case, Right, may, may_act
from complaints.vocabulary import Actor, Role

DEPARTMENT = "billing"

CALLERS = {
    **{role: Actor(id=f"{role}.one", role=role, department=DEPARTMENT) for role in Role},
    Role.SYSTEM: Actor(id="crm", role=Role.SYSTEM),
}
"""One of each role; all people of one department."""

OWNERSHIPS = {
    "own": Case(source="crm", department=DEPARTMENT, handler="handler.one"),
    "other": Case(source="hotline", department="metering", handler="chen.jing"),
    "asked": Case(
        source="hotline", department="metering", handler="chen.jing", departments=frozenset({DEPARTMENT})
    ),
    "unassigned": Case(source="hotline"),
}
"""Whose the complaints are that the app must have."""


@dataclass(frozen=True)
class Walk:
    """What a walk needs to know of an app.

    Attributes:
        headers: The credentials of somebody.
        numbers: For each ownership the number of such a complaint, which the app has.
        paths: Values for the other parameters of paths, such that there is something of that name.
        made: The same for what is used up when it is asked for: by `METHOD path`, what makes another one for a complaint
            and returns the values.
        acts: By `METHOD path`, the act that is done there, which is for some roles only.
        ruled_out: Routes, by `METHOD path`, at which a rule refuses whoever comes.
        bodies: By `METHOD path`, what is well-formed; where there is none, the document's example, or `{}`.
        files: By `METHOD path`, the file that is sent there.
        open_to_all: Paths of routes that are not ours to declare, such as the documentation page.
    """

    app: FastAPI
    headers: Callable[[Actor], Mapping[str, str]]
    numbers: Mapping[str, str]
    paths: Mapping[str, str] = field(default_factory=dict)
    made: Mapping[str, Callable[[str], Awaitable[Mapping[str, str]]]] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)
    ruled_out: frozenset[str] = frozenset()
    bodies: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)
    open_to_all: frozenset[str] = frozenset({"/openapi.json"})

    async def findings(self) -> list[str]:
        """Say what is wrong, a line each; nothing is said of what is right."""
        found: list[str] = []
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://redress.example") as client:
            for route in routes_of(self.app.routes):
                if route.is_declared:
                    found += [line async for line in self._of_route(client, route)]
                elif route.path not in self.open_to_all:
                    found.append(f"{route.path}: is no declared route of the API")
        return found

    async def _of_route(self, client: httpx.AsyncClient, route: Found) -> AsyncIterator[str]:
        for method in route.methods:
            name = f"{method} {route.path}"
            if route.needed is None:
                yield f"{name}: says not what it needs (x-right)"
            elif route.needed not in (*Right, PUBLIC, ANYBODY):
                yield f"{name}: needs {route.needed!r}, which is no right"
            else:
                async for line in self._of_method(client, route.path, method, route.needed):
                    yield f"{name}: {line}"

    async def _of_method(
        self, client: httpx.AsyncClient, path: str, method: str, needed: str
    ) -> AsyncIterator[str]:
        name = f"{method} {path}"
        act = self.acts.get(name)

        async def status(ownership: str, actor: Actor | None) -> int:
            number = self.numbers[ownership]
            made = await self.made[name](number) if name in self.made else {}
            values = {**self.paths, **made, "number": number}
            place = _PARAMETER.sub(lambda found: values.get(found[1], f"no-{found[1]}"), path)
            headers = dict(self.headers(actor)) if actor else {}
            sent = self._sent(path, method)
            return (await client.request(method, place, headers=headers, **sent)).status_code

        of_one = "{number}" in path
        nobody = await status("own", None)
        if (nobody == httpx.codes.UNAUTHORIZED) is (needed == PUBLIC):
            yield f"answers {nobody} to somebody unknown"
        if needed == PUBLIC:
            return
        # Where no complaint is named, one will do.
        ownerships = OWNERSHIPS if of_one else {"own": OWNERSHIPS["own"]}
        is_of_use = name in self.ruled_out
        asked = [(o, case, actor) for o, case in ownerships.items() for actor in CALLERS.values()]
        # Whoever may not comes first: what others then do changes what there is to be refused.
        for ownership, case, actor in sorted(
            asked, key=lambda each: _may(each[2], needed, each[1], of_one, act)
        ):
            answered = await status(ownership, actor)
            is_of_use |= answered < httpx.codes.BAD_REQUEST
            allowed = _may(actor, needed, case, of_one, act)
            refused = answered in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
            if refused is allowed or answered == httpx.codes.UNAUTHORIZED or answered >= 500:
                what = "must not" if not allowed else "may"
                yield f"answers {answered} to {actor.role}, who {what} ({ownership})"
        if not is_of_use:
            yield f"answered nobody as they wished; the last one {answered}"

    def _sent(self, path: str, method: str) -> dict[str, Any]:
        if method in ("GET", "HEAD", "DELETE"):
            return {}
        file = self.files.get(f"{method} {path}")
        return {"json": self._body(path, method)} if file is None else {"files": {"file": file}}

    def _body(self, path: str, method: str) -> Any:
        if (given := self.bodies.get(f"{method} {path}")) is not None:
            return given
        operation = self.app.openapi()["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        named = [each["value"] for each in content.get("examples", {}).values() if "value" in each]
        return next(iter([*named, *([content["example"]] if "example" in content else [])]), {})


@dataclass(frozen=True)
class Found:
    """A route, and where it is found in the end."""

    path: str
    methods: tuple[str, ...]
    needed: str | None
    is_declared: bool


def routes_of(routes: Sequence[BaseRoute], under: str = "") -> Iterator[Found]:
    """Find the routes themselves, however deep they are included or mounted."""
    for each in iter_route_contexts(routes):
        route, path = each.original_route, under + (each.path or "")
        if isinstance(route, Mount):
            if route.routes:
                yield from routes_of(route.routes, path)
            else:
                yield Found(path, (), None, is_declared=False)
        elif isinstance(route, APIRoute):
            needed = (each.openapi_extra or {}).get("x-right")
            yield Found(path, tuple(sorted(each.methods or ())), needed, is_declared=True)
        else:
            yield Found(path, (), None, is_declared=False)


def _may(actor: Actor, needed: str, case: Case, of_one: bool, act: Act | None) -> bool:
    if needed == ANYBODY:
        return True
    if act is not None and not may_act(Caller(actor=actor), act, case):
        return False
    return may(Caller(actor=actor), Right(needed), case if of_one else None)


_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
"""One that nobody gave a value stands for something that there is not."""
