"""To import a complaint is, for its deadlines and verdicts, the same as to have registered it in time."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints import commands as c
from complaints.commands import Envelope
from complaints.events import GENESIS, is_authentic
from complaints.evolve import rebuilt
from complaints.forms import Assignment, Closing, Imported
from complaints.lifecycle import Stage
from complaints.policy import Policy, fingerprint
from complaints.policy_file import builtin, shipped
from complaints.records import ClockName
from complaints.turn import take_turn
from complaints.vocabulary import Customer, Outcome, Role, Severity
from tests.lives import MINUTE, MONDAY, NOBODY_KNOWN, PEOPLE, WANG_XIUYING, Life, example

CUSTOMER_SERVICE = PEOPLE[Role.CUSTOMER_SERVICE]
AGES = st.integers(min_value=1, max_value=500 * 24 * 60).map(lambda minutes: minutes * MINUTE)

policies = st.sampled_from(shipped())
severities = st.sampled_from(Severity)
customers = st.sampled_from([WANG_XIUYING, NOBODY_KNOWN])


def form(policy: Policy, **fields: Any) -> Any:
    return example(c.Register, category=next(iter(policy.categories)), **fields)


def imported(policy: Policy, age: timedelta, *, customer: Customer = WANG_XIUYING, **known: Any) -> Life:
    life = Life(policy)
    command = form(policy, customer=customer, imported=Imported(at=MONDAY, origin="old.csv:2", **known))
    life.receive(
        Envelope(id="import", actor=CUSTOMER_SERVICE, received_at=MONDAY - age, command=command),
    )
    return life


def registered_in_time(
    policy: Policy, age: timedelta, *, customer: Customer, severity: Severity, assigned: Assignment
) -> Life:
    """What would stand here today if it had begun here, and nothing had been done about it since."""
    life = Life(policy, start=MONDAY - age)
    life.do(form(policy, customer=customer), actor=CUSTOMER_SERVICE)
    life.do(c.Classify(category=next(iter(policy.categories)), severity=severity), actor=CUSTOMER_SERVICE)
    life.do(c.Assign(department=assigned.department, handler=assigned.handler), actor=CUSTOMER_SERVICE)
    return life.wait_until(MONDAY)


def duties(life: Life) -> set[Any]:
    """The clocks of duties, but the daily news: of the days before a take-over one stands for all."""
    apart = (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT)
    return {
        (k.name, k.subject, k.started_at, k.due_at, k.verdict, k.breached_at is not None, k.warned)
        for k in life.state.clocks.values()
        if k.name not in apart
    }


@settings(deadline=None)  # a policy is read the first time it is asked for
@given(name=policies, age=AGES, customer=customers, severity=severities)
def test_deadlines_and_verdicts_are_those_of_one_that_was_registered_in_time(
    name: str, age: timedelta, customer: Customer, severity: Severity
):
    policy = builtin(name)
    assigned = Assignment(department="billing", handler="zhang.wei")
    here = registered_in_time(policy, age, customer=customer, severity=severity, assigned=assigned)
    there = imported(policy, age, customer=customer, severity=severity, assigned=assigned)
    assert duties(there) == duties(here)
    assert there.state.stage == here.state.stage


@settings(deadline=None)  # a policy is read the first time it is asked for
@given(name=policies, age=AGES, customer=customers, severity=st.none() | severities)
def test_however_old_it_is_nobody_is_told_and_its_events_are_few(
    name: str, age: timedelta, customer: Customer, severity: Severity | None
):
    policy = builtin(name)
    life = imported(policy, age, customer=customer, severity=severity)
    before = [
        n
        for n in life.state.notices.values()
        if n.clock is None or life.state.clocks[n.clock].due_at < MONDAY
    ]
    assert not before
    assert len(life.events) < 100


@settings(deadline=None)  # a policy is read the first time it is asked for
@given(
    name=policies,
    age=AGES,
    taken=st.floats(0, 1),
    heard=st.none() | st.floats(0, 1),
    outcome=st.sampled_from(Outcome),
)
def test_a_closed_one_is_closed_when_it_was(
    name: str, age: timedelta, taken: float, heard: float | None, outcome: Outcome
):
    policy = builtin(name)
    closed_at = MONDAY - age * (1 - taken)
    first = MONDAY - age + (closed_at - MONDAY + age) * heard if heard is not None else None
    life = imported(policy, age, closed=Closing(at=closed_at, outcome=outcome), first_contact_at=first)
    assert life.state.stage in (Stage.CLOSED, Stage.ENDED)
    assert life.state.closed_at == closed_at
    assert life.state.outcome == outcome
    assert not life.state.open_escalations()


@settings(deadline=None)  # a policy is read the first time it is asked for
@given(name=policies, age=AGES, is_closed=st.booleans())
def test_its_ledger_is_one_chain_that_leads_to_its_state(name: str, age: timedelta, is_closed: bool):
    policy = builtin(name)
    closed = Closing(at=MONDAY - age / 2, outcome=Outcome.RESOLVED) if is_closed else None
    life = imported(policy, age, closed=closed)
    assert all(is_authentic(event) for event in life.events)
    assert [e.previous for e in life.events] == [GENESIS, *(e.hash for e in life.events[:-1])]
    assert rebuilt(life.state.number, life.events, {fingerprint(policy): policy}) == life.state


@settings(deadline=None)  # a policy is read the first time it is asked for
@given(name=policies, age=AGES)
def test_deciding_it_again_gives_the_same(name: str, age: timedelta):
    policy = builtin(name)
    life = imported(policy, age, severity=Severity.HIGH)
    command = form(
        policy,
        customer=WANG_XIUYING,
        imported=Imported(at=MONDAY, origin="old.csv:2", severity=Severity.HIGH),
    )
    envelope = Envelope(id="import", actor=CUSTOMER_SERVICE, received_at=MONDAY - age, command=command)
    assert list(take_turn(life.born, envelope, MONDAY).events) == life.events
