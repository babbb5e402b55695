"""How the routers are made."""

from typing import Any

from fastapi import APIRouter


def make_router(**options: Any) -> APIRouter:
    """Make one whose operations have the names of their functions in the OpenAPI document, so that clients may rely on them."""
    return APIRouter(generate_unique_id_function=lambda route: route.name, **options)
