"""One deadline of the demonstration, explained day by day, as `redress explain` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from cli.demo.check import Checked
from cli.explain_page import Page
from cli.explain_words import Language, Words
from complaints.evolve import pins, rebuilt
from complaints.explain import of_complaint
from complaints.explanation import Explanation
from complaints.policy import Policy, fingerprint
from complaints.records import ClockName
from complaints.timeline import DayKind


def explain(console: Console, checked: Sequence[Checked], policies: Mapping[str, Policy]) -> None:
    """Explain the shortest deadline that lies beyond a holiday and a day made up for it, if there is one."""
    by_hash = {fingerprint(policy): policy for policy in policies.values()}
    found = [
        (each, explained)
        for each in checked
        if not each.played.life.is_real
        for explained in _statutory(each, by_hash)
        if {DayKind.HOLIDAY, DayKind.MAKE_UP} <= {day.kind for day in explained.days}
    ]
    if not found:
        return
    chosen, explained = min(
        found, key=lambda pair: (pair[1].due_at - pair[1].started_at, pair[0].played.life.number)
    )
    number = chosen.played.life.number
    console.rule(f"[bold]Why this deadline: {number}[/]", style="cyan")
    console.print(f"\n[italic]{chosen.played.life.title}.[/] redress explain {number} {explained.clock}")
    zone = by_hash[explained.rule.policy_sha256].working_time(explained.calendar).zone
    for line in Page(explained, Words(Language.EN, zone)).lines():
        console.print(line)
    console.print()


def _statutory(checked: Checked, policies: Mapping[str, Policy]) -> list[Explanation]:
    """Explain what was promised in public; nothing else of the demonstration takes so long."""
    if not set(pins(checked.ledger)) <= policies.keys():
        return []
    life = checked.played.life
    state = rebuilt(life.number, checked.ledger, policies)
    everything = of_complaint(state, checked.ledger, now=checked.ledger[-1].at, policies=policies)
    return [explained for explained in everything if explained.name == ClockName.STATUTORY]
