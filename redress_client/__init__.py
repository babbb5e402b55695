"""A typed client of the Redress API: `Redress`, and `AsyncRedress` with the same methods. Needs httpx and pydantic alone.

with Redress("https://redress.example", "rk_…") as redress:
    started = redress.start_complaint(NewComplaint(...))
    redress.send_command(started.number, AddNote(text="…"))
    for line in redress.complaints(overdue=True):
        print(line.number)
"""

from redress_client import models as models
from redress_client.client import AsyncRedress as AsyncRedress
from redress_client.client import Redress as Redress
from redress_client.errors import NoAnswer as NoAnswer
from redress_client.errors import ProblemError as ProblemError
from redress_client.errors import RedressError as RedressError
from redress_client.waiting import Patience as Patience
