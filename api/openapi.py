"""The OpenAPI 3.1 document: routes from FastAPI, shapes from our own records, problems from the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from api import examples
from api.doors import DECLARED, Declared
from api.problems import MEDIA_TYPE, TABLE, Kind, Said
from api.shapes import BulkItem, LooseBulk, NewComplaint, ProblemDocument
from complaints.commands import COMMANDS, Command, acts_of
from complaints.lifecycle import WHO_MAY
from complaints.privacy import private_fields

Schema = dict[str, Any]

_REFERENCE = "#/components/schemas/"

ABOUT = """
Complaints as durable workflows: none lost, none forgotten, none late.

* **Start** a complaint with `POST /v1/complaints`, **act** on it with `POST /v1/complaints/{number}/commands`, **read**
  it with `GET /v1/complaints/{number}`, and **list** with `GET /v1/complaints`.
* Everything that changes something may be sent twice: give it an `Idempotency-Key`, and it acts once.
* Answers to commands come from the complaint itself. Reads come from the records, and say how fresh they are.
* Errors are `application/problem+json`. Their `type` leads to an explanation, `rule` names the rule, `possible` says what
  can be done instead, and `errors` names every wrong field.
* Names of fields and values never change once shipped; new ones may join. Leave alone what you do not know.
"""

TAGS = [
    {"name": "complaints", "description": "Start, read, list and search."},
    {"name": "commands", "description": "Everything that can be done to a complaint."},
    {"name": "attachments", "description": "Files on complaints."},
    {"name": "escalations", "description": "What waits for a superior."},
    {"name": "webhooks", "description": "Being told what happens, when it happens."},
    {"name": "Temporal", "description": "The codec server, for whoever talks to Temporal directly."},
    {"name": "rules and people", "description": "Policies and the organisation, to read only."},
    {"name": "health", "description": "For whoever runs it."},
]


def document(app: FastAPI) -> Callable[[], Schema]:
    """Make the function by which the application writes its document, once."""

    @cache
    def written() -> Schema:
        found = get_openapi(
            title="Redress",
            version="1",
            description=ABOUT,
            routes=app.routes,
            tags=TAGS,
            separate_input_output_schemas=False,
        )
        operations = [
            operation
            for path in found["paths"].values()
            for operation in path.values()
            if "x-declared" in operation
        ]
        declared = [DECLARED[operation.pop("x-declared")] for operation in operations]
        shapes = _Shapes(declared)
        for operation, said in zip(operations, declared, strict=True):
            _complete(operation, said, shapes)
        found["components"] = {
            "schemas": {**_of_parameters(found), **shapes.components},
            "responses": {kind.slug: _problem(kind) for kind in TABLE},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A person's token, or a system's API key.",
                },
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-API-Key",
                    "description": "A system's API key.",
                },
            },
        }
        return found

    return written


def _of_parameters(found: Schema) -> Schema:
    """What FastAPI described by itself: the values of parameters. Its own errors are none of ours."""
    described: Schema = found.get("components", {}).get("schemas", {})
    return {name: each for name, each in described.items() if "ValidationError" not in name}


def _complete(operation: Schema, said: Declared, shapes: _Shapes) -> None:
    """Say what goes in, what comes out, what can go wrong, and who may."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _present(parameter["schema"])
    if said.body is not None:
        content = {"schema": shapes.of_body(said), **_examples(said)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    if said.content is not None:
        operation["requestBody"] = {"required": True, "content": said.content}
    operation["responses"] = {
        str(status): {
            "description": _MEANINGS.get(status, "what was asked for"),
            **({} if kind is None else {"content": _content(kind, shapes)}),
            **_headers(said.headers.get(status, ())),
        }
        for status, kind in said.answers.items()
    }
    by_status: dict[int, list[Kind]] = {}
    for kind in dict.fromkeys(said.problems):
        by_status.setdefault(kind.status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        operation["responses"][str(int(status))] = _one_of(kinds)
    operation["security"] = [] if said.right is None else [{"bearer": []}, {"apiKey": []}]


def _content(kind: Any, shapes: _Shapes) -> Schema:
    if kind is bytes:
        return {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}}
    return {"application/json": {"schema": shapes.out(kind)}}


def _present(schema: Schema) -> Schema:
    """Describe a parameter that is there: to leave it out is not to send the word null."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **choices[0]} if len(choices) == 1 else schema


_MEANINGS = {201: "it is new", 204: "it is done", 200: "done, or found as it was", 503: "not ready"}

_HEADERS: dict[str, Schema] = {
    "ETag": {"description": "the sequence, for `If-Match`", "schema": {"type": "string"}},
    "Repr-Digest": {"description": "SHA-256 of the bytes (RFC 9530)", "schema": {"type": "string"}},
    "Location": {"description": "where it is read", "schema": {"type": "string"}},
}


def _headers(names: Iterable[str]) -> Schema:
    shown = {name: _HEADERS[name] for name in names}
    return {"headers": shown} if shown else {}


def _one_of(kinds: list[Kind]) -> Schema:
    if len(kinds) == 1:
        return {"$ref": f"#/components/responses/{kinds[0].slug}"}
    shown = {kind.slug: {"value": _example(kind)} for kind in kinds}
    return {
        "description": "; or: ".join(kind.title for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REFERENCE}ProblemDocument"}, "examples": shown}},
    }


def _problem(kind: Kind) -> Schema:
    headers = {"Retry-After": {"description": "seconds", "schema": {"type": "string"}}}
    return {
        "description": f"{kind.title}. {kind.meaning}",
        **({"headers": headers} if kind.retry_after else {}),
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": f"{_REFERENCE}ProblemDocument"}, "example": _example(kind)}
        },
    }


def _example(kind: Kind) -> Schema:
    return Said(kind=kind, detail=kind.title.lower()).document()


def _examples(said: Declared) -> Schema:
    if said.example is not None:
        return {"example": dict(said.example)}
    if said.body is Command:
        shown = {name: {"summary": _purpose(name), "value": examples.command(name)} for name in COMMANDS}
        del shown["Register"]
        return {"examples": shown}
    if said.body is NewComplaint:
        return {"example": examples.COMPLAINT}
    if said.example is not None:
        return {"example": dict(said.example)}
    if said.body is LooseBulk:
        items = [
            {"number": "crm-2031", "command": examples.command("AddNote")},
            {"number": "crm-2032", "command": examples.command("GiveFeedback")},
        ]
        return {"example": {"commands": items}}
    name = said.body.__name__
    fields = {k: v for k, v in examples.command(name).items() if k not in said.leaves_out}
    return {"example": fields}


def _purpose(name: str) -> str:
    return (COMMANDS[name].__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()


class _Shapes:
    """The schemas of everything that goes in and out, each once, by name."""

    def __init__(self, declared: Iterable[Declared]) -> None:
        wanted: dict[tuple[int, JsonSchemaMode], Any] = {
            (id(ProblemDocument), "serialization"): ProblemDocument,
            (id(BulkItem), "validation"): BulkItem,
        }
        for each in declared:
            if each.body is not None:
                wanted[id(each.body), "validation"] = each.body
            for kind in each.answers.values():
                if kind is bytes or kind is None:
                    continue
                wanted[id(kind), "serialization"] = kind
        inputs = [(key[0], key[1], TypeAdapter(kind)) for key, kind in wanted.items()]
        self._of, found = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE + "{model}")
        self.components: Schema = {name: _mended(schema) for name, schema in found["$defs"].items()}
        self._name_commands()
        self._withhold(wanted)

    def of_body(self, said: Declared) -> Schema:
        """Refer to what goes in; without the fields that the address says already, it is written out."""
        schema: Schema = _mended(dict(self._of[id(said.body), "validation"]))
        if said.body is Command:
            return self._command()
        if not said.leaves_out:
            return schema
        whole = self.components[schema["$ref"].removeprefix(_REFERENCE)]
        return {
            **whole,
            "properties": {k: v for k, v in whole["properties"].items() if k not in said.leaves_out},
            "required": [name for name in whole.get("required", ()) if name not in said.leaves_out],
        }

    def out(self, kind: Any) -> Schema:
        """Refer to what comes out."""
        return dict(self._of[id(kind), "serialization"])

    def _name_commands(self) -> None:
        """Make the tag a required field of every command, and say who may."""
        for name, kind in COMMANDS.items():
            schema = self.components[name]
            schema["required"] = sorted({"type", *schema.get("required", ())})
            who = sorted({role for act in acts_of(kind) for role in WHO_MAY[act]})
            schema["description"] = f"{_purpose(name)}\n\nWho may: {', '.join(who)}."
        self.components["Command"] = _mended(dict(self._of[id(Command), "validation"]))
        self.components["BulkItem"]["properties"]["command"] = self._command()
        items = self.components["LooseBulk"]["properties"]["commands"]["items"]
        items["description"] = "as BulkItem describes it; each is judged by itself"

    def _command(self) -> Schema:
        return {"$ref": f"{_REFERENCE}Command"}

    def _withhold(self, wanted: Mapping[Any, Any]) -> None:
        """Say that what is private may be missing: where a reporter is confidential it is, to most."""
        inside = {name for (_, mode), kind in wanted.items() if mode == "validation" for name in _names(kind)}
        for name, schema in self.components.items():
            if name in inside:
                continue
            for field, described in schema.get("properties", {}).items():
                is_text = described.get("type") == "string"  # of which `…` is left
                if field in private_fields() and not is_text and name != "ProblemDocument":
                    schema["properties"][field] = {"anyOf": [described, {"type": "null"}]}


def _names(kind: Any) -> set[str]:
    return {each.__name__ for each in get_args(get_args(kind)[0])} if kind is Command else {kind.__name__}


def _mended(schema: Any) -> Any:
    """Write the rule for the names of a mapping as JSON Schema has it, so that other names are wrong."""
    if isinstance(schema, list):
        return [_mended(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    mended = {name: _mended(value) for name, value in schema.items()}
    if mended.get("format") == "time":  # of RFC 3339, which has an offset; ours are times of day, anywhere
        mended["format"] = "local-time"
    patterns = mended.pop("patternProperties", None)
    if patterns:
        ((pattern, values),) = patterns.items()
        mended["additionalProperties"] = values
        mended["propertyNames"] = {**mended.get("propertyNames", {}), "pattern": pattern}
    return mended
