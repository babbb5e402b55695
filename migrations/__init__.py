"""The history of the tables, one revision after the other. Run by `db.migrate`."""
