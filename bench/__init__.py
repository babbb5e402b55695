"""Measurements; one file answers one question."""
