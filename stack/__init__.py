"""The embedded Temporal and PostgreSQL for one machine; imports nothing else of this project."""
