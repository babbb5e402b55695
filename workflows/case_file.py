"""What the Temporal UI shows of a complaint, as Markdown. Encrypted like every payload; still without the customer."""

from __future__ import annotations

from complaints.state import State


def summary(number: str, category: str, channel: str) -> str:
    """Return the one line by which a complaint is listed."""
    return f"{number}: {category}, by {channel}"


def case_file(state: State) -> str:
    """Return the page at the head of a workflow in the UI."""
    ticking = sorted((c for c in state.clocks.values() if c.is_ticking), key=lambda c: c.due_at)
    overdue = [c for c in state.clocks.values() if c.is_open and c.breached_at]
    lines = [
        f"**{state.stage}**" + (f" ({state.outcome})" if state.outcome else ""),
        f"- {state.category}, {state.severity}; cycle {state.cycle}, round {state.round}",
        f"- answers for it: {state.handler or 'nobody yet'}"
        + (f" of {state.department}" if state.department else ""),
    ]
    if state.pause:
        lines.append(
            f"- clocks stand still since {state.pause.since:%Y-%m-%d %H:%M} UTC ({state.pause.owner})"
        )
    lines += [f"- overdue: `{clock.key}` since {clock.due_at:%Y-%m-%d %H:%M} UTC" for clock in overdue]
    lines += [
        f"- `{escalation.id}` waits for {escalation.audience}" for escalation in state.open_escalations()
    ]
    lines += [f"- `{clock.key}` due {clock.due_at:%Y-%m-%d %H:%M} UTC" for clock in ticking[:3]]
    return "\n".join(lines)
