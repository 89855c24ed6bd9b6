"""The console: static files that the build puts beside this module.

Files whose name carries a hash of their content never change and are kept by browsers;
the page itself is asked for again each time.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from kaname.api.language import negotiate
from kaname.model.errors import NotFoundError
from kaname.model.messages import text

__all__ = ["CONSOLE", "routes"]

CONSOLE = Path(__file__).parent / "console"
_FOREVER = "public, max-age=31536000, immutable"


def routes(folder: Path = CONSOLE) -> list[HTTPRouteHandler]:
    """Routes for what is in ``folder``; a page that says what to do when nothing is."""
    if not (folder / "index.html").is_file():
        return [_missing()]
    names = sorted(entry.name for entry in folder.iterdir())
    plain = [f"/{name}" for name in names if (folder / name).is_file()]
    nested = [f"/{name}/{{below:path}}" for name in names if (folder / name).is_dir()]

    @get(["/", *plain, *nested], public=True, include_in_schema=False)
    async def console(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await sync_to_thread(_file, folder, request.url.path)

    return [console]


def _file(folder: Path, path: str) -> Response[bytes]:
    target = (folder / path.lstrip("/") if path != "/" else folder / "index.html").resolve()
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        raise NotFoundError("api.error.no_route", path=path)
    kind, _ = mimetypes.guess_type(target.name)
    kept = _FOREVER if target.parent.name == "assets" else "no-cache"
    return Response(
        target.read_bytes(),
        media_type=kind or "application/octet-stream",
        headers={"Cache-Control": kept},
    )


def _missing() -> HTTPRouteHandler:
    @get("/", public=True, include_in_schema=False)
    async def not_built(request: Request[Any, Any, Any]) -> Response[str]:
        language = negotiate(request.headers.get("accept-language", ""))
        page = f"<!doctype html><html lang={language}><title>kaname</title><p>{{}}</p></html>"
        return Response(
            page.format(text("api.console.missing", language)), media_type=MediaType.HTML
        )

    return not_built
