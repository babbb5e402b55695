"""The words of the trade: roles, channels, severities and the small values that forms are made of.

Members are stored in histories and ledgers by value, so a value never changes once shipped. Constraints stand in
the type (`annotated_types`), and the wire reads them from there; the core itself trusts its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from annotated_types import Ge, Le, MaxLen, MinLen, Predicate

from complaints.later import Later
from complaints.sealed import (
    LINE_LIMIT,
    TEXT_LIMIT,
    is_short_enough_line,
    is_short_enough_text,
)

JSON: TypeAlias = "bool | int | float | str | list[JSON] | Mapping[str, JSON] | None"


def is_not_blank(text: str) -> bool:
    """Say whether there is anything to read, and nothing a database cannot hold."""
    return bool(text.strip()) and "\x00" not in text


def has_time_zone(instant: datetime) -> bool:
    """Say whether an instant is unambiguous; a naive one is refused at the door."""
    return instant.utcoffset() is not None


def is_within_reach(instant: datetime) -> bool:
    """Say whether an instant is one that people mean, and that arithmetic cannot push over the edge of time."""
    return 2000 <= instant.year < 2200


def is_identifier(text: str) -> bool:
    """Say whether a text can stand in a workflow id, a URL and a log line as it is."""
    return text.isascii() and all(character.isalnum() or character in "._-" for character in text)


def is_digest(text: str) -> bool:
    """Say whether a text is a SHA-256 in lower-case hexadecimal."""
    return len(text) == 64 and all(character in "0123456789abcdef" for character in text)


def is_media_type(text: str) -> bool:
    """Say whether a text names a kind of file, such as `image/png`, without parameters."""
    kind, slash, subtype = text.partition("/")
    return bool(slash) and all(
        part.isascii() and part.islower() and all(sign.isalnum() or sign in "+.-" for sign in part)
        for part in (kind, subtype)
    )


def is_source(text: str) -> bool:
    """Say whether a text can name a source system; it has no hyphen, so that an id splits in one way only."""
    return text.isascii() and text.isalnum() and text.islower()


@dataclass(frozen=True)
class Described:
    """What a predicate demands, in the words of JSON Schema; it checks nothing itself."""

    pattern: str

    def __get_pydantic_json_schema__(
        self, schema: Any, describe: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        return {**describe(schema), "pattern": self.pattern}


_READABLE = Described(r"^[^\x00]*[^\s\x00\x1c-\x1f\x85][^\x00]*$")
"""Some separators are blank to Python, and no white space to JSON Schema."""
_NAME = Described(r"^[A-Za-z0-9._-]+$")

LONGEST_TEXT = 4000
Text = Annotated[
    str,
    MinLen(1),
    TEXT_LIMIT,
    Predicate(is_short_enough_text),
    Predicate(is_not_blank),
    _READABLE,
]
"""What people write. In a complaint any of it may be personal, so doors seal it (`complaints.personal`)."""
Personal = Annotated[
    str,
    MinLen(1),
    LINE_LIMIT,
    Predicate(is_short_enough_line),
    Predicate(is_not_blank),
    _READABLE,
]
"""One line that says who somebody is. Doors seal it."""
Line = Annotated[str, MinLen(1), MaxLen(200), Predicate(is_not_blank), _READABLE]
Identifier = Annotated[str, MinLen(1), MaxLen(100), Predicate(is_identifier), _NAME]
Source = Annotated[str, MinLen(1), MaxLen(32), Predicate(is_source), Described("^[a-z0-9]*[a-z][a-z0-9]*$")]
Reference = Annotated[str, MinLen(1), MaxLen(200), Predicate(is_identifier), _NAME]
"""The number of a complaint, or the id of a matter."""
PolicyText = Annotated[str, MinLen(2), MaxLen(400_000)]
REACH = "^2[01][0-9]{2}-"
"""What the text of an instant within reach begins with."""
Instant = Annotated[datetime, Predicate(has_time_zone), Predicate(is_within_reach), Described(REACH)]
Score = Annotated[int, Ge(1), Le(5)]
Count = Annotated[int, Ge(0), Le(10_000)]
Bytes = Annotated[int, Ge(1), Le(10**12)]
Digest = Annotated[str, MinLen(64), MaxLen(64), Predicate(is_digest), Described("^[0-9a-f]{64}$")]
MediaType = Annotated[
    str,
    MinLen(3),
    MaxLen(100),
    Predicate(is_media_type),
    Described("^[a-z0-9.+-]*[a-z][a-z0-9.+-]*/[a-z0-9.+-]*[a-z][a-z0-9.+-]*$"),
]
Minor = Annotated[int, Ge(0), Le(10**15)]
Currency = Annotated[
    str, MinLen(3), MaxLen(3), Predicate(str.isupper), Predicate(str.isalpha), Described("^[A-Z]{3}$")
]


class Role(StrEnum):
    """Who may act. The order of authority stands in `AUTHORITY_ORDER`."""

    SYSTEM = "system"  # a back-office system that hands complaints and answers in
    DESK = "desk"  # the first-contact desk
    HANDLER = "handler"  # works the complaint
    MEDIATOR = "mediator"  # stands between customer and department
    LEAD = "lead"  # answers for a department
    CUSTOMER_SERVICE = "customer_service"  # the customer service department: owns what others missed
    EXECUTIVE = "executive"  # the last rung
    AUDITOR = "auditor"  # reads, never acts


AUTHORITY_ORDER = (
    Role.SYSTEM,
    Role.DESK,
    Role.HANDLER,
    Role.MEDIATOR,
    Role.LEAD,
    Role.CUSTOMER_SERVICE,
    Role.EXECUTIVE,
)


class Channel(StrEnum):
    """How something reached us or the customer."""

    PHONE = "phone"
    EMAIL = "e-mail"
    WEB = "web"
    CHAT = "chat"
    SOCIAL = "social"
    LETTER = "letter"
    WALK_IN = "walk-in"
    SYSTEM = "system"


class Severity(StrEnum):
    """How much is at stake for the customer, in ascending order."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITY_ORDER = tuple(Severity)


class Justified(StrEnum):
    """Whether the organisation is at fault."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Nature(StrEnum):
    """What the customer is after."""

    VALID = "valid"  # something went wrong and has to be put right
    COMMUNICATIVE = "communicative"  # asking, venting, seeking help; badly handled it becomes a valid one


class ComplaintType(StrEnum):
    """What drives the complaint."""

    EMOTIONAL = "emotional"
    RATIONAL = "rational"
    STRUCTURAL = "structural"  # our own process is at fault


class Part(StrEnum):
    """Why a department is called to a complaint."""

    RESPONSIBLE = "responsible"  # it is at fault, or has to put it right
    LOCAL = "local"  # it happened in its place
    ASSOCIATED = "associated"  # its work is touched by it
    FIRST_HANDLING = "first_handling"  # it heard the customer first


class RemedyKind(StrEnum):
    """What was done for the customer. An apology alone never closes a complaint."""

    APOLOGY = "apology"
    EXPLANATION = "explanation"
    CORRECTION = "correction"
    REPAIR = "repair"
    EXCHANGE = "exchange"
    REFUND = "refund"
    COMPENSATION = "compensation"
    SERVICE = "service"


class PauseOwner(StrEnum):
    """On whom we wait while clocks stand still."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    US = "us"


class Outcome(StrEnum):
    """How a complaint left the open stages."""

    RESOLVED = "resolved"
    RESOLVED_AT_FIRST_CONTACT = "resolved_at_first_contact"
    UNSOLVABLE = "unsolvable"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in the currency's minor unit (fen, cent)."""

    amount_minor: Minor
    currency: Currency


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who complains. Personal data: sealed at the door, never logged.

    Attributes:
        contact: Telephone number, address or handle. Without one nobody can be told anything, so the duties to
            contact, to give feedback and to follow up do not arise.
        language: BCP 47 tag of the language the customer is spoken to in.
        account: The number under which the source knows them: of an account, a contract, a meter.
    """

    name: Personal | None = None
    contact: Personal | None = None
    language: Line = "zh-CN"
    anonymous: bool = False
    account: Later[Personal | None] = None

    @property
    def reachable(self) -> bool:
        """Whether there is a way to tell this customer anything."""
        return self.contact is not None


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, in which role, for which department."""

    id: Identifier
    role: Role
    department: Identifier | None = None


ENGINE = Actor(id="redress", role=Role.SYSTEM)
"""The actor of everything that time alone brings about."""
