"""Webhooks on their way out: which addresses are called, how a call is signed and made, and the pump that makes them."""
