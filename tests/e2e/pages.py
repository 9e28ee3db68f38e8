"""A few pages for the bot to know."""

from pathlib import Path

PAGES = {
    "leave.md": """\
# Annual leave

## How many days

Full-time employees have 25 days of annual leave each year. Part-time employees have a share of that.

## Carrying days over

You can carry up to five days of leave over into the next year. They expire on 31 March.
""",
    "weir.md": """\
# Weir error codes

## WR-4107

WR-4107 means that the valve does not answer. Restart the controller with `weirctl reset`, then wait two minutes.
""",
    "bikes.html": """\
<html><head><title>Bicycles at the office</title></head><body><nav>Home Wiki Search</nav><main>
<h1>Bicycles at the office</h1><h2>Where to park</h2>
<p>Bicycles are parked in the cellar of the Rotterdam office. Ask the front desk for the key to the cellar.</p>
<p>Electric bicycles may be charged there between eight and six, on the marked sockets only.</p>
</main></body></html>
""",
}
PRIVATE = {
    "bands.md": "# Salary bands\n\nThe salary of band seven is between 5,100 and 6,300 euros a month.\n"
}


def write_pages(folder: Path) -> Path:
    """Write the pages below the folder; the place of those for members. Beside it, `private` has the others."""
    for name, pages in {"members": PAGES, "private": PRIVATE}.items():
        (folder / name).mkdir()
        for file, text in pages.items():
            (folder / name / file).write_text(text)
    return folder / "members"
