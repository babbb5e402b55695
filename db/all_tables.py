"""All tables of the product, for whoever needs to know every one of them (migrations and their tests)."""

from db import access_tables as access_tables  # noqa: PLC0414 - re-exported
from db import delivery_tables as delivery_tables  # noqa: PLC0414 - re-exported
from db import key_tables as key_tables  # noqa: PLC0414 - re-exported
from db import matter_tables as matter_tables  # noqa: PLC0414 - re-exported
from db import org_tables as org_tables  # noqa: PLC0414 - re-exported
from db import policy_tables as policy_tables  # noqa: PLC0414 - re-exported
from db import start_tables as start_tables  # noqa: PLC0414 - re-exported
from db import webhook_tables as webhook_tables  # noqa: PLC0414 - re-exported
from db.tables import Table as Table  # noqa: PLC0414 - re-exported
