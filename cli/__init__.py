"""The `redress` command."""
