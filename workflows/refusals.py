"""Refusals on their way through Temporal: typed failures out, the same refusals in."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from complaints import errors
from complaints.errors import Refusal

RULES: dict[str, type[Refusal]] = {
    name: rule for name, rule in vars(errors).items() if isinstance(rule, type) and issubclass(rule, Refusal)
}
"""All refusals by the name of their rule, which is the failure's type."""


def as_failure(refusal: Refusal) -> ApplicationError:
    """Write a refusal as a failure that is never retried."""
    return ApplicationError(refusal.message, list(refusal.possible), type=refusal.rule, non_retryable=True)


def from_failure(failure: BaseException | None) -> Refusal | None:
    """Read a failure as the refusal it was; None if it was something else, which is a fault."""
    if not isinstance(failure, ApplicationError) or failure.type not in RULES:
        return None
    possible = failure.details[0] if failure.details else []
    return RULES[failure.type](failure.message, *possible)
