"""Signatures by the Standard Webhooks scheme, and the secrets that make them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

from complaints.cloud_event import MEDIA_TYPE


def new_secret() -> str:
    """Make a secret, as it is shown to the subscriber."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message: str, body: bytes, at: datetime, keys: Sequence[str]) -> Mapping[str, str]:
    """Sign what is sent now, once with each secret.

    Args:
        message: The event's id. What is signed is joined with full stops, so it must not hold any.
    """
    signed_id = message.replace(".", "%2E")
    signatures = [Webhook(key).sign(signed_id, at, body.decode()) for key in keys]
    return {
        "content-type": MEDIA_TYPE,
        "webhook-id": signed_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
