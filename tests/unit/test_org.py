"""Who is told: by roster, then by role, then who stands in; whatever finds nobody goes to customer service's duty."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.forms import Names
from complaints.org import (
    Department,
    Leave,
    Member,
    Org,
    Roster,
    Shift,
    WeeklyShift,
    gaps,
    is_at_work,
    quiet_until,
)
from complaints.org_changes import compare, merged
from complaints.policy import QuietHours
from complaints.routing import Routing, route
from complaints.vocabulary import Role
from complaints.working_time import Interval
from complaints.zones import resolve

SHANGHAI = resolve("Asia/Shanghai")
MONDAY_10 = datetime(2026, 4, 27, 2, tzinfo=UTC)  # 10:00 in Shanghai
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MAY_4 = datetime(2026, 5, 3, 16, tzinfo=UTC)  # midnight in Shanghai

DEFAULT_ROLES: dict[str, tuple[str, Role]] = {
    "chen.jing": ("billing", Role.LEAD),
    "li.wei": ("billing", Role.HANDLER),
    "zhang.wei": ("billing", Role.HANDLER),
    "wang.fang": ("service", Role.CUSTOMER_SERVICE),
    "zhao.min": ("service", Role.CUSTOMER_SERVICE),
    "brown.ann": ("board", Role.EXECUTIVE),
}


def department(id_: str, **more: Any) -> Department:
    return Department(id=id_, name=Names(en=id_, zh=id_), **more)


def away(until: datetime = MAY_4, delegate: str | None = None) -> dict[str, Any]:
    return {"leave": (Leave(begins_at=MONDAY_10 - DAY, ends_at=until, delegate=delegate),)}


def org(*rosters: Roster, **members: dict[str, Any]) -> Org:
    """The usual people, some of them with something particular: `org(chen_jing=away())`."""
    particular = {name.replace("_", "."): fields for name, fields in members.items()}
    people = {**{name: {} for name in DEFAULT_ROLES}, **particular}
    return Org(
        zone=SHANGHAI,
        departments=tuple(map(department, ("board", "billing", "service"))),
        members=tuple(
            Member(
                **{
                    "id": name,
                    "name": name,
                    "department": DEFAULT_ROLES.get(name, ("billing",))[0],
                    "roles": DEFAULT_ROLES.get(name, ("", Role.HANDLER))[1:],
                    **fields,
                }
            )
            for name, fields in people.items()
        ),
        rosters=rosters,
    )


def ask(
    people: Org,
    audience: Role = Role.LEAD,
    of: str | None = "billing",
    at: datetime = MONDAY_10,
    recused: set[str] | None = None,
    person: str | None = None,
) -> Routing:
    return route(
        people, audience=audience, department=of, at=at, recused=frozenset(recused or ()), person=person
    )


def every(member: str, hours: tuple[int, int], *days: int) -> WeeklyShift:
    return WeeklyShift(
        member=member,
        days=days or tuple(range(7)),
        hours=Interval(start=hours[0] * 60, end=hours[1] * 60),
    )


# --- the lead


def test_the_lead_of_the_department_is_told():
    routing = ask(org())
    assert (routing.people, routing.audience, routing.why) == (("chen.jing",), Role.LEAD, "lead chen.jing")


def test_whoever_is_on_duty_comes_before_the_lead():
    roster = Roster(role=Role.LEAD, department="billing", weekly=(every("li.wei", (8, 20)),))
    routing = ask(org(roster))
    assert routing.people == ("li.wei",)
    assert routing.why == "on duty as lead of billing: li.wei"
    assert ask(org(roster), at=MONDAY_10 + 12 * HOUR).people == ("chen.jing",)


def test_a_roster_of_another_department_or_role_does_not_count():
    others = (
        Roster(role=Role.LEAD, department="service", weekly=(every("wang.fang", (0, 24)),)),
        Roster(role=Role.HANDLER, department="billing", weekly=(every("li.wei", (0, 24)),)),
    )
    assert ask(org(*others)).people == ("chen.jing",)


def test_while_the_lead_is_on_leave_the_deputy_is_told():
    people = org(chen_jing={**away(), "deputy": "li.wei"})
    routing = ask(people)
    assert (routing.people, routing.audience) == (("li.wei",), Role.LEAD)
    assert routing.why == "lead chen.jing is on leave until 2026-05-03; li.wei stands in"
    assert ask(people, at=MAY_4).people == ("chen.jing",)


def test_the_delegate_of_the_leave_comes_before_the_deputy():
    people = org(chen_jing={**away(delegate="zhang.wei"), "deputy": "li.wei"})
    assert ask(people).people == ("zhang.wei",)


def test_a_delegate_who_is_away_as_well_leaves_it_to_the_deputy():
    people = org(chen_jing={**away(delegate="zhang.wei"), "deputy": "li.wei"}, zhang_wei=away())
    assert ask(people).people == ("li.wei",)


def test_deputies_are_followed_as_far_as_it_takes():
    people = org(chen_jing={**away(), "deputy": "li.wei"}, li_wei={**away(), "deputy": "zhang.wei"})
    assert ask(people).people == ("zhang.wei",)


def test_deputies_in_a_circle_end_at_customer_service():
    people = org(chen_jing={**away(), "deputy": "li.wei"}, li_wei={**away(), "deputy": "chen.jing"})
    routing = ask(people)
    assert routing.audience == Role.CUSTOMER_SERVICE
    assert "deputies stand in a circle" in routing.why


def test_two_leads_are_both_told_and_one_alone_while_the_other_is_away():
    second = {"roles": (Role.LEAD,)}
    assert ask(org(li_wei=second)).people == ("chen.jing", "li.wei")
    assert ask(org(li_wei={**second, **away()})).people == ("chen.jing",)


def test_nobody_is_told_twice_who_is_found_twice():
    second = {"roles": (Role.LEAD,)}
    assert ask(org(li_wei=second, chen_jing={**away(), "deputy": "li.wei"})).people == ("li.wei",)


# --- whoever finds nobody


@pytest.mark.parametrize(
    ("people", "of", "why"),
    [
        (org(chen_jing=away()), "billing", "lead chen.jing is on leave until 2026-05-03 without a deputy"),
        (
            org(chen_jing={**away(MAY_4 + 18 * HOUR), "deputy": "li.wei"}, li_wei=away()),
            "billing",
            (
                "lead chen.jing is on leave until 2026-05-04 18:00, "
                "deputy li.wei is on leave until 2026-05-03 without a deputy"
            ),
        ),
        (
            org(chen_jing={**away(), "deputy": "li.wei"}, li_wei={"active": False}),
            "billing",
            "lead chen.jing is on leave until 2026-05-03, deputy li.wei is no longer active",
        ),
        (org(chen_jing={"active": False}), "billing", "department billing has no lead"),
        (org(), "metering", "department metering is unknown"),
        (org(), None, "no department is assigned"),
    ],
    ids=["on leave", "deputy away", "deputy left", "no lead", "unknown department", "no department"],
)
def test_what_finds_nobody_goes_to_customer_service_and_says_why(people: Org, of: str | None, why: str):
    routing = ask(people, of=of)
    assert routing.people == ("wang.fang", "zhao.min")
    assert routing.audience == Role.CUSTOMER_SERVICE
    assert routing.why == f"{why}; the customer service department's duty is told"


def test_the_reason_is_said_in_chinese_as_well():
    reason = ask(org(chen_jing=away())).reason
    assert reason is not None
    assert reason.zh == "负责人chen.jing休假至2026-05-03,且没有代理人;由客户服务部值班人员处理"


def test_a_department_that_is_no_longer_active_is_as_good_as_unknown():
    people = org()
    closed = replace(people, departments=(department("billing", active=False),))
    assert ask(closed).why.startswith("department billing is no longer active")


def test_the_parent_department_is_not_asked():
    people = replace(
        org(chen_jing={"department": "board"}), departments=(department("billing", parent="board"),)
    )
    assert ask(people).audience == Role.CUSTOMER_SERVICE


# --- recusal


def test_a_recused_lead_is_never_told_nor_does_their_deputy_judge_for_them():
    routing = ask(org(chen_jing={"deputy": "li.wei"}), recused={"chen.jing"})
    assert routing.people == ("wang.fang", "zhao.min")
    assert routing.why.startswith("lead chen.jing is recused; ")


@pytest.mark.parametrize("person", list(DEFAULT_ROLES))
@pytest.mark.parametrize("audience", [Role.HANDLER, Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE])
def test_whoever_is_recused_is_never_found(person: str, audience: Role):
    everybody = tuple(every(name, (0, 24)) for name in DEFAULT_ROLES)
    for rosters in (
        (),
        tuple(Roster(role=role, weekly=everybody) for role in (Role.LEAD, Role.CUSTOMER_SERVICE)),
    ):
        people = org(*rosters, chen_jing={**away(delegate="li.wei"), "deputy": "zhang.wei"})
        assert person not in ask(people, audience, recused={person}, person="zhang.wei").people


def test_where_everybody_is_recused_nobody_is_told_and_the_reason_says_so():
    routing = ask(org(), recused=set(DEFAULT_ROLES))
    assert routing.people == ()
    assert routing.why == "lead chen.jing is recused; nobody of the customer service department can be told"


# --- customer service


def test_customer_services_roster_decides_who_is_told():
    night = Roster(role=Role.CUSTOMER_SERVICE, weekly=(every("zhao.min", (20, 32)),))
    at_3 = datetime(2026, 4, 27, 19, tzinfo=UTC)
    routing = ask(org(night), Role.CUSTOMER_SERVICE, at=at_3)
    assert routing.people == ("zhao.min",)
    assert routing.why == "on duty for the customer service department: zhao.min"


def test_without_a_roster_those_of_customer_service_who_are_at_work_are_told():
    office = (*((Interval(start=510, end=1050),),) * 5, (), ())
    people = org(wang_fang={"hours": office}, zhao_min={"hours": ((),) * 7})
    assert ask(people, Role.CUSTOMER_SERVICE).people == ("wang.fang",)


def test_where_nobody_of_customer_service_is_at_work_all_of_them_are_told():
    never = {"hours": ((),) * 7}
    people = org(wang_fang=never, zhao_min=never)
    assert ask(people, Role.CUSTOMER_SERVICE).people == ("wang.fang", "zhao.min")


def test_where_all_of_customer_service_are_on_leave_their_deputies_are_told():
    people = org(wang_fang={**away(), "deputy": "li.wei"}, zhao_min=away())
    assert ask(people, Role.CUSTOMER_SERVICE).people == ("li.wei",)


def test_a_rostered_member_on_leave_is_stood_in_for():
    roster = Roster(role=Role.CUSTOMER_SERVICE, weekly=(every("wang.fang", (0, 24)),))
    people = org(roster, wang_fang=away(delegate="zhao.min"))
    assert ask(people, Role.CUSTOMER_SERVICE).people == ("zhao.min",)


# --- handlers and other roles


def test_a_warning_goes_to_the_handler():
    routing = ask(org(), Role.HANDLER, person="zhang.wei")
    assert (routing.people, routing.audience) == (("zhang.wei",), Role.HANDLER)


def test_a_handler_on_leave_is_stood_in_for():
    routing = ask(org(zhang_wei=away(delegate="li.wei")), Role.HANDLER, person="zhang.wei")
    assert (routing.people, routing.audience) == (("li.wei",), Role.HANDLER)


@pytest.mark.parametrize(
    ("people", "why"),
    [
        (org(zhang_wei=away()), "handler zhang.wei is on leave until 2026-05-03 without a deputy"),
        (org(zhang_wei={"active": False}), "handler zhang.wei is no longer active"),
        (replace(org(), members=org().members[:1]), "handler zhang.wei is unknown"),
    ],
    ids=["on leave", "left", "unknown"],
)
def test_where_the_handler_cannot_be_told_the_lead_is(people: Org, why: str):
    routing = ask(people, Role.HANDLER, person="zhang.wei")
    assert (routing.people, routing.audience) == (("chen.jing",), Role.LEAD)
    assert routing.why == f"{why}; lead chen.jing"


def test_where_nobody_is_assigned_customer_service_is_told():
    routing = ask(org(), Role.HANDLER)
    assert routing.audience == Role.CUSTOMER_SERVICE
    assert routing.why == "nobody is assigned; the customer service department's duty is told"


def test_an_executive_is_told_whatever_the_department():
    assert ask(org(), Role.EXECUTIVE).people == ("brown.ann",)


def test_a_role_that_nobody_has_goes_to_customer_service():
    routing = ask(org(), Role.MEDIATOR)
    assert routing.audience == Role.CUSTOMER_SERVICE
    assert routing.why.startswith("nobody has the role mediator; ")


def test_an_empty_organisation_says_nothing():
    assert ask(Org(zone=SHANGHAI)) == Routing(people=(), audience=Role.LEAD)


NAMES = list(DEFAULT_ROLES)
leaves = st.builds(away, delegate=st.sampled_from([None, *NAMES]))
circumstances = st.builds(
    lambda leave, deputy, active: {**leave, "deputy": deputy, "active": active},
    st.just({}) | leaves,
    st.sampled_from([None, *NAMES]),
    st.booleans(),
)


@given(
    particular=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, circumstances)),
    on_duty=st.lists(st.tuples(st.sampled_from([Role.LEAD, Role.CUSTOMER_SERVICE]), st.sampled_from(NAMES))),
    audience=st.sampled_from(list(Role)),
    of=st.sampled_from([None, "billing", "metering"]),
    person=st.sampled_from([None, *NAMES, "nobody"]),
    recused=st.sets(st.sampled_from(NAMES)),
)
@settings(max_examples=100, deadline=None)
def test_whoever_is_found_is_there_and_whoever_is_not_found_is_accounted_for(
    particular: dict[str, dict[str, Any]],
    on_duty: list[tuple[Role, str]],
    audience: Role,
    of: str | None,
    person: str | None,
    recused: set[str],
):
    rosters = [Roster(role=role, weekly=(every(member, (0, 24)),)) for role, member in on_duty]
    people = org(*rosters, **particular)
    routing = ask(people, audience, of=of, person=person, recused=recused)
    there = {m.id for m in people.members if m.active and m.leave_at(MONDAY_10) is None} - recused
    assert set(routing.people) <= there
    assert len(set(routing.people)) == len(routing.people)
    assert routing.reason is not None
    assert routing.why
    if not routing.people:
        assert not there & {"wang.fang", "zhao.min"}, "customer service was there, and was not told"


# --- shifts and hours


def test_a_shift_stands_in_the_place_of_the_weekly_pattern():
    swap = Shift(member="li.wei", begins_at=MONDAY_10, ends_at=MONDAY_10 + 2 * HOUR)
    roster = Roster(role=Role.LEAD, shifts=(swap,), weekly=(every("zhang.wei", (0, 24)),))
    assert roster.on_duty(SHANGHAI, MONDAY_10 - HOUR) == ("zhang.wei",)
    assert roster.on_duty(SHANGHAI, MONDAY_10) == ("li.wei",)
    assert roster.on_duty(SHANGHAI, MONDAY_10 + 2 * HOUR) == ("zhang.wei",)


@pytest.mark.parametrize(
    ("hour", "on_duty"),
    [(21, ()), (22, ("li.wei",)), (29, ("li.wei",)), (30, ())],
)
def test_a_night_shift_belongs_to_the_day_it_began_on(hour: int, on_duty: tuple[str, ...]):
    roster = Roster(role=Role.LEAD, weekly=(every("li.wei", (22, 30), 6),))  # Sunday night
    sunday = datetime(2026, 4, 25, 16, tzinfo=UTC)  # 00:00 in Shanghai
    assert roster.on_duty(SHANGHAI, sunday + hour * HOUR) == on_duty


def test_whose_hours_are_unknown_is_always_at_work():
    member = org().members[0]
    assert is_at_work(member, SHANGHAI, MONDAY_10)
    assert not is_at_work(replace(member, hours=((),) * 7), SHANGHAI, MONDAY_10)


@pytest.mark.parametrize(
    ("hour_utc", "until"),
    [
        (13, None),  # 21:00
        (14, datetime(2026, 4, 27, 23, tzinfo=UTC)),  # 22:00: until 07:00 tomorrow
        (20, datetime(2026, 4, 27, 23, tzinfo=UTC)),  # 04:00
        (23, None),  # 07:00
    ],
)
def test_quiet_hours_end_in_local_time(hour_utc: int, until: datetime | None):
    quiet = QuietHours(start=time(22), end=time(7))
    assert quiet_until(quiet, SHANGHAI, datetime(2026, 4, 27, hour_utc, tzinfo=UTC)) == until


def test_quiet_hours_within_a_day_end_on_that_day():
    quiet = QuietHours(start=time(12), end=time(14))
    assert quiet_until(quiet, SHANGHAI, MONDAY_10 + 3 * HOUR) == MONDAY_10 + 4 * HOUR
    assert quiet_until(quiet, SHANGHAI, MONDAY_10) is None
    assert quiet_until(None, SHANGHAI, MONDAY_10) is None


# --- what an import changes


def test_the_same_again_changes_nothing():
    people = org(Roster(role=Role.LEAD, weekly=(every("li.wei", (0, 24)),)))
    assert compare(merged(people, people), merged(people, people)) == []


def test_the_order_in_a_file_is_no_change():
    people = org()
    turned = replace(people, members=people.members[::-1], departments=people.departments[::-1])
    assert compare(merged(people, people), merged(people, turned)) == []


def test_whoever_is_left_out_is_deactivated_and_kept():
    people = org(chen_jing={"targets": ("wecom://SECRET",), **away()})
    smaller = replace(people, members=people.members[1:])
    after = merged(people, smaller)
    assert [str(change) for change in compare(merged(people, people), after)] == [
        "- member chen.jing: is no longer active"
    ]
    left = after.member("chen.jing")
    assert left is not None
    assert (left.active, left.targets, left.leave) == (False, (), ())
    assert compare(after, merged(after, smaller)) == []


def test_a_change_names_its_fields_and_never_a_target():
    people = org(chen_jing={"targets": ("wecom://SECRET",)})
    other = org(chen_jing={"targets": ("wecom://OTHER",), "department": "board", "deputy": "li.wei"})
    [change] = compare(merged(people, people), merged(people, other))
    assert str(change) == ("~ member chen.jing: department billing -> board, targets, deputy none -> li.wei")


def test_new_and_changed_rosters_are_named():
    before = org(Roster(role=Role.LEAD, department="billing", weekly=(every("li.wei", (0, 24)),)))
    after = org(
        Roster(role=Role.LEAD, department="billing", weekly=(every("li.wei", (0, 12)),)),
        Roster(role=Role.CUSTOMER_SERVICE, weekly=(every("zhao.min", (0, 24)),)),
    )
    told = [str(change) for change in compare(merged(before, before), merged(before, after))]
    assert told == ["+ roster customer_service", "~ roster lead of billing: weekly"]


def test_gaps_name_whom_an_escalation_would_not_reach():
    told = gaps(org(chen_jing={"active": False}, wang_fang={"active": False}, zhao_min={"active": False}))
    assert any("department billing has no lead" in gap for gap in told)
    assert any("nobody has the role customer_service" in gap for gap in told)
    assert any(gap.startswith("without a contact target: li.wei") for gap in told)


def test_a_target_is_not_shown_with_its_member():
    assert "SECRET" not in repr(org(chen_jing={"targets": ("wecom://SECRET",)}))
