"""Who asks: the one dependency by which every route learns its caller."""

from __future__ import annotations

from fastapi import HTTPException, Request

from complaints.permissions import Caller


async def authenticate(request: Request) -> Caller:  # noqa: ARG001 - the signature that a dependency has
    """Find out who asks.

    Raises:
        HTTPException: 401; nobody can prove who they are yet.
    """
    raise HTTPException(401, "no way to sign in is set up", {"WWW-Authenticate": "Bearer"})
