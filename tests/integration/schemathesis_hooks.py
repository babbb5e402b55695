"""What Schemathesis cannot read in the document: how much of a format is ours."""

from __future__ import annotations

from datetime import datetime

import schemathesis
from hypothesis import strategies as st

instants = st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2199, 12, 30)).map(  # noqa: DTZ001 - Z is written behind
    lambda instant: instant.isoformat() + "Z"
)
schemathesis.openapi.format("date-time", instants)
