"""What is said about our dependencies: bad news fails, and what was not looked up is never called good."""

from __future__ import annotations

import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "audit-dependencies"
LOCK = """\
alembic==1.20.1 \\
    --hash=sha256:83490def
Annotated_Doc==0.0.7 ; python_version >= "3.11" \\
    --hash=sha256:6bc31bbb
    # via fastapi
"""
# As pip-audit 2.10 wrote them: without a network, and about a package that has a known vulnerability.
OFFLINE = {
    "dependencies": [
        {"name": "alembic", "skip_reason": "Dependency not found and could not be audited: alembic (1.20.1)"},
        {"name": "annotated-doc", "skip_reason": "Dependency not found and could not be audited"},
    ],
    "fixes": [],
}
GREEN = {
    "dependencies": [
        {"name": "alembic", "version": "1.20.1", "vulns": []},
        {"name": "annotated-doc", "version": "0.0.7", "vulns": []},
    ],
    "fixes": [],
}
VULNERABLE = {
    "dependencies": [
        {
            "name": "alembic",
            "version": "1.20.1",
            "vulns": [
                {
                    "id": "PYSEC-2026-7",
                    "fix_versions": ["1.20.2"],
                    "aliases": ["CVE-2026-1"],
                    "description": "…",
                }
            ],
        },
        {"name": "annotated-doc", "skip_reason": "could not be audited"},
    ],
    "fixes": [],
}


@pytest.fixture(scope="module")
def tool() -> Any:
    loader = SourceFileLoader("audit_dependencies", str(TOOL))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, loader.name, module)
        loader.exec_module(module)
    return module


def judged(tool: Any, report: object) -> Any:
    return tool.judge(LOCK, report if isinstance(report, str) else json.dumps(report))


def test_all_looked_up_and_nothing_known_is_green(tool: Any) -> None:
    verdict = judged(tool, GREEN)
    assert verdict.lines == ("2 of 2 packages audited",)
    assert verdict.code(required=True) == 0


def test_a_known_vulnerability_fails_whatever_else_is_unknown(tool: Any) -> None:
    verdict = judged(tool, VULNERABLE)
    assert "VULNERABLE: alembic 1.20.1: PYSEC-2026-7; mended in 1.20.2" in verdict.lines
    assert "NOT AUDITED: annotated-doc" in verdict.lines
    assert verdict.code(required=False) == 1


@pytest.mark.parametrize(
    "report",
    [
        OFFLINE,
        "",
        "Traceback ...",
        "[]",
        "null",
        '{"dependencies": 7}',
        '{"dependencies": [7]}',
        {"dependencies": []},
    ],
    ids=["offline", "silent", "crashed", "list", "null", "number", "numbers", "empty"],
)
def test_without_an_answer_nothing_is_called_green(tool: Any, report: object) -> None:
    verdict = judged(tool, report)
    assert [line.partition(":")[0] for line in verdict.lines] == ["NOT AUDITED"]
    assert (verdict.code(required=False), verdict.code(required=True)) == (0, 1)


def test_what_was_left_out_is_named_and_fails_where_all_must_be_known(tool: Any) -> None:
    for left_out in (
        {"dependencies": GREEN["dependencies"][:1]},
        {"dependencies": [GREEN["dependencies"][0], OFFLINE["dependencies"][1]]},
        {
            "dependencies": [
                GREEN["dependencies"][0],
                {"name": "annotated-doc", "version": "0.0.6", "vulns": []},
            ]
        },
    ):
        verdict = judged(tool, left_out)
        assert verdict.lines == ("1 of 2 packages audited", "NOT AUDITED: annotated-doc")
        assert (verdict.code(required=False), verdict.code(required=True)) == (0, 1)
