"""Replay, verification and evidence."""
