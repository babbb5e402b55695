"""People for the tests of notices: an organisation in the database, each reached by a webhook of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from complaints import zones
from complaints.forms import Names
from complaints.org import Department, Leave, Member, Org
from complaints.policy import QuietHours
from complaints.vocabulary import Role
from db import org as stored
from tests.conftest import ENCRYPTION_KEY
from tests.integration.channel_servers import Receiver
from tests.lives import MONDAY


def hook(service: Receiver, person: str) -> str:
    """A person's target; its path names them."""
    return f"webhook+{service.address}/{person}"


def member(
    person: str,
    *roles: Role,
    service: Receiver | None = None,
    department: str = "billing",
    quiet: QuietHours | None = None,
    on_leave: bool = False,
    deputy: str | None = None,
    language: str = "zh",
) -> Member:
    """Somebody of the organisation; without a service nobody knows how to reach them."""
    years = timedelta(days=3650)
    leave = (Leave(begins_at=MONDAY - years, ends_at=MONDAY + years),) if on_leave else ()
    return Member(
        id=person,
        name=person,
        department=department,
        roles=roles,
        language="en" if language == "en" else "zh",
        quiet=quiet,
        targets=(hook(service, person),) if service else (),
        deputy=deputy,
        leave=leave,
    )


def take_on(engine: Engine, *members: Member, at: datetime = MONDAY) -> None:
    """Store an organisation with these people, in Shanghai."""
    departments = tuple(
        Department(id=name, name=Names(en=name, zh=name)) for name in ("billing", "metering", "service")
    )
    org = Org(zone=zones.resolve("Asia/Shanghai"), departments=departments, members=members)
    with Session(engine) as session:
        stored.replace(session, org, by="tests", at=at, key=ENCRYPTION_KEY)
        session.commit()
