"""Who acts in the stories: people of a department, where the usual ones will not do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from complaints.view import Answer
from complaints.vocabulary import Actor, Role
from tests.workflow.cases import Case
from workflows.client import execute


async def by(case: Case, who: Actor, kind: type[Any], /, **fields: Any) -> Answer:
    """Have a sensible example of a command done by somebody in particular."""
    envelope = await case.envelope(kind, **fields)
    return await execute(case.env.client, case.number, replace(envelope, actor=who))


def lead_of(department: str) -> Actor:
    return Actor(id=f"{department}.lead", role=Role.LEAD, department=department)


def desk_of(department: str) -> Actor:
    return Actor(id=f"{department}.desk", role=Role.DESK, department=department)
