"""Writes the pages that follow from the code: `python -m api.reference`.

docs/errors.md is the table of problems, docs/commands.md every command with its fields and its curl. A test compares them
with what this module would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api import examples
from api.explained import explained
from complaints.commands import COMMANDS, acts_of
from complaints.lifecycle import WHO_MAY
from complaints.vocabulary import Role
from complaints.wire import schema

DOCS = Path(__file__).resolve().parent.parent / "docs"


def pages() -> dict[str, str]:
    """Write every page, by its name."""
    return {"errors.md": errors(), "commands.md": commands()}


# --- errors


def errors() -> str:
    """Write the table of problems, then the rules."""
    problems = [each for each in explained() if each.rule is None]
    rules = [each for each in explained() if each.rule is not None]
    return "\n".join(
        [
            _ERRORS,
            "| status | type | title | what to do |",
            "|---|---|---|---|",
            *(f"| {e.status} | `/problems/{e.slug}` | {e.title} | {e.meaning} |" for e in problems),
            _RULES,
            "| status | rule | what it demands |",
            "|---|---|---|",
            *(f'| {e.status} | <a id="{e.slug}"></a>`{e.rule}` | {_cell(e.title)} |' for e in rules),
            "",
        ]
    )


_ERRORS = """# Errors

Everything that goes wrong is answered with `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)):

```json
{
  "type": "/problems/first-contact-missing",
  "title": "Feelings first, then the matter.",
  "status": 409,
  "detail": "nobody has heard the customer yet",
  "rule": "FirstContactMissing",
  "possible": ["record_first_contact"]
}
```

- `type` is an address at the API itself, where it is explained. Programs tell problems apart by `status` and `rule`.
- `detail` says what stands in the way this time. It is for people, and its words may change.
- `rule` is the name of the broken rule; `possible` says what can be done instead: acts, or a sentence.
- `errors` names every wrong field: `[{"field": "customer.name", "rule": "…"}]`. An empty field means the whole body.

Nothing was stored when a problem comes back, with one exception: after a 503 or a lost connection a command may have acted.
Send it again with the same `Idempotency-Key`: it acts once, and the answer is that of the first time.

"""

_RULES = """
## Rules

What the complaint's own rules say no to. The `type` is `/problems/` and the rule in lower case with hyphens.
"""


# --- commands


def commands() -> str:
    """Write every command: what it does, who may, its fields, and how it is sent."""
    return "\n".join(
        [_COMMANDS, *(line for name in COMMANDS if name != "Register" for line in _command(name))]
    )


_COMMANDS = """# Commands

Everything that can be done to a complaint, in the order of its life. All are sent to the same address:

```sh
curl -X POST $API/v1/complaints/$NUMBER/commands \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Idempotency-Key: 7f1c…' \\
  -d '{"type": "AddNote", "text": "…"}'
```

The answer is the state after the command. What the headers do stands in [api.md](api.md), how a refusal looks in
[errors.md](errors.md), and under which conditions of the moment a command is refused in [lifecycle.md](lifecycle.md).
"""


def _command(name: str) -> Iterator[str]:
    described = schema(COMMANDS[name])
    roles = {role for act in acts_of(COMMANDS[name]) for role in WHO_MAY[act]}
    purpose = (COMMANDS[name].__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()
    yield f"## {name}\n"
    yield f"{purpose} Who may: {', '.join(role for role in Role if role in roles)}.\n"
    yield "| field | | type |"
    yield "|---|---|---|"
    for field, needed, kind in _fields(described, described.get("$defs", {})):
        yield f"| `{field}` | {needed} | {_cell(kind)} |"
    sent = json.dumps(examples.command(name), ensure_ascii=False).replace("'", r"'\''")
    yield "\n```sh\ncurl -X POST $API/v1/complaints/$NUMBER/commands \\"
    yield "  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\"
    yield f"  -d '{sent}'\n```\n"


def _fields(
    described: dict[str, Any], definitions: dict[str, Any], prefix: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Lay out the fields; those of a nested form stand under their own."""
    required = described.get("required", ())
    for name, field in described.get("properties", {}).items():
        if name == "type":
            continue
        yield prefix + name, "required" if name in required else "", _kind(field, definitions)
        item = field.get("items", field)
        for choice in _choices(item, definitions):
            within = f"{prefix}{name}[]." if item is not field else f"{prefix}{name}."
            if "properties" in choice:
                yield from _fields(choice, definitions, within)


def _choices(field: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        definitions[choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice
        for choice in field.get("anyOf", [field])
    ]


def _kind(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    kinds = [_kind_of(each) for each in _choices(field, definitions) if each.get("type") != "null"]
    return " or ".join(kinds) + (" (or null)" if len(kinds) < len(field.get("anyOf", kinds)) else "")


_WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "object": "object",
    "array": "list",
}


def _kind_of(choice: dict[str, Any]) -> str:
    if "enum" in choice:
        return ", ".join(f"`{each}`" for each in choice["enum"])
    if choice.get("format") == "date-time":
        return "instant with UTC offset, such as `2026-03-01T09:00:00+08:00`"
    limits = ""
    if "maxLength" in choice:
        limits = f", up to {choice['maxLength']} characters"
    elif "minimum" in choice and "maximum" in choice:
        limits = f", {choice['minimum']} to {choice['maximum']}"
    name = (
        "name (letters, digits, `.`, `_`, `-`)"
        if choice.get("pattern", "").startswith("^[A-Za-z0-9")
        else None
    )
    return (name or _WORDS.get(str(choice.get("type")), "value")) + limits


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    for file, page in pages().items():
        (DOCS / file).write_text(page, encoding="utf-8")
