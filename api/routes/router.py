"""How the routers are made."""

from typing import Any

from fastapi import APIRouter


def make_router(**options: Any) -> APIRouter:
    """Make one whose operations are called after their functions in the OpenAPI document: clients rely on the names."""
    return APIRouter(generate_unique_id_function=lambda route: route.name, **options)
