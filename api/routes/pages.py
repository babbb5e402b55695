"""Pages for people: the API's document in a viewer, and what each problem means. They load nothing from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, Response

from api.doors import public
from api.explained import Explained, explained
from api.problems import NOT_FOUND, Rejected
from api.routes.router import make_router

router = make_router(include_in_schema=False)

_VIEWER = Path(__file__).resolve().parent.parent / "viewer"
_FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "docs.js": "text/javascript",
}
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _CSP, "X-Content-Type-Options": "nosniff"}

_DOCS = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Redress: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/docs.js" defer></script>
</head>
<body><div id="ui"></div></body>
</html>
"""


@router.get("/docs", **public())
async def docs() -> Response:
    """Show the document in its viewer."""
    return HTMLResponse(_DOCS, headers=_HEADERS)


@router.get("/docs/{file}", **public())
async def viewer(file: str) -> Response:
    """Serve the viewer."""
    if file not in _FILES:
        raise Rejected(NOT_FOUND, "there is no such file")
    headers = {**_HEADERS, "Cache-Control": "max-age=86400"}
    return FileResponse(_VIEWER / file, media_type=_FILES[file], headers=headers)


@router.get("/problems", **public())
async def all_problems() -> Response:
    """List every problem."""
    return _page("Problems", "".join(_section(each) for each in explained()))


@router.get("/problems/{slug}", **public())
async def problem(slug: str) -> Response:
    """Explain one problem: what its `type` leads to."""
    found = next((each for each in explained() if each.slug == slug), None)
    if found is None:
        raise Rejected(NOT_FOUND, "there is no such problem")
    return _page(found.title, _section(found))


def _section(each: Explained) -> str:
    rule = f"<p>Rule: <code>{escape(each.rule)}</code></p>" if each.rule else ""
    return (
        f'<section id="{escape(each.slug)}"><h2>{each.status} {escape(each.title)}</h2>'
        f"{rule}<p>{escape(each.meaning)}</p></section>\n"
    )


def _page(title: str, body: str) -> Response:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><link rel="icon" href="data:,">'
    page = (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body><h1>Redress</h1>\n{body}</body></html>\n'
    )
    return HTMLResponse(page, headers=_HEADERS)
