"""Writes the models of the Python client from the OpenAPI document: `python -m cli.client_models`.

The client is used where nothing else of ours is installed, so it has models of its own; a test compares them with what this
module would write.
"""

from __future__ import annotations

import asyncio
import base64
import json
import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.client import Client

DOCUMENT = Path(__file__).resolve().parent.parent / "redress_client" / "models.py"

_HEAD = '''"""What goes over the wire, as the OpenAPI document has it. Written by `python -m cli.client_models`; not by hand."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field


class Form(BaseModel):
    """What is sent: a field that is spelt wrong is found here, and not by the server."""

    model_config = ConfigDict(extra="forbid")


class Record(BaseModel):
    """What is answered: fields that you do not know may join, and are kept."""

    model_config = ConfigDict(extra="allow")
'''

Schema = dict[str, Any]


def openapi() -> Schema:
    """Return the OpenAPI document; nothing is connected to."""
    from sqlalchemy import create_engine

    from api.access.settings import AccessSettings
    from api.app import make_app
    from workflows.settings import load_settings

    url = "postgresql+psycopg://nobody@nowhere/none"
    settings = load_settings(database_url=url, encryption_key=base64.b64encode(bytes(32)).decode())
    client = asyncio.run(Client.connect("127.0.0.1:1", lazy=True))
    found: Schema = make_app(client, create_engine(url), settings, access=AccessSettings()).openapi()
    return found


def written(document: Schema | None = None) -> str:
    """Write the module."""
    schemas: dict[str, Schema] = (document or openapi())["components"]["schemas"]
    parts = [_HEAD.rstrip("\n")]
    parts += [_alias(name, schema) for name, schema in schemas.items() if "enum" in schema]
    parts += [_model(name, schema) for name, schema in schemas.items() if "properties" in schema]
    parts += [_union(name, schema) for name, schema in schemas.items() if "oneOf" in schema]
    left = {name for name, schema in schemas.items() if not {"enum", "properties", "oneOf"} & schema.keys()}
    assert not left, f"no way to write {left}"
    names = [name for name, schema in schemas.items() if "properties" in schema]
    rebuilt = "\n".join(f"{name}.model_rebuild()" for name in names)
    return "\n\n".join(parts) + "\n\n" + rebuilt + "\n"


def _alias(name: str, schema: Schema) -> str:
    values = ", ".join(json.dumps(value) for value in schema["enum"])
    return f"{name}: TypeAlias = Literal[{values}] | str{_docstring(schema, '')}"


def _union(name: str, schema: Schema) -> str:
    members = " | ".join(_type(each) for each in schema["oneOf"])
    return f"{name}: TypeAlias = Annotated[{members}, Field(discriminator={schema['discriminator']['propertyName']!r})]"


def _model(name: str, schema: Schema) -> str:
    base = "Form" if schema.get("additionalProperties") is False else "Record"
    lines = [f"\nclass {name}({base}):{_docstring(schema, '    ')}"]
    required = set(schema.get("required", ()))
    lines += [f"    {line}" for line in _fields(schema["properties"], required, is_form=base == "Form")]
    return "\n".join(lines)


def _fields(properties: dict[str, Schema], required: set[str], *, is_form: bool) -> Iterator[str]:
    yield ""
    for name, field in properties.items():
        kind = _type(field)
        if "const" in field:
            yield f"{name}: {kind} = {field['const']!r}"
            continue
        safe, alias = (f"{name}_", f"alias={name!r}") if keyword.iskeyword(name) else (name, "")
        if name in required:
            yield f"{safe}: {kind}" + (f" = Field({alias})" if alias else "")
        else:
            if not is_form and field.get("type") in ("array", "object"):
                yield f"{safe}: {kind} = {'[]' if field['type'] == 'array' else '{}'}"
                continue
            optional = kind if kind.endswith("None") or kind == "Any" else f"{kind} | None"
            default = field.get("default") if is_form else None
            if default is not None and not isinstance(default, (dict, list)):
                yield f"{safe}: {kind} = {default!r}"
            else:
                yield f"{safe}: {optional} = {f'Field(None, {alias})' if alias else 'None'}"


_SIMPLE = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS = {"date-time": "datetime", "date": "date", "time": "time"}


def _type(schema: Schema) -> str:
    """Write a type; what the server alone checks (lengths, patterns) is left to it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            kinds = dict.fromkeys(part for each in schema[key] for part in _type(each).split(" | "))
            return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))
    match schema.get("type"):
        case "string":
            return _FORMATS.get(schema.get("format", ""), "str")
        case "array":
            return f"list[{_type(schema['items'])}]" if "items" in schema else "list[Any]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {_type(values)}]" if isinstance(values, dict) and values else "dict[str, Any]"
        case None:
            return "Any"
        case kind:
            return _SIMPLE[kind]


def _docstring(schema: Schema, indent: str) -> str:
    said = re.split(r"\n\n(?=Attributes:|    )", schema.get("description", "") or schema.get("title", ""))[0]
    words = " ".join(said.split()).replace("\\", "\\\\").replace('"', "'")
    return f'\n{indent}"""{words}"""'


def main() -> None:
    """Write it, laid out as our formatter has it."""
    DOCUMENT.write_text(formatted(written()), encoding="utf-8")


def formatted(text: str) -> str:
    """Lay a module out."""
    import subprocess
    import sys

    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--select", "I,F401", "--fix"], ["format"]):
        done = subprocess.run(
            [ruff, *command, "--quiet", "--stdin-filename", str(DOCUMENT), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    main()
