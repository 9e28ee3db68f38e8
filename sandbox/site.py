"""The company's intranet: a folder of documents under /site/, so that links in answers open in a browser.

Markdown is shown as HTML with heading ids as GitHub makes them; .html and .txt as they are. Each folder has a sitemap.xml.
"""

import re
from html import escape
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain", ".pdf": "application/pdf"}
_SITEMAP = "sitemap.xml"
_STYLE = (
    "body{max-width:42rem;margin:3rem auto;padding:0 1rem;font:16px/1.6 system-ui,sans-serif;color:#1d1c1d}"
    "table{border-collapse:collapse}td,th{border:1px solid #ddd;padding:.3rem .6rem}"
    "code,pre{background:#f6f6f6}pre{padding:1rem;overflow:auto}:target{background:#fff3c4}"
)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


class Site:
    """Serves the files below one folder, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One document, or a folder's list of documents."""
        path = (self._folder / request.match_info["path"]).resolve()
        if not path.is_relative_to(self._folder):
            raise web.HTTPNotFound
        if path.name == _SITEMAP and path.parent.is_dir():
            return web.Response(
                text=self._sitemap(path.parent, str(request.url.origin())), content_type="text/xml"
            )
        if path.is_dir():
            return _html(path.name, self._listing(path))
        if path.suffix == ".md" and path.is_file():
            return _html(path.stem, self.render(path.read_text(encoding="utf-8")))
        if path.suffix not in _TYPES or not path.is_file():
            raise web.HTTPNotFound
        charset = "utf-8" if _TYPES[path.suffix].startswith("text/") else None
        return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset=charset)

    def render(self, markdown: str) -> str:
        """Markdown as HTML; raw HTML in it stays text, front matter is left out."""
        tokens = self._markdown.parse(_FRONT_MATTER.sub("", markdown))
        _number_headings(tokens)
        return str(self._markdown.renderer.render(tokens, self._markdown.options, {}))

    def _sitemap(self, folder: Path, origin: str) -> str:
        """All documents below a folder, as https://www.sitemaps.org/protocol.html has it."""
        documents = (
            path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix in {".md", *_TYPES} and not path.name.startswith(".")
        )
        entries = "".join(
            f"<url><loc>{origin}/site/{quote(path.relative_to(self._folder).as_posix())}</loc></url>"
            for path in documents
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'

    def _listing(self, folder: Path) -> str:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        base = "/site/" + folder.relative_to(self._folder).as_posix().strip(".")
        links = (
            f'<li><a href="{escape(base.rstrip("/"))}/{escape(entry.name)}">{escape(entry.name)}</a></li>'
            for entry in entries
        )
        return f"<ul>{''.join(links)}</ul>"


def _number_headings(tokens: list[Token]) -> None:
    """Give headings the ids GitHub gives them; a repeated one gets -1, -2 and so on."""
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = "".join(
            child.content for child in inline.children or [] if child.type in ("text", "code_inline")
        )
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        opening.attrSet("id", f"{slug}-{count}" if count else slug)


def _html(title: str, body: str) -> web.Response:
    page = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    return web.Response(text=page, content_type="text/html")
