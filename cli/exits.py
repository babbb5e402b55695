"""What the command says, and with which exit code it ends, when something is in the way."""

from __future__ import annotations

import os
import sys
import traceback
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; scripts rely on them, so a number never changes its meaning."""

    FINE = 0
    REFUSED = 1
    MALFORMED = 2
    NOT_FOUND = 3
    AWAY = 4
    PROOF_FAILED = 5
    FAULT = 70


MEANINGS = {
    Exit.FINE: "fine",
    Exit.REFUSED: "refused by a rule of the complaint's lifecycle",
    Exit.MALFORMED: "wrong usage, malformed input, or a wrong setting",
    Exit.NOT_FOUND: "there is no such complaint, matter, schedule, policy or subscription",
    Exit.AWAY: "PostgreSQL, Temporal or the workers do not answer",
    Exit.PROOF_FAILED: "a proof failed: a replay, a comparison or a file differs",
    Exit.FAULT: "a fault of the program itself",
}
"""For help and documentation."""


class Stopped(Exception):
    """The command ends here: with a sentence, what is possible instead, and a code."""

    def __init__(self, code: Exit, message: str, *possible: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.possible = possible


_CODES = {
    "complaints.errors.Refusal": Exit.REFUSED,
    "complaints.wire.Malformed": Exit.MALFORMED,
    "audit.sealed.ReplayImpossible": Exit.MALFORMED,
    "workflows.settings.SettingsError": Exit.MALFORMED,
    "activities.targets.TargetsError": Exit.MALFORMED,
    "workflows.client.UnknownComplaint": Exit.NOT_FOUND,
    "workflows.matters_client.UnknownMatter": Exit.NOT_FOUND,
    "workflows.schedules.UnknownSchedule": Exit.NOT_FOUND,
    "complaints.webhooks.UnknownSubscription": Exit.NOT_FOUND,
    "workflows.client.Unavailable": Exit.AWAY,
    "files.errors.FileDamaged": Exit.PROOF_FAILED,
    "files.errors.FileMissing": Exit.PROOF_FAILED,
    "files.errors.FileGone": Exit.NOT_FOUND,
    "files.errors.StorageAway": Exit.AWAY,
    "files.errors.FileFault": Exit.MALFORMED,
    "stack.errors.StackError": Exit.AWAY,
    "db.queries.UnreadableLedger": Exit.PROOF_FAILED,
    "sqlalchemy.exc.OperationalError": Exit.AWAY,
    "sqlalchemy.exc.ProgrammingError": Exit.AWAY,
    "temporalio.service.RPCError": Exit.AWAY,
}
# By name, because most commands import few of these modules, and importing all of them takes a second.


def report(error: Exception) -> Exit:
    """Say on standard error what stands in the way, and return the code to end with."""
    if os.environ.get("REDRESS_DEBUG") == "1":
        traceback.print_exception(error)
    if isinstance(error, Stopped):
        return _say(error.code, error.message, error.possible)
    if _is_wrong_key(error):
        return _say(
            Exit.MALFORMED,
            "REDRESS_ENCRYPTION_KEY is not the key that these complaints are encrypted with",
            ("set the one that the workers have",),
        )
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    code = next((_CODES[name] for name in names if name in _CODES), Exit.FAULT)
    return _say(code, *_words(code, names, error))


def _is_wrong_key(error: Exception) -> bool:
    """Tell a key that opens nothing from a fault: the SDK, or the worker's SDK, knows no name for it."""
    while error.__cause__ is not None and isinstance(error.__cause__, Exception):
        error = error.__cause__
    sealed_with_another = type(error).__module__ == "db.sealed"
    unknown = "Unknown payload encoding" in str(error) or str(error) == "KeyError: Encoded failure"
    return sealed_with_another or unknown


def _words(code: Exit, names: list[str], error: Exception) -> tuple[str, tuple[str, ...]]:
    match code:
        case Exit.REFUSED:
            return f"refused ({type(error).__name__}): {error}", tuple(
                command_name(what) for what in getattr(error, "possible", ())
            )
        case Exit.MALFORMED:
            problems = [str(problem) for problem in getattr(error, "problems", ())]
            if "files.errors.FileFault" in names:
                return str(error), tuple(getattr(error, "possible", ()))
            return "\n  ".join(["malformed:", *problems]) if problems else str(error), ()
        case Exit.AWAY if "sqlalchemy.exc.ProgrammingError" in names:
            return "the database has not the tables of this version", (
                "bring it up to date: redress migrate",
            )
        case Exit.AWAY if "sqlalchemy.exc.OperationalError" in names:
            return "PostgreSQL does not answer", ("redress health says what is away",)
        case Exit.FAULT:
            return (
                f"a fault of ours: {type(error).__name__}: {error}",
                ("set REDRESS_DEBUG=1 to see where",),
            )
        case _:
            return str(error), ()


def _say(code: Exit, message: str, possible: tuple[str, ...]) -> Exit:
    lines = [f"redress: {message}"]
    if possible:
        lines.append(f"possible instead: {', '.join(dict.fromkeys(possible))}")
    sys.stderr.write("\n".join(lines) + "\n")
    return code


def command_name(text: str) -> str:
    """Turn the name of an act into that of the command that does it; any other text stays as it is."""
    if text in ("confirm_satisfaction", "report_dissatisfaction"):
        return "record-follow-up"
    return text.replace("_", "-") if text.replace("_", "").isalpha() and text.islower() else text
