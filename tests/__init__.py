"""Tests by kind: unit, properties, workflow, replay, integration, e2e."""
