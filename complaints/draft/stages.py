"""Stages in a decision: what leaving one and arriving at another brings with it."""

from __future__ import annotations

from complaints import consequences, working_time
from complaints.draft.daily_feedback import DailyFeedback
from complaints.lifecycle import IN_WORK, LIFECYCLE, Act, Stage
from complaints.policy import MetBy, StatutoryRule
from complaints.practices import Mishandling
from complaints.records import ApprovalStatus, ClockName, Verdict
from complaints.vocabulary import Outcome

DUTY_FELL_AWAY = (Outcome.WITHDRAWN, Outcome.DUPLICATE)
"""Outcomes that leave the clocks of the stage void instead of fulfilled."""

_BACK = {
    Act.REPORT_DISSATISFACTION: Mishandling.DISSATISFIED,
    Act.REOPEN: Mishandling.REOPENED,
}
"""Acts that lead back into work, since what was done did not settle it."""

_ENDS_WITH_ITS_STAGE = (
    ClockName.APPROVAL,
    ClockName.APPEAL,
    ClockName.SECOND_CALL,
    ClockName.AFTER_CLOSING,
    ClockName.NEXT_OFFER,
)

_NOBODY_TO_CONTACT = (*DUTY_FELL_AWAY, Outcome.TRANSFERRED)
"""Outcomes after which nobody contacts the customer, unless the policy names them."""

_SETTLED = (Outcome.RESOLVED, Outcome.RESOLVED_AT_FIRST_CONTACT)


class Draft(DailyFeedback):
    """Facts decided so far, and what moving from stage to stage brings with it."""

    def follow(self, act: Act, outcome: Outcome | None = None) -> None:
        """Go where the lifecycle table says that an act leads."""
        target = LIFECYCLE[self.state.stage, act]
        if target == self.state.stage:
            return
        self._leave(outcome)
        cycle, round_ = self.state.cycle, self.state.round
        if act == Act.REPORT_DISSATISFACTION:
            round_ += 1
        if act == Act.REOPEN:
            cycle, round_ = cycle + 1, 1
        keeps = self.state.outcome if target in (Stage.CLOSED, Stage.ENDED) else None
        self.add(consequences.StageEntered(stage=target, outcome=outcome or keeps, cycle=cycle, round=round_))
        self._arrive(target, fresh=act in (Act.REGISTER, Act.REPORT_DISSATISFACTION, Act.REOPEN))
        if act in _BACK:
            self.mishandled(_BACK[act])

    def _leave(self, outcome: Outcome | None) -> None:
        for name in _ENDS_WITH_ITS_STAGE:
            for clock in self.open(name):
                self.void(clock)
        if self.state.is_open and outcome not in DUTY_FELL_AWAY:
            self.fulfil(ClockName(self.state.stage.value))

    def _arrive(self, stage: Stage, *, fresh: bool) -> None:
        answered = self.state.outcome in (Outcome.DECLINED, Outcome.TRANSFERRED)
        if stage == Stage.FOLLOW_UP or answered:
            self.fulfil(ClockName.FIRST_CONTACT)
            self.fulfil(ClockName.OVERALL)
            self.fulfil_statutory(MetBy.FIRST_CONTACT, MetBy.ANSWER, MetBy.SETTLED)
        if answered:
            self.fulfil(ClockName.ADMISSION)
            self.fulfil_statutory(MetBy.ADMISSION)
        if fresh:
            self._start_afresh()
        if stage in IN_WORK:
            self.start_feedback()
        else:
            self.end_feedback()
        if stage in (Stage.CLOSED, Stage.ENDED):
            if self.state.outcome not in DUTY_FELL_AWAY:
                self.fulfil_statutory(*MetBy)
            self._settle_everything()
        if stage == Stage.CLOSED:
            self.start_clock(ClockName.APPEAL)
            self._plan_second_call()
            self._plan_contacts()
        elif stage == Stage.FOLLOW_UP:
            self._plan_follow_up()
        elif stage != Stage.ENDED:
            self.start_clock(ClockName(stage.value))
        if stage == Stage.SOLUTION:
            self._await_approvals()

    def _await_approvals(self) -> None:
        """Watch what was asked for in an earlier round and never decided: it cannot be asked for once more."""
        for approval in list(self.state.approvals.values()):
            if approval.status == ApprovalStatus.REQUESTED:
                self.start_clock(ClockName.APPROVAL, approval.id)

    def _plan_follow_up(self) -> None:
        """Ask when what was done has lasted for as long as the policy says."""
        delay, policy = self.state.policy.follow_up.delay, self.state.policy
        from_ = working_time.add(self.occurred_at, delay, policy.working_time(None)) if delay else None
        self.start_clock(ClockName.FOLLOW_UP, started_at=from_)

    def mend_appeal(self) -> None:
        """Give an appeal window that the policy had forgotten to a complaint that would otherwise never end."""
        for clock in self.open(ClockName.APPEAL):
            if not clock.has_target:
                self.void(clock)
                self.start_clock(ClockName.APPEAL)

    def _plan_second_call(self) -> None:
        after = self.state.policy.follow_up.second_call
        if after is not None and self.state.reachable and self.state.outcome in _SETTLED:
            self.start_clock(ClockName.SECOND_CALL, budget=after)

    def _plan_contacts(self) -> None:
        """Contact the customer after closing, as often as the policy says."""
        for name, rule in sorted(self.state.policy.after_closing.items(), key=lambda item: item[0]):
            outcome = self.state.outcome
            wanted = outcome in rule.outcomes if rule.outcomes else outcome not in _NOBODY_TO_CONTACT
            if wanted and self.state.reachable:
                self.start_clock(ClockName.AFTER_CLOSING, name, budget=rule.after)

    def _start_afresh(self) -> None:
        """What every attempt owes the customer: to be heard, an answer in all, and what was promised before."""
        if self.state.reachable and self.state.first_contact is None:
            self.start_clock(ClockName.FIRST_CONTACT)
        self.start_clock(ClockName.OVERALL)
        if self.state.policy.admission and self.state.accepted is None:
            self.start_if_set(ClockName.ADMISSION)
        if self.state.round == 1:
            self._start_statutory()
        for promise in self.state.open_promises:
            if promise.due_at > self.occurred_at and not self.state.open_clocks(
                ClockName.PROMISE, promise.id
            ):
                self.start_clock(ClockName.PROMISE, promise.id, due_at=promise.due_at)

        for summons in self.state.summons.values():
            if summons.sent is None and not self.state.open_clocks(ClockName.ATTENDANCE, summons.id):
                self.start_if_set(ClockName.ATTENDANCE, summons.id)

    def _settle_everything(self) -> None:
        for key in list(self.state.clocks):
            clock = self.state.clocks[key]  # looked up anew: one that stands an escalation down ends another
            if clock.is_open:
                self.void(clock)
        for escalation in self.state.open_escalations():
            self.resolve(escalation, "the complaint was closed")

    def _start_statutory(self) -> None:
        """What the law or a public promise sets runs from receipt, or from a reopening, beside all other clocks."""
        # A policy may have been read from a text with its keys in another order; the clocks must not differ.
        for subject, rule in sorted(self.state.policy.statutory.items(), key=lambda item: item[0]):
            if self._arises(rule) and not self._is_met(rule.met_by):
                self.start_clock(ClockName.STATUTORY, subject)

    def _arises(self, rule: StatutoryRule) -> bool:
        return not rule.categories or self.state.category in rule.categories

    def _is_met(self, by: MetBy) -> bool:
        """Say whether what was done before stands, so that nobody owes it again."""
        if by == MetBy.FIRST_CONTACT:
            return self.state.first_contact is not None or not self.state.reachable
        if by == MetBy.ACKNOWLEDGED:
            return self.state.acknowledged or not self.state.reachable
        if by == MetBy.ANSWER:
            return self.state.answered
        return by == MetBy.ADMISSION and self.state.accepted is not None

    def fit_statutory(self) -> None:
        """Let the duties of the category stand: another category may have others, which count from the same instant."""
        cycle = self.state.cycle
        began = next(
            c.started_at
            for c in self.state.clocks.values()
            if c.name == ClockName.OVERALL and c.cycle == cycle
        )
        for subject, rule in sorted(self.state.policy.statutory.items(), key=lambda item: item[0]):
            if not rule.categories:
                continue
            known = [
                c
                for c in self.state.clocks.values()
                if c.name == ClockName.STATUTORY and c.subject == subject and c.cycle == cycle
            ]
            if not self._arises(rule):
                for clock in known:
                    if clock.is_open:
                        self.void(clock)
            elif all(c.verdict == Verdict.VOID for c in known) and self._still_owes(rule.met_by):
                self.start_clock(ClockName.STATUTORY, subject, started_at=began)

    def _still_owes(self, by: MetBy) -> bool:
        """Whoever was asked whether they are satisfied had an answer: a further round owes nothing by law again."""
        return self.state.round == 1 and not self._is_met(by)
