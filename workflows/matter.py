"""A matter as a durable workflow: what outlives a complaint, watched until it is ended.

A thin shell like that of a complaint: one update, one query, one timer, and `run` alone performs anything. It has the
records written, notices delivered, and the improvements that it ends in opened as matters of their own.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.names import DELIVER, OPEN_MATTER, RECORD_MATTER
    from activities.work import MatterBatch, MatterStart, NoticeWork
    from complaints.delivery import Delivery
    from complaints.errors import Refusal
    from complaints.matters.commands import Envelope, Open
    from complaints.matters.decide import Turn, improvement_opened, take_turn
    from complaints.matters.elapse import elapse, next_due
    from complaints.matters.facts import Event
    from complaints.matters.forms import Improvement, Kind, title_of
    from complaints.matters.state import State, replayed
    from complaints.matters.told import record_delivery, said
    from complaints.matters.view import Answer, View, answer, head, view
    from complaints.records import Notice
    from complaints.vocabulary import ENGINE
    from workflows import names
    from workflows.complaint import DELIVERING, RECORDING, delivery_of
    from workflows.refusals import as_failure


@workflow.defn(name=names.MATTER)
class Matter:
    """One matter, from its opening until nothing more has to be done about it."""

    @workflow.init
    def __init__(self, start: MatterStart) -> None:
        self._unrecorded: list[Event] = []
        self._recording: workflow.ActivityHandle[None] | None = None
        self._deliveries: dict[str, workflow.ActivityHandle[Delivery]] = {}
        self._openings: dict[str, workflow.ActivityHandle[str]] = {}
        self._timer: asyncio.Task[None] | None = None
        self._armed_for: datetime | None = None
        self._dirty = True
        self._state = start.state or State(id=start.id)
        self._recorded_cases = len(self._state.cases)
        if start.opening is not None:
            self._recorded_cases = 0
            self._take(start.opening)

    @workflow.run
    async def run(self, start: MatterStart) -> Answer:
        """Watch the date, write the records, tell people, open what follows, until it is over."""
        while True:
            self._collect()
            self._keep_time()
            self._start_recording()
            self._start_deliveries()
            self._start_openings()
            if self._is_over():
                break
            if self._should_continue_as_new(start.continue_after):
                workflow.continue_as_new(
                    MatterStart(id=start.id, state=self._state, continue_after=start.continue_after)
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
        self._turn(envelope)

    @workflow.query(name=names.VIEW)
    def view(self) -> View:
        """Show the matter as it stands."""
        return view(self._state)

    # --- deciding

    def _take(self, envelope: Envelope) -> Answer:
        turn = self._turn(envelope)
        self._state = turn.state
        self._keep(turn.events)
        return answer(self._state, turn.brought)

    def _turn(self, envelope: Envelope) -> Turn:
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
        """Bring time up to now, and arm the timer for what comes next; one that fires early looks again."""
        now = workflow.now()
        self._apply(elapse(self._state, now))
        if self._timer is not None and self._timer.done():
            self._timer = None
        quiet = (
            n.not_before for n in self._state.queued() if n.not_before is not None and n.not_before > now
        )
        due = min((each for each in (next_due(self._state), *quiet) if each is not None), default=None)
        if due is None or (
            self._timer is not None and self._armed_for is not None and self._armed_for <= due
        ):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = due
        self._timer = asyncio.create_task(workflow.sleep(max(due - now, timedelta()), summary="next date"))

    # --- effects

    def _collect(self) -> None:
        now = workflow.now()
        if self._recording is not None and self._recording.done():
            self._recording.result()  # retried without end: there is no failure to handle
            self._recording = None
        for notice, delivering in list(self._deliveries.items()):
            if delivering.done():
                self._apply(record_delivery(self._state, delivery_of(notice, delivering), now))
                del self._deliveries[notice]
        for improvement, opening in list(self._openings.items()):
            if opening.done():
                self._apply(improvement_opened(self._state, improvement, opening.result(), now))
                del self._openings[improvement]

    def _start_recording(self) -> None:
        if self._recording is not None or not self._unrecorded:
            return
        batch = MatterBatch(
            head=head(self._state),
            events=tuple(self._unrecorded),
            cases=self._state.cases[self._recorded_cases :],
        )
        self._unrecorded, self._recorded_cases = [], len(self._state.cases)
        self._recording = workflow.start_activity(RECORD_MATTER, batch, **RECORDING)

    def _start_deliveries(self) -> None:
        now = workflow.now()
        for notice in self._state.queued():
            if notice.id not in self._deliveries and (notice.not_before is None or notice.not_before <= now):
                self._deliveries[notice.id] = workflow.start_activity(
                    DELIVER, self._work(notice), result_type=Delivery, **DELIVERING
                )

    def _start_openings(self) -> None:
        for improvement in self._state.unopened():
            if improvement.id not in self._openings:
                self._openings[improvement.id] = workflow.start_activity(
                    OPEN_MATTER, self._opening(improvement), result_type=str, **RECORDING
                )

    def _work(self, notice: Notice) -> NoticeWork:
        return NoticeWork(
            number=self._state.id,
            notice=notice,
            department=self._state.department,
            at=workflow.now(),
            due_at=self._state.due_at,
            handler=self._state.owner,
            can_wait=True,  # a matter has days: nobody is woken for it
            why=notice.why,
            said=said(self._state, notice),
        )

    def _opening(self, improvement: Improvement) -> Envelope:
        state, plan = self._state, improvement.plan
        assert state.opening is not None
        command = Open(
            kind=Kind.IMPROVEMENT,
            reference=f"{state.id}.{improvement.id}",
            title=title_of(plan.what),
            about=plan.what,
            department=plan.department,
            owner=plan.owner,
            due_at=plan.due_at,
            sources=(state.id,),
            cases=state.cases,
            rules=state.opening.rules,
        )
        received_at = state.ended_at or workflow.now()
        return Envelope(id="opening", actor=ENGINE, received_at=received_at, command=command)

    # --- the loop's questions

    def _has_work(self) -> bool:
        handles = (*self._deliveries.values(), *self._openings.values())
        return (
            self._dirty
            or (self._timer is not None and self._timer.done())
            or (self._recording is not None and self._recording.done())
            or any(handle.done() for handle in handles)
        )

    def _is_over(self) -> bool:
        nothing_to_do = not self._state.is_open and not self._state.queued() and not self._state.unopened()
        return nothing_to_do and self._is_drained() and not self._deliveries and not self._openings

    def _is_drained(self) -> bool:
        return not self._unrecorded and self._recording is None

    def _should_continue_as_new(self, after: int) -> bool:
        """Continue once all is written; what is not delivered or opened yet is begun again from the state."""
        info = workflow.info()
        under_way = self._deliveries or self._openings
        long_enough = info.get_current_history_length() >= after and not under_way
        quiet = self._is_drained() and workflow.all_handlers_finished()
        return quiet and (long_enough or info.is_continue_as_new_suggested())
