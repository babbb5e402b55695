"""The complaint as a durable workflow: a thin shell that lets the rules decide and performs what they say.

One update lets commands in, one query shows the state, one timer watches the next deadline. `run` is the only code
that performs anything: it has the ledger written and notices delivered, and never waits for either before it
looks at the clocks again. Handlers decide without awaiting, so they need no lock.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.intake import TakenIn
    from activities.names import DELIVER, NOTICES_QUEUE, OPEN_MATTER, RECORD, TAKE_IN
    from activities.work import Batch, NoticeWork
    from complaints import pinned
    from complaints.changes import changes
    from complaints.commands import Envelope, Register
    from complaints.copies import replace
    from complaints.decide.outliving import improvement_opened
    from complaints.delivery import Delivery, record_delivery
    from complaints.elapse import elapse, next_due
    from complaints.errors import Refusal
    from complaints.events import Event
    from complaints.evolve import replayed
    from complaints.matters.commands import Envelope as MatterEnvelope
    from complaints.matters.commands import Open
    from complaints.matters.forms import Improvement, Kind, title_of
    from complaints.policy import Policy, Rung, text_of
    from complaints.records import TO_CUSTOMER, Escalation, Notice, NoticeKind, NoticeStatus
    from complaints.state import State
    from complaints.turn import Turn, take_turn
    from complaints.view import Answer, View, answer, view
    from complaints.vocabulary import ENGINE
    from complaints.wire import Malformed
    from complaints.working_time import local_time
    from workflows import names
    from workflows.case_file import case_file
    from workflows.refusals import as_failure

CONTINUE_AFTER = 400
"""History events after which a complaint continues as new: replays and cold caches cost by the event."""

RECORDING_GAP = timedelta(seconds=1)
"""Recordings of one complaint begin at least so far apart: a lone command is written at once, a burst in one go."""

RECORDING = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20)
    ),
)
DELIVERING = workflow.ActivityConfig(
    task_queue=NOTICES_QUEUE,
    start_to_close_timeout=timedelta(seconds=60),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
)


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a complaint begins: with a registration, or with the state that an earlier run handed on.

    Attributes:
        policy: The text of the resolved policy that the complaint is pinned to. Whoever starts a complaint without one
            has it taken in by a worker first, which chooses it as every door does.
    """

    number: str
    policy: str | None = None
    registration: Envelope | None = None
    state: State | None = None
    continue_after: int = CONTINUE_AFTER


@workflow.defn(name=names.COMPLAINT)
class Complaint:
    """One complaint, from registration to the end of its appeal window."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._continue_after = start.continue_after
        self._unrecorded: list[Event] = []
        self._pinned: list[str] = []
        self._recording: workflow.ActivityHandle[None] | None = None
        self._record_from = workflow.now()
        self._gap: asyncio.Task[None] | None = None
        self._deliveries: dict[str, workflow.ActivityHandle[Delivery]] = {}
        self._openings: dict[str, workflow.ActivityHandle[str]] = {}
        self._timer: asyncio.Task[None] | None = None
        self._armed_for: datetime | None = None
        self._shown: State | None = None
        self._rehearsed: tuple[Envelope, State, Turn] | None = None
        self._dirty = True
        self._arrives = start.policy is None and start.state is None
        if self._arrives:
            return  # a run of its own has it taken in, and hands on how it begins
        if start.state is not None:
            # One copy of a policy serves all complaints of a process.
            self._state = replace(start.state, policy=pinned.shared(start.state.policy))
            self._recorded = self._state
        else:
            assert start.policy is not None
            assert start.registration is not None
            self._state = self._recorded = State(number=start.number, policy=_policy(start.policy))
            self._pinned.append(text_of(self._state.policy))
            self._take(start.registration)

    @workflow.run
    async def run(self, start: Start) -> Answer:
        """Watch the clocks, write the ledger, deliver notices, until nothing more can happen."""
        if self._arrives:
            workflow.continue_as_new(await _taken_in(start))
        while True:
            self._collect_deliveries()
            self._collect_openings()
            self._keep_time()
            self._start_recording()
            self._start_deliveries()
            self._start_openings()
            self._show()
            if self._is_over():
                break
            if (
                self._should_continue_as_new()
            ):  # decided and done without awaiting: no handler comes in between
                workflow.continue_as_new(
                    Start(number=start.number, state=self._state, continue_after=self._continue_after)
                )
            self._dirty = False
            await workflow.wait_condition(self._has_work)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return answer(self._state, ())

    # --- doors

    @workflow.update(name=names.EXECUTE)
    def execute(self, envelope: Envelope) -> Answer:
        """Let a command act; a repeated id is answered without acting again."""
        return self._take(envelope)

    @execute.validator
    def _check(self, envelope: Envelope) -> None:
        """Refuse before anything is written to the history."""
        self._check_arrived()
        self._rehearsed = (envelope, self._state, self._turn(envelope))

    @workflow.query(name=names.VIEW)
    def view(self) -> View:
        """Show the complaint as it stands."""
        self._check_arrived()
        return view(self._state)

    def _check_arrived(self) -> None:
        if self._arrives:
            raise ApplicationError("it is being taken in; ask again in a moment", type=names.ARRIVING)

    # --- deciding

    def _take(self, envelope: Envelope) -> Answer:
        turn = self._turn(envelope)
        if turn.state.policy is not self._state.policy:
            self._pinned.append(text_of(turn.state.policy))
        self._state = turn.state
        self._keep(turn.events)
        return answer(self._state, turn.brought)

    def _turn(self, envelope: Envelope) -> Turn:
        """Ask the rules; what the validator has just been told about the same state need not be asked again."""
        if self._rehearsed is not None:
            rehearsed, state, turn = self._rehearsed
            self._rehearsed = None
            if state is self._state and rehearsed == envelope:
                return turn
        try:
            return take_turn(self._state, envelope, workflow.now())
        except Refusal as refusal:
            raise as_failure(refusal) from None

    def _apply(self, events: list[Event]) -> None:
        self._state = replayed(self._state, events)
        self._keep(tuple(events))

    def _keep(self, events: tuple[Event, ...]) -> None:
        if events:
            self._unrecorded.extend(events)
            self._dirty = True

    # --- time

    def _keep_time(self) -> None:
        """Bring time up to now, and arm the timer for the next deadline.

        When that moves later the timer is left alone: it fires once for nothing, and looks again.
        """
        now = workflow.now()
        self._apply(elapse(self._state, now))
        if self._timer is not None and self._timer.done():
            self._timer = None
        due = self._next_look(now)
        if due is None or (
            self._timer is not None and self._armed_for is not None and self._armed_for <= due
        ):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = due
        self._timer = asyncio.create_task(workflow.sleep(due - now, summary="next deadline"))

    def _next_look(self, now: datetime) -> datetime | None:
        """Return the next deadline, or the end of somebody's quiet hours if that comes first."""
        quiet = (n.not_before for n in self._queued() if n.not_before is not None and n.not_before > now)
        return min((due for due in (next_due(self._state), *quiet) if due is not None), default=None)

    # --- effects

    def _start_recording(self) -> None:
        """Have everything written down that was decided since the last batch, one batch at a time."""
        if self._recording is not None and self._recording.done():
            self._recording.result()  # retried without end: there is no failure to handle
            self._recording = None
        if self._gap is not None and self._gap.done():
            self._gap = None
        if self._recording is not None or self._gap is not None or not self._unrecorded:
            return
        wait = self._record_from - workflow.now()
        if wait > timedelta() and not self._state.is_ended:
            self._gap = asyncio.create_task(workflow.sleep(wait, summary="more may come to write down"))
        else:
            self._record()

    def _record(self) -> None:
        batch = Batch(
            changes=changes(self._recorded, self._state, self._unrecorded),
            policy=self._pinned[-1] if self._pinned else None,
            earlier=tuple(self._pinned[:-1]),
        )
        self._unrecorded, self._pinned, self._recorded = [], [], self._state
        self._record_from = workflow.now() + RECORDING_GAP
        self._recording = workflow.start_activity(RECORD, batch, **RECORDING)

    def _start_deliveries(self) -> None:
        now = workflow.now()
        for notice in self._queued():
            if notice.id not in self._deliveries and (notice.not_before is None or notice.not_before <= now):
                self._deliveries[notice.id] = workflow.start_activity(
                    DELIVER, self._work(notice), result_type=Delivery, **DELIVERING
                )

    def _queued(self) -> list[Notice]:
        return [n for n in self._state.notices.values() if n.status == NoticeStatus.QUEUED]

    def _collect_deliveries(self) -> None:
        for notice, handle in list(self._deliveries.items()):
            if handle.done():
                delivery = delivery_of(notice, handle)
                self._apply(record_delivery(self._state, delivery, workflow.now()))
                del self._deliveries[notice]

    def _start_openings(self) -> None:
        """Have what outlives the complaint opened as matters of their own."""
        for improvement in self._state.unopened_improvements:
            if improvement.id not in self._openings:
                self._openings[improvement.id] = workflow.start_activity(
                    OPEN_MATTER, _opening(self._state, improvement), result_type=str, **RECORDING
                )

    def _collect_openings(self) -> None:
        for improvement, handle in list(self._openings.items()):
            if handle.done():
                matter = handle.result()  # retried without end: there is no failure to handle
                self._apply(improvement_opened(self._state, improvement, matter, workflow.now()))
                del self._openings[improvement]

    def _work(self, notice: Notice) -> NoticeWork:
        state = self._state
        clock = state.clocks.get(notice.clock or "")
        escalation = state.escalations.get(notice.escalation or "")
        rung = _rung(state.policy, escalation, notice.rung or 0) if escalation else None
        to_customer = notice.kind in TO_CUSTOMER
        return NoticeWork(
            number=state.number,
            notice=notice,
            stage=state.stage,
            severity=state.severity,
            category=state.policy.categories[state.category],
            department=state.department_of(notice),
            at=workflow.now(),
            cause=escalation.cause if escalation else None,
            clock=clock.name if clock else None,
            due_at=clock.due_at if clock else None,
            due_local=local_time(state.policy.zone, clock.due_at) if clock else None,
            zone=state.policy.zone.name,
            handler=state.handler,
            recused=state.recused,
            channel=rung.channel if rung else None,
            can_wait=rung.keeps_quiet if rung else notice.kind != NoticeKind.RECEIPT,  # they are awake
            quiet=state.policy.feedback.quiet if to_customer else state.policy.quiet,
            language=state.registration.customer.language if state.registration else "",
            why=notice.why,
            measure=rung.measure if rung else None,
        )

    def _show(self) -> None:
        """Keep the Temporal UI's case file current, and the search attributes, which cost an event, only if changed."""
        state = self._state
        if state is self._shown:
            return
        self._shown = state
        workflow.set_current_details(case_file(state))
        shown = workflow.info().typed_search_attributes
        current: list[tuple[SearchAttributeKey[Any], str | bool | None]] = [
            (names.STAGE, state.stage.value),
            (names.DEPARTMENT, state.department),
            (names.SEVERITY, state.severity.value),
            (names.ESCALATED, bool(state.open_escalations())),
        ]
        updates = [
            key.value_set(value) for key, value in current if value is not None and shown.get(key) != value
        ]
        if updates:
            workflow.upsert_search_attributes(updates)

    # --- the loop's questions

    def _has_work(self) -> bool:
        return (
            self._dirty
            or (self._timer is not None and self._timer.done())
            or (self._recording is not None and self._recording.done())
            or (self._gap is not None and self._gap.done())
            or any(handle.done() for handle in (*self._deliveries.values(), *self._openings.values()))
        )

    def _is_over(self) -> bool:
        is_told = not self._deliveries and not self._queued()
        return (
            self._state.is_ended and self._is_drained() and is_told and not self._state.unopened_improvements
        )

    def _is_drained(self) -> bool:
        return not self._unrecorded and self._recording is None

    def _should_continue_as_new(self) -> bool:
        """Continue once all is written and delivered; a dead mail server must not let the history grow for ever."""
        info = workflow.info()
        under_way = self._deliveries or self._openings
        long_enough = info.get_current_history_length() >= self._continue_after and not under_way
        quiet = self._is_drained() and workflow.all_handlers_finished()
        return quiet and (long_enough or info.is_continue_as_new_suggested())


async def _taken_in(start: Start) -> Start:
    """Have a complaint taken in that a system started by itself; one that is refused ends with the rule's name."""
    envelope = start.registration
    command = envelope.command if envelope else None
    if envelope is None or not isinstance(command, Register):
        raise ApplicationError(
            "registration: must hold a Register command", type="Malformed", non_retryable=True
        )
    number = names.number_of(command.source, command.reference)
    if {start.number, workflow.info().workflow_id} != {number}:
        raise ApplicationError(
            f"number and workflow id must be {number}: source, hyphen, reference",
            type="Malformed",
            non_retryable=True,
        )
    try:
        taken: TakenIn = await workflow.execute_activity(
            TAKE_IN, args=[number, envelope], result_type=TakenIn, **RECORDING
        )
    except ActivityError as failure:
        raise failure.cause or failure from None
    return replace(start, policy=taken.policy, registration=taken.registration)


def _policy(text: str) -> Policy:
    """Read the policy of a complaint; a door that hands in none gets a complaint that has failed, not one that hangs."""
    try:
        return pinned.read(text)
    except Malformed as malformed:
        raise ApplicationError(str(malformed), type="Malformed", non_retryable=True) from None


def _opening(state: State, improvement: Improvement) -> MatterEnvelope:
    plan = improvement.plan
    assert improvement.raised_at is not None
    command = Open(
        kind=Kind.IMPROVEMENT,
        reference=f"{state.number}.{improvement.id}",
        title=title_of(plan.what),
        about=plan.what,
        department=plan.department,
        owner=plan.owner,
        due_at=plan.due_at,
        cases=(state.number,),
    )
    return MatterEnvelope(id="opening", actor=ENGINE, received_at=improvement.raised_at, command=command)


def _rung(policy: Policy, escalation: Escalation, rung: int) -> Rung:
    """Return the rung that a notice called; after a migration the ladder may be shorter."""
    ladder = policy.ladder(escalation.ladder)
    return ladder[min(rung, len(ladder) - 1)]


def delivery_of(notice: str, handle: workflow.ActivityHandle[Delivery]) -> Delivery:
    """Read what became of a notice; a service that refuses for good is an answer too."""
    try:
        return handle.result()
    except ActivityError as failure:
        cause = failure.cause
        reason = cause.message if isinstance(cause, ApplicationError) else type(cause).__name__
        channel = cause.type if isinstance(cause, ApplicationError) and cause.type else "unknown"
        return Delivery(notice=notice, channel=channel, receipt=reason, failed=True)
