"""The page of a complaint: what time brought is dated by when it fell due, and says if it was seen late."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from cli.case_page import Page
from complaints.privacy import WITHHELD, without_people
from complaints import commands as c
from complaints import wire
from complaints.consequences import ClockBreached
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.practices import FormField, Hazard
from complaints.records import ClockName
from complaints.view import view
from complaints.vocabulary import Nature, Role
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


def printed(life: Life, *, private: bool = False) -> str:
    out = StringIO()
    console = Console(file=out, width=200)
    for line in Page(view(life.state), life.events, life.state.policy, life.now, private=private).lines():
        console.print(line)
    return out.getvalue()


def called_together() -> Life:
    """A danger, two departments, and a question that became a complaint, in one life."""
    hazard = Hazard(title=Names(en="Live wire", zh="导线带电"), words=("漏电",))
    life = Life(replace(builtin(), hazards={"live_wire": hazard}, first_responsible="service"))
    life.do(example(c.Register, life, description="电表箱漏电"))
    life.do(example(c.RecordFirstContact, life, nature=Nature.COMMUNICATIVE))
    life.do(example(c.Classify, life, difficult=True, difficult_reason="Her third call."))
    life.do(example(c.SummonDepartments, life))
    life.do(example(c.SendSomeone, life, summons="S1"))
    life.do(example(c.DeclareEmergency, life, hazard="live_wire"))
    life.do(example(c.AttendEmergency, life, made_safe=False))
    return life


def test_the_page_shows_who_was_summoned_and_who_came() -> None:
    page = printed(called_together())
    assert "metering (responsible)" in page
    assert "qian.duo" in page
    assert "east (local)" in page
    assert "summoned metering (responsible), east (local): 周三上午到用户家中一起核对电表" in page


def test_the_page_shows_dangers_and_whether_they_are_safe() -> None:
    page = printed(called_together())
    assert "hints at a hazard: Live wire" in page
    assert "attended, NOT SAFE" in page


def test_the_page_shows_the_nature_and_the_first_responsible() -> None:
    life = called_together()
    assert "communicative: asking, venting or seeking help" in printed(life)
    assert "difficult; first responsible: service" in printed(life)
    life.do(example(c.ConvertNature, life))
    page = printed(life)
    assert "communicative before" in page
    assert "a valid complaint from now on: She asked three times, and nobody called back." in page


def test_what_was_said_about_them_is_left_out_with_the_customer() -> None:
    life = called_together()
    life.do(example(c.ConvertNature, life))
    life.do(example(c.CallForSupport, life))
    page = printed(life, private=True)
    for private in ("周三上午", "电表箱", "A loose clamp", "She asked three times", "客户情绪激动"):
        assert private not in page


def test_the_reason_for_more_time_is_left_out_of_the_notice_to_the_customer() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.GrantExtension, life, reason="她住院了"), role=Role.CUSTOMER_SERVICE)
    shown = [without_people(wire.plain(event)) for event in life.events]
    assert "她住院了" not in str([shown, without_people(wire.plain(view(life.state)))])
    (told,) = [each["fact"]["why"] for each in shown if each["fact"].get("kind") == "customer"]
    assert told == WITHHELD
