"""Source code, configuration, logs: text as it stands, under the name of its file."""

from pathlib import PurePosixPath

from ingestion.formats import Parsed, one_line, title_of_name


def parse(text: str, name: str) -> Parsed:
    """Title from the name, with its ending: `main.py` and `main.go` are two."""
    return Parsed(title=one_line(PurePosixPath(name).name) or title_of_name(name), text=text, markup="plain")
