"""Whatever happens to a complaint can be recorded, reads back as it was, and is rebuilt from its ledger."""

from __future__ import annotations

import itertools

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from audit.agreement import check
from complaints.changes import changes
from complaints.evolve import pins
from complaints.policy import fingerprint, text_of
from complaints.view import view
from db.records import record
from tests.lives import Life
from tests.properties.test_lives import KNOWN, Complaints, UnderWhatShips, lives

TEXTS = {fingerprint(policy): text_of(policy) for policy in KNOWN}


def on_record(machine: type[Complaints], engine: Engine) -> type[Complaints]:
    """The same lives, each written down batch by batch, some of it twice, and compared with the records at its end."""
    numbers = itertools.count(1)

    class OnRecord(machine):  # type: ignore[misc,valid-type]  # which one is said when it is called
        def _new_life(self, policy: object) -> Life:
            return Life(policy, number=f"{machine.__name__}-{next(numbers)}")  # type: ignore[arg-type]

        def a_batch_is_recorded(self) -> None:
            before, past = self.recorded, self.life.events[self.unrecorded :]
            super().a_batch_is_recorded()
            if not past:
                return
            batch = changes(before, self.life.state, past)
            texts = tuple(TEXTS[sha256] for sha256 in pins(past))
            for _ in range(1 + len(past) % 2):  # a batch may come twice
                with Session(engine) as session:
                    record(session, batch, texts[-1] if texts else None, texts[:-1])
                    session.commit()

        def teardown(self) -> None:
            super().teardown()
            if self.recorded.seq:
                with Session(engine) as session:
                    assert check(session, self.life.state.number, view(self.life.state)) == []

    return OnRecord


def test_every_life_agrees_with_its_records(engine: Engine) -> None:
    lives(on_record(Complaints, engine), share=0.2)


def test_every_life_under_what_ships_agrees_with_its_records(engine: Engine) -> None:
    lives(on_record(UnderWhatShips, engine), share=0.2)
