"""The page of a complaint: what time brought is dated by when it fell due, and says if it was seen late."""

from dataclasses import replace

from cli.case_page import Page
from complaints import commands as c
from complaints.consequences import ClockBreached
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.practices import FormField
from complaints.records import ClockName
from complaints.view import view
from tests.lives import DAY, HOUR, Life, at_stage, example


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


def test_the_head_shows_what_the_rituals_brought_to_light_and_hides_it_in_private() -> None:
    policy = replace(builtin(), form={"meter": FormField(title=Names(en="Meter number", zh="电表号"))})
    life = Life(policy)
    life.do(example(c.Register, place="城北营业厅", details={"meter": "0420-7731"}))
    life.do(example(c.RecordInterests))
    shown = list(Page(view(life.state), life.events, policy, life.now)._known())
    assert shown == [
        "place: 城北营业厅",
        "Meter number: 0420-7731",
        "asks: 双倍退款; needs: 下个月的账单不要再出错",
    ]
    hidden = Page(view(life.state), life.events, policy, life.now, private=True)._known()
    assert list(hidden) == ["place: …", "Meter number: …", "asks: …; needs: …"]
