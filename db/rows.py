"""How records of the core become rows, and rows records again. What is nested there is flat here."""

from __future__ import annotations

from typing import Any, TypeAlias

from complaints import forms
from complaints.changes import Changes, Head
from complaints.events import Event
from complaints.forms import Names, refill
from complaints.records import (
    ActionItem,
    Adjustment,
    Approval,
    Attachment,
    Clock,
    Escalation,
    FeedbackEntry,
    Notice,
    Option,
    Promise,
    Verification,
)
from complaints.vocabulary import Actor, Customer, Money
from complaints.wire import parse, parse_event, plain
from complaints.working_time import Budget, Ends
from db.attachment_tables import AttachmentRow
from db.tables import (
    ActionRow,
    ApprovalRow,
    ClockRow,
    ComplaintRow,
    EscalationRow,
    FeedbackRow,
    LedgerRow,
    NoticeRow,
    OptionRow,
    PromiseRow,
    Table,
    VerificationRow,
)

Row: TypeAlias = dict[str, Any]
"""A row on its way in: JSON by column."""

Rows: TypeAlias = dict[str, list[Row]]
"""The rows of a batch by the section that they belong to."""

SECTIONS: dict[str, type[Table]] = {
    "clocks": ClockRow,
    "escalations": EscalationRow,
    "notices": NoticeRow,
    "verifications": VerificationRow,
    "options": OptionRow,
    "approvals": ApprovalRow,
    "actions": ActionRow,
    "promises": PromiseRow,
    "feedback": FeedbackRow,
    "attachments": AttachmentRow,
}
"""The tables of the read model by the name that a batch gives their rows."""


def rows_of(changes: Changes) -> Rows:
    """Flatten a batch: `head` (one row), `events`, and every section that is not empty."""
    batch = plain(changes)
    number = changes.head.number
    filled = {name: batch[name] for name in SECTIONS if batch.get(name)}
    rows = {name: [{"number": number, **_flat(row)} for row in section] for name, section in filled.items()}
    head = _prefixed(batch["head"], "customer", "name", "contact", "language", "anonymous", "account")
    events = [
        _prefixed({"number": number, **row}, "actor", "id", "role", "department") for row in batch["events"]
    ]
    return {"head": [head], "events": events, **rows}


def _flat(row: Row) -> Row:
    """Spread forms among the columns beside them; small values keep their name as a prefix."""
    for form in ("draft", "plan", "form"):
        row |= row.pop(form, {})
    if "budget" in row:
        row = _prefixed(row, "budget", "amount", "unit", "ends", "counts_first_day")
    if "compensation" in row:
        money = row.pop("compensation") or {}
        row["compensation_minor"] = money.get("amount_minor")
        row["compensation_currency"] = money.get("currency")
    return row


def _prefixed(row: Row, name: str, *parts: str) -> Row:
    value = row.pop(name) or {}
    return row | {f"{name}_{part}": value.get(part) for part in parts}


def head(row: ComplaintRow) -> Head:
    """Read a complaint's own row."""
    customer = Customer(
        name=row.customer_name,
        contact=row.customer_contact,
        language=row.customer_language,
        anonymous=row.customer_anonymous,
        account=row.customer_account,
    )
    return refill(Head, row, customer=customer)


def event(row: LedgerRow) -> Event:
    """Read a line of the ledger.

    Raises:
        Malformed: Its fact is none that the rules could have written.
    """
    actor = plain(Actor(id=row.actor_id, role=row.actor_role, department=row.actor_department))
    names = ("seq", "at", "occurred_at", "command_id", "fact", "previous", "hash")
    return parse_event({**{name: getattr(row, name) for name in names}, "actor": actor})


def clock(row: ClockRow) -> Clock:
    """Read a clock."""
    budget = None
    if row.budget_amount is not None and row.budget_unit is not None:
        budget = Budget(
            amount=row.budget_amount,
            unit=row.budget_unit,
            ends=row.budget_ends or Ends.SAME_TIME,
            counts_first_day=bool(row.budget_counts_first_day),
        )
    lists = ("warn_percent", "warn_at", "call_rungs", "call_at")
    return refill(
        Clock,
        row,
        budget=budget,
        adjustments=parse(tuple[Adjustment, ...], row.adjustments),
        **{name: tuple(getattr(row, name)) for name in lists},
    )


def escalation(row: EscalationRow) -> Escalation:
    """Read an escalation."""
    return refill(Escalation, row)


def notice(row: NoticeRow) -> Notice:
    """Read a notice."""
    return refill(Notice, row, why=Names(**row.why) if row.why else None)


def verification(row: VerificationRow) -> Verification:
    """Read a question and its answer."""
    return refill(Verification, row)


def option(row: OptionRow) -> Option:
    """Read an option."""
    money = None
    if row.compensation_minor is not None and row.compensation_currency is not None:
        money = Money(amount_minor=row.compensation_minor, currency=row.compensation_currency)
    return refill(Option, row, draft=refill(forms.OptionDraft, row, compensation=money))


def approval(row: ApprovalRow) -> Approval:
    """Read a request for approval."""
    return refill(Approval, row)


def action(row: ActionRow) -> ActionItem:
    """Read an action."""
    return refill(ActionItem, row, plan=refill(forms.ActionPlan, row))


def promise(row: PromiseRow) -> Promise:
    """Read a promise."""
    return refill(Promise, row)


def feedback(row: FeedbackRow) -> FeedbackEntry:
    """Read what the customer was told."""
    return refill(FeedbackEntry, row, form=refill(forms.Feedback, row, answer=bool(row.answer)))


def attachment(row: AttachmentRow) -> Attachment:
    """Read what is known of a file."""
    return refill(Attachment, row)
