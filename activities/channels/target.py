"""Reads a target: the URL that says where notices go.

A target holds secrets. Nothing here, and no error raised here, repeats more of it than its scheme and
the names of its options.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

DEFAULT_TIMEOUT_SECONDS = 10.0
MAX_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, repr=False)
class Target:
    """A target taken apart. Its options are percent-decoded; a plus sign stays a plus sign.

    Attributes:
        scheme: In lower case.
        url: The split URL, undecoded.
        options: What follows the question mark, each at most once.
    """

    scheme: str
    url: SplitResult
    options: Mapping[str, str]

    @classmethod
    def parsed(cls, text: str) -> Target:
        """Take a target apart without judging its options.

        Raises:
            ValueError: It is not a URL, or names an option twice.
        """
        try:
            url = urlsplit(text.strip())
            _ = url.port  # parsed on access only
        except ValueError:
            raise ValueError("the target is not a valid URL") from None
        options: dict[str, str] = {}
        for pair in filter(None, url.query.split("&")):
            name, _, value = pair.partition("=")
            if name in options:
                raise ValueError(f"{url.scheme}: option {name!r} is given twice")
            # Not parse_qsl: it would turn the plus of name+tag@example.org into a space.
            options[name] = unquote(value)
        return cls(url.scheme, url, options)

    def allow(self, *names: str) -> None:
        """Refuse options that nobody would read: a misspelt one must not pass in silence.

        Raises:
            ValueError: There is an option other than `names`.
        """
        for name in self.options:
            if name not in names:
                raise ValueError(f"{self.scheme}: unknown option {name!r}; known are {', '.join(names)}")

    def key(self, what: str) -> str:
        """The token that stands where other URLs have a host.

        Raises:
            ValueError: It is missing, or followed by a path.
        """
        # Not url.hostname, which is in lower case.
        token = unquote(self.url.netloc)
        if not token or self.url.path.strip("/") or not token.isascii() or set(token) & set("/:@ "):
            raise ValueError(
                f"{self.scheme}: expected {self.scheme}://{what}, the {what.lower()} and nothing else"
            )
        return token

    def base(self, default: str) -> str:
        """The service's address, or that of a gateway given with `?base=`; without a slash at the end.

        Raises:
            ValueError: The option is not an http(s) address.
        """
        address = self.options.get("base", default).rstrip("/")
        try:
            url = urlsplit(address)
            sound = url.scheme in ("http", "https") and url.hostname and not url.query and not url.fragment
            _ = url.port
        except ValueError:
            sound = None
        if not sound:
            raise ValueError(f"{self.scheme}: option 'base' must be an http:// or https:// address")
        return address

    @property
    def timeout_seconds(self) -> float:
        """How long one delivery may take in all.

        Raises:
            ValueError: The option is not a number of seconds in (0, 60].
        """
        try:
            seconds = float(self.options.get("timeout", DEFAULT_TIMEOUT_SECONDS))
        except ValueError:
            seconds = math.nan
        if not 0 < seconds <= MAX_TIMEOUT_SECONDS:
            raise ValueError(f"{self.scheme}: option 'timeout' must be seconds, above 0 and up to 60")
        return seconds

    def flag(self, name: str) -> bool:
        """Whether a yes/no option is set; no when absent.

        Raises:
            ValueError: It is neither "yes" nor "no".
        """
        value = self.options.get(name, "no")
        if value not in ("yes", "no"):
            raise ValueError(f"{self.scheme}: option {name!r} must be yes or no")
        return value == "yes"
