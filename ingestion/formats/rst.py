"""reStructuredText, by docutils to HTML, from there to Markdown. Files that it would include are not read.

Sphinx knows directives and roles that docutils does not: their text is kept as it stands.
"""

import re
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en
from docutils.utils import new_document

from ingestion.formats import Parsed, plain, title_of_name
from ingestion.formats.tags import markdown_of
from ingestion.outline import first_heading

_DIRECTIVE = re.compile(r"^[ \t]*\.\.[ ]([\w:.+-]{1,60})::", re.MULTILINE)
_ROLE = re.compile(r":([\w:.+-]{1,60}):`")
_TARGET = re.compile(r"^(.*?)\s*<[^<>]*>$", re.DOTALL)
_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "halt_level": 5,
    "report_level": 5,
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "embed_stylesheet": False,
    "stylesheet_path": None,
    "doctitle_xform": False,
    "initial_header_level": 1,
    "line_length_limit": 1_000_000,
}
_SILENT = frozenset(
    {"toctree", "contents", "index", "highlight", "currentmodule", "module", "meta", "only", "tabularcolumns"}
)
_ADMONITIONS = frozenset({"seealso", "versionadded", "versionchanged", "deprecated", "versionremoved"})


class _Kept(Directive):  # type: ignore[misc]  # docutils brings no types
    """A directive that docutils does not know: its arguments as a line, its content as text."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.name.rpartition(":")[2]
        if name in _SILENT:
            return []
        words = " ".join([name] * (name in _ADMONITIONS) + self.arguments)
        content = nodes.container()
        if words:
            inline, _ = self.state.inline_text(words, self.lineno)
            content += nodes.paragraph(words, "", *inline)
        self.state.nested_parse(self.content, self.content_offset, content)
        return [content]


def parse(text: str, name: str) -> Parsed:
    """Title from the first heading, else the name."""
    _keep_unknown(text)
    try:
        html = publish_parts(text, writer="html5", settings_overrides=_SETTINGS)["html_body"]
    except RecursionError:  # nested a hundred deep: its words without their form
        return plain.parse(text, name)
    page = BeautifulSoup(html, "lxml")
    for literal in page.select("span.literal"):
        literal.name = "code"
    for code in page.select("pre.code"):
        code["class"] = " ".join(f"language-{language}" for language in code.get_attribute_list("class")[1:2])
    body, anchors = markdown_of(page)
    return Parsed(title=first_heading(body) or title_of_name(name), text=body, markup="html", anchors=anchors)


def _keep_unknown(text: str) -> None:
    """Let docutils know what this text uses. Its registry is the process's: what is added stays."""
    document = new_document("")
    for name in set(_DIRECTIVE.findall(text)):
        if directives.directive(name, en, document)[0] is None:
            directives.register_directive(name, _Kept)
    for name in set(_ROLE.findall(text)):
        if roles.role(name, en, 0, document.reporter)[0] is None:
            roles.register_local_role(name, _kept)


def _kept(
    _role: str, _raw: str, text: str, *_: Any, **__: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    titled = _TARGET.match(text)
    return [nodes.literal(text, titled[1] if titled else text.lstrip("~!"))], []
