"""The rules and the people: policies and the organisation, to read only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from api.doors import OF_ONE, declares
from api.rights import Who
from api.routes.router import make_router
from api.services import Known
from api.shapes import PolicyList, ShownMember, ShownOrg, ShownPolicy
from complaints.forms import refill
from complaints.permissions import Right
from complaints.policy import Policy, fingerprint
from complaints.policy_file import FOLDER, builtin
from complaints.vocabulary import is_identifier
from complaints.wire import plain
from db import org, policies

router = make_router(prefix="/v1", tags=["rules and people"])


@router.get("/policies", **declares(Right.READ_RULES, {200: PolicyList}))
async def list_policies(caller: Who, services: Known) -> JSONResponse:  # noqa: ARG001 - read by the check of rights
    """List which policy is in force for whom and from when on, the latest decision first."""
    activations = await services.records.ask(policies.versions)
    return JSONResponse(plain(PolicyList(activations=tuple(activations), otherwise=services.settings.policy)))


@router.get("/policies/{name}", **declares(Right.READ_RULES, {200: ShownPolicy}, problems=OF_ONE))
async def read_policy(
    name: Annotated[str, Path(max_length=150)],
    services: Known,
) -> JSONResponse:
    """Read a policy in full: by its name (as activated last), as `name@version`, or by the start of its fingerprint."""
    policy = await services.records.ask(_policy, name)
    return JSONResponse(plain(ShownPolicy(sha256=fingerprint(policy), policy=policy)))


def _policy(session: Session, name: str) -> Policy:
    """Find a policy on record, else one that ships."""
    if not is_identifier(name.replace("@", "", 1)):
        raise policies.UnknownPolicy(name)
    try:
        return policies.find(session, name)
    except policies.UnknownPolicy:
        if "@" not in name and (FOLDER / f"{name}.yaml").is_file():
            return builtin(name)
        raise


@router.get("/org", **declares(Right.READ_ORG, {200: ShownOrg}))
async def read_org(services: Known) -> JSONResponse:
    """Read the departments and the people; never how they are reached."""
    return JSONResponse(plain(await services.records.ask(_org, datetime.now(UTC))))


def _org(session: Session, now: datetime) -> ShownOrg:
    found = org.read(session)
    members = tuple(
        refill(ShownMember, member, on_leave=member.leave_at(now) is not None) for member in found.members
    )
    return ShownOrg(
        version=org.version(session), zone=found.zone.name, departments=found.departments, members=members
    )
