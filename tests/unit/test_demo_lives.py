"""The lives that the demonstration plays: well written, and as different as they are meant to be."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cli.demo import rules
from cli.demo.check import ending_of, unlike
from cli.demo.lives import Ending, Life, Moment, once_more, samples, with_other_ending
from cli.demo.nyc import NotUsable, real_lives
from complaints.commands import COMMANDS, Command, Envelope
from complaints.elapse import elapse, next_due
from complaints.evolve import replayed
from complaints.policy import Policy
from complaints.policy_file import shipped
from complaints.records import Cause, ClockName
from complaints.state import State
from complaints.turn import take_turn
from complaints.view import view
from complaints.vocabulary import Actor, Outcome, Role

MONDAY = date(2026, 3, 2)
LIVES = samples()
HEADER = "Unique Key,Created Date,Agency,Agency Name,Complaint Type,Descriptor,Location Type,City"
HURT = "999,3/14/2025 1:20,DPR,Parks,Animal in a Park,Injured Wildlife,Park,QUEENS"
ROWS = [f"{n},3/14/2025 1:20,DSNY,Sanitation,Dead Animal,Raccoon,Street,BROOKLYN" for n in range(100)]


def city_file(folder: Path) -> Path:
    path = folder / "city.csv"
    path.write_text("\n".join([HEADER, *ROWS]))
    return path


@cache
def policies() -> dict[str, Policy]:
    with TemporaryDirectory() as home:
        return rules.policies(Path(home), MONDAY)


def ended(life: Life) -> Ending | None:
    """Live a life in memory, up to the end of its appeal window."""
    policy = policies()[life.policy]
    state = State(number=life.number, policy=policy)
    script: list[tuple[Moment, Actor, Command]] = [(life.arrives, life.registered_by, life.complaint)]
    script += [(step.at, step.actor, step.issued(policy.zone, MONDAY, policies())) for step in life.steps]
    now = life.arrives.on(policy.zone, MONDAY)
    for count, (at, actor, command) in enumerate(script):
        now = at.on(policy.zone, MONDAY)
        state = waited(state, now)
        envelope = Envelope(id=f"c{count}", actor=actor, received_at=now, command=command)
        state = take_turn(state, envelope, now).state
    return ending_of(view(waited(state, now + timedelta(days=30))))


def waited(state: State, until: datetime) -> State:
    """Let every timer fire at its instant."""
    while (due := next_due(state)) is not None and due <= until:
        state = replayed(state, elapse(state, due))
    return state


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.number)
def test_the_rules_let_each_life_end_as_it_is_written(life: Life) -> None:
    assert unlike(life.ending, ended(life)) == []


def test_the_citys_lives_end_as_they_are_written(tmp_path: Path) -> None:
    lives = real_lives(city_file(tmp_path), 50, seed=1)
    assert len({life.title for life in lives}) >= 9
    assert [unlike(life.ending, ended(life)) for life in lives] == [[]] * 50


def test_what_the_policy_finds_difficult_lives_the_life_for_that(tmp_path: Path) -> None:
    path = tmp_path / "city.csv"
    path.write_text(f"{HEADER}\n{HURT}")
    [life] = real_lives(path, 1, seed=1)
    assert life.ending.escalations == ((Cause.DIFFICULT, Role.CUSTOMER_SERVICE),)
    assert unlike(life.ending, ended(life)) == []


def test_the_same_seed_draws_the_same_complaints(tmp_path: Path) -> None:
    path = city_file(tmp_path)
    drawn = [[life.number for life in real_lives(path, 9, seed)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_fewer_complaints_than_asked_for_are_all_there_are(tmp_path: Path) -> None:
    assert len(real_lives(city_file(tmp_path), 500, seed=1)) == len(ROWS)


@pytest.mark.parametrize("text", ["", "a,b\n1,2", HEADER.replace("Agency,", "") + "\n1,2,3,4,5,6,7"])
def test_a_file_without_the_citys_columns_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(NotUsable, match=r"other\.csv"):
        real_lives(path, 5, seed=1)


def test_among_them_the_lives_are_what_the_demonstration_is_there_to_show() -> None:
    endings = [life.ending for life in LIVES]
    assert {ending.outcome for ending in endings} == set(Outcome)
    assert {clock for ending in endings for clock in ending.breached} >= {
        ClockName.VERIFICATION,
        ClockName.PROMISE,
        ClockName.FEEDBACK,
        ClockName.ACKNOWLEDGEMENT,
        ClockName.STATUTORY,
    }
    raised = {escalation for ending in endings for escalation in ending.escalations}
    assert {cause for cause, _ in raised} >= set(Cause) - {
        Cause.CONFIGURATION,
        Cause.HAZARD,
        Cause.SUPPORT,
        Cause.CONVERTED,
    }
    assert {(Cause.BREACH, Role.EXECUTIVE), (Cause.AT_RISK, Role.EXECUTIVE)} <= raised
    assert max(ending.cycle for ending in endings) == 2
    assert max(ending.round for ending in endings) == 2


def test_every_policy_that_ships_has_a_life() -> None:
    assert {life.policy for life in LIVES} >= set(shipped())


def test_among_them_the_lives_use_every_command() -> None:
    used = {step.command for life in LIVES for step in life.steps}
    assert set(COMMANDS) - used == {"Register"}


def test_customers_speak_both_languages_and_belong_to_many_trades() -> None:
    assert {life.complaint.customer.language[:2] for life in LIVES} == {"zh", "en"}
    assert len({life.trade.en for life in LIVES}) >= 12


def test_titles_fit_beside_their_numbers() -> None:
    assert [life.title for life in LIVES if len(life.title) > 68] == []


def test_a_life_that_is_played_once_more_has_a_number_of_its_own() -> None:
    again = once_more(LIVES[0])
    assert again.number not in {life.number for life in LIVES}
    assert replace(again, complaint=LIVES[0].complaint) == LIVES[0]


def test_numbers_are_unique() -> None:
    assert len({life.number for life in LIVES}) == len(LIVES)


def test_a_falsified_ending_differs() -> None:
    life = LIVES[0]
    assert unlike(with_other_ending(life).ending, ended(life)) == ["round is 1, and should be 2"]


def test_a_life_that_goes_on_has_not_ended() -> None:
    assert unlike(LIVES[0].ending, ended(replace(LIVES[0], steps=()))) == ["it did not end"]
