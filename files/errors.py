"""Why a file is not taken, or not given.

    FileFault
    ├── EmptyFile, TooLarge, ComplaintFull, WrongKind      the file
    ├── KeyUsedOtherwise                                   the idempotency key
    ├── FileGone, FileMissing, FileDamaged                 the stored bytes
    └── StorageAway                                        the storage itself

Whatever the rules of the lifecycle say no to is a `Refusal`, as everywhere.
"""

from __future__ import annotations


class FileFault(Exception):
    """Base of all; the message is for whoever sent or asked for the file, and quotes nothing of its content."""


class EmptyFile(FileFault):
    """There are no bytes in it."""

    def __init__(self) -> None:
        super().__init__("the file is empty")


class TooLarge(FileFault):
    """It has more bytes than one file may have."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a file has {limit_bytes} bytes at most")
        self.limit_bytes = limit_bytes


class ComplaintFull(FileFault):
    """With it, the files of the complaint would have more bytes than all of them may have."""

    def __init__(self, limit_bytes: int, used_bytes: int) -> None:
        super().__init__(
            f"the files of a complaint have {limit_bytes} bytes at most together; {used_bytes} are used"
        )
        self.limit_bytes = limit_bytes
        self.used_bytes = used_bytes


class WrongKind(FileFault):
    """Its bytes are not what it is said to be, or nothing that is taken.

    Attributes:
        declared: The media type that came with it; empty if none did.
        found: What its bytes are, as far as they tell.
    """

    def __init__(self, declared: str, found: str, possible: tuple[str, ...]) -> None:
        said = f"declared as {declared}" if declared else "declared as nothing in particular"
        super().__init__(f"the file is {said}, and its bytes are {found}")
        self.declared = declared
        self.found = found
        self.possible = possible


class KeyUsedOtherwise(FileFault):
    """The idempotency key came with something else before."""

    def __init__(self, difference: str) -> None:
        super().__init__(f"this idempotency key was used before, with {difference}")
        self.difference = difference


class FileGone(FileFault):
    """It was removed, or the key that opens it was destroyed."""

    def __init__(self, attachment: str) -> None:
        super().__init__(f"the bytes of {attachment} were deleted")


class FileMissing(FileFault):
    """The complaint has it, the storage does not."""

    def __init__(self, attachment: str) -> None:
        super().__init__(f"the storage has no bytes of {attachment}")


class FileDamaged(FileFault):
    """The stored bytes are not those that were stored: altered, cut short, or another file's."""

    def __init__(self, attachment: str) -> None:
        super().__init__(f"the stored bytes of {attachment} are damaged; nothing of them is given out")


class StorageAway(FileFault):
    """The storage does not answer, or does not let us in; the same may be tried again."""
