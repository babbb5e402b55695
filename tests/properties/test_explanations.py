"""Whatever happens to a complaint, the explanation of every deadline leads to the one on record."""

import contextlib
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints import commands as c
from complaints.errors import Refusal
from complaints.explain import of_complaint
from complaints.lifecycle import Stage
from complaints.policy import fingerprint, text_of
from complaints.policy_file import builtin
from complaints.vocabulary import PauseOwner, Role, Severity
from tests.lives import MONDAY, Life, example

POLICIES = {fingerprint(policy): policy for policy in (builtin(), builtin("power-utility"))}
STEPS = st.one_of(
    st.tuples(st.just("pause"), st.sampled_from(PauseOwner)),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("extend"), st.integers(0, 12)),
    st.tuples(st.just("severity"), st.sampled_from(Severity)),
    st.tuples(st.just("migrate"), st.sampled_from(list(POLICIES))),
    st.tuples(st.just("wait"), st.none()),
)
LATER = st.sampled_from((0, 1, 30, 240, 600, 1440, 4000)).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(POLICIES)),
    st.integers(0, 60 * 24 * 364).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    st.sampled_from((Stage.INTAKE, Stage.INVESTIGATION, Stage.SOLUTION, Stage.EXECUTION)),
    st.lists(st.tuples(STEPS, LATER), max_size=9),
)
def test_every_deadline_is_proved(
    policy: str,
    start: datetime,
    stage: Stage,
    steps: list[tuple[tuple[str, object], timedelta]],
) -> None:
    life = Life(POLICIES[policy], start=start)
    life.do(example(c.Register, life))
    life.to(stage)
    for (what, how), later in steps:
        with contextlib.suppress(Refusal):
            _do(life, what, how, later)
    for explained in of_complaint(life.state, life.events, now=life.now, policies=POLICIES):
        assert explained.adds_up, explained
        assert explained.began is not None
        assert explained.rule.place is not None


def _do(life: Life, what: str, how: object, later: timedelta) -> None:
    match what:
        case "pause":
            life.do(example(c.AwaitCustomer, life, owner=how), after=later)
        case "resume":
            life.do(example(c.CustomerReplied, life), after=later)
        case "extend":
            clock = list(life.state.clocks.values())[int(str(how)) % len(life.state.clocks)]
            until = clock.due_at + later
            life.do(
                c.GrantExtension(clock=clock.key, until=until, reason="等检定结果", customer_told=True),
                role=Role.LEAD,
            )
        case "severity":
            life.do(example(c.ChangeSeverity, life, severity=how), after=later)
        case "migrate":
            text = text_of(POLICIES[str(how)])
            life.do(
                c.MigratePolicy(policy=text, reason="新的服务承诺", approver="li.na"),
                role=Role.CUSTOMER_SERVICE,
                after=later,
            )
        case _:
            life.wait(2 * later)
