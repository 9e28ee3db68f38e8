"""PowerPoint presentations: a section per slide that is shown, its notes after it, `#slide=N` as its address."""

from collections.abc import Iterable, Iterator

from pptx import Presentation
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import TextFrame

from ingestion.formats import Parsed, assembled, one_line, title_of_name
from ingestion.formats.office import Package
from ingestion.formats.tables import markdown_table

_PRESENTATION_NAMES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FOOTERS = {"DATE (16)", "FOOTER (15)", "SLIDE_NUMBER (13)", "HEADER (14)"}


def parse(data: bytes, name: str) -> Parsed:
    """Title from the presentation's properties, else the first slide's, else the name."""
    package = Package(data)
    slides = list(Presentation(package.file()).slides)
    shown = [(number, slide) for number, slide in enumerate(slides, 1) if slide._element.get("show") != "0"]  # noqa: SLF001  # no other way to it
    text, anchors = assembled((f"slide={number}", _slide(slide)) for number, slide in shown)
    first = next((title for _, slide in shown if (title := _title(slide))), None)
    return Parsed(
        title=package.title or first or title_of_name(name),
        text=text,
        markup="document",
        updated_at=package.updated_at,
        author=package.author,
        anchors=anchors,
    )


def _title(slide: Slide) -> str:
    title = slide.shapes.title
    return one_line(title.text_frame.text) if title is not None and title.has_text_frame else ""


def _slide(slide: Slide) -> str:
    title = _title(slide)
    heading = slide.shapes.title
    parts = [f"## {title}"] if title else []
    parts += [
        _shape(shape)
        for shape in _shapes(slide.shapes)
        if heading is None or shape.shape_id != heading.shape_id
    ]
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        notes = _lines(frame)
        parts.append(f"Notes:\n\n{notes}" if notes else "")
    return "\n\n".join(filter(None, parts))


def _shapes(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    """The shapes that are shown, those of groups each; dates, footers and slide numbers are none."""
    for shape in shapes:
        properties = shape._element._nvXxPr.cNvPr  # noqa: SLF001  # no other way to it
        if properties.get("hidden") in {"1", "true"}:
            continue
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        elif not (shape.is_placeholder and str(shape.placeholder_format.type) in _FOOTERS):
            yield shape


def _shape(shape: BaseShape) -> str:
    if isinstance(shape, GraphicFrame) and shape.has_table:
        return _table(shape.table)
    if shape.has_text_frame:
        return _lines(shape.text_frame)  # type: ignore[attr-defined]  # has_text_frame says so
    return ""


def _table(table: Table) -> str:
    """Merged cells say their text in each place that they cover."""
    grid = [list(row.cells) for row in table.rows]
    texts = [[cell.text_frame.text for cell in row] for row in grid]
    for top, row in enumerate(grid):
        for left, cell in enumerate(row):
            if cell.is_merge_origin:
                for down in range(top, min(top + cell.span_height, len(grid))):
                    for right in range(left, min(left + cell.span_width, len(row))):
                        texts[down][right] = texts[top][left]
    return markdown_table(texts)


def _lines(frame: TextFrame) -> str:
    """Paragraphs as a list where there are several, indented as on the slide."""
    paragraphs = [(paragraph.level, " ".join(_linked(paragraph).split())) for paragraph in frame.paragraphs]
    filled = [(level, text) for level, text in paragraphs if text]
    if len(filled) == 1:
        return filled[0][1]
    return "\n".join(f"{'  ' * level}- {text}" for level, text in filled)


def _linked(paragraph: object) -> str:
    runs = []
    for run in paragraph.runs:  # type: ignore[attr-defined]  # the library does not export its type
        address = run.hyperlink.address
        text = run.text
        runs.append(f"[{text}]({address})" if address and text.strip() and "://" in address else text)
    return "".join(runs)
