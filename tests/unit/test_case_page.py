"""The page of a complaint: what time brought is dated by when it fell due, and says if it was seen late."""

from dataclasses import replace

from cli.case_page import Page
from complaints.consequences import ClockBreached
from complaints.delivery import Delivery, record_delivery
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, NoticeKind
from complaints.view import view
from tests.lives import DAY, HOUR, Life, at_stage


def told(life: Life) -> list[str]:
    """What the page says of the deadlines of the investigation that were missed."""
    page = Page(view(life.state), life.events, life.state.policy, life.now)
    missed = [(e, e.fact) for e in life.events if isinstance(e.fact, ClockBreached)]
    return [page._line(e)[1] for e, fact in missed if fact.clock.startswith(ClockName.INVESTIGATION)]


def test_a_deadline_that_passed_in_an_outage_says_how_late_it_was_seen() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.outage(life.clock(ClockName.INVESTIGATION).due_at - life.now + 2 * DAY + 3 * HOUR).look()
    (line,) = told(life)
    assert line.endswith("(seen 2 d 3 h late)")


def test_a_deadline_that_was_seen_at_its_instant_says_nothing_of_it() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.wait_until(life.clock(ClockName.INVESTIGATION).due_at)
    (line,) = told(life)
    assert "late" not in line


def shows_draft(life: Life) -> bool:
    """Whether the handler is shown what to tell the customer today."""
    page = Page(view(life.state), life.events, life.state.policy, life.now)
    return any("To tell the customer today" in row[0] for row in page._guidance())


def test_the_days_message_is_put_before_the_handler_unless_it_is_sent_by_itself() -> None:
    automatic = replace(builtin(), feedback=replace(builtin().feedback, automatic=True))
    assert shows_draft(at_stage(Stage.INVESTIGATION))
    assert not shows_draft(at_stage(Stage.INVESTIGATION, automatic))


def test_a_message_that_did_not_arrive_is_put_before_the_handler() -> None:
    automatic = replace(builtin(), feedback=replace(builtin().feedback, automatic=True))
    life = at_stage(Stage.INVESTIGATION, automatic)
    life.wait_until(life.clock(ClockName.FEEDBACK).warn_at[0])
    (notice,) = [n for n in life.state.notices.values() if n.kind == NoticeKind.NEWS]
    refused = Delivery(notice=notice.id, channel="webhook", receipt="410", failed=True)
    life.take(record_delivery(life.state, refused, life.now))
    assert shows_draft(life)
