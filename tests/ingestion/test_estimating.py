"""How many pages a site has, by its sitemap and without reading one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ingestion.estimating import estimated_pages
from ingestion.kinds import Proposal
from ingestion.remembering import memory
from rag.database import open_database
from rag.settings import FetchSettings, Settings
from tests.ingestion.site import Site, serving


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'footnote.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as site:
        yield site


def estimated(site: Site, engine: Engine, path: str = "/", *, trusted: str = "127.0.0.1") -> int | None:
    settings = Settings(fetch=FetchSettings(trusted_hosts=trusted, pause_seconds=0, timeout_seconds=5))
    return estimated_pages(Proposal("web", site.url + path, "docs"), settings, engine)


def lists(site: Site, *paths: str) -> None:
    urls = "".join(f"<url><loc>{site.url}{path}</loc></url>" for path in paths)
    site.put("/sitemap.xml", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>')


def test_what_a_sitemap_lists_of_the_part_that_is_meant(site: Site, engine: Engine) -> None:
    lists(site, "/docs/a", "/docs/b", "/blog/c")
    assert estimated(site, engine) == 3
    assert estimated(site, engine, "/docs/") == 2
    assert estimated(site, engine, "/sitemap.xml") == 3
    assert site.paths == [], "no page is fetched"
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(memory)).scalar_one() == 0


def test_without_a_sitemap_or_where_we_may_not_go_nothing_is_known(site: Site, engine: Engine) -> None:
    assert estimated(site, engine) is None
    lists(site, "/a")
    assert estimated(site, engine, trusted="") is None
    assert estimated_pages(Proposal("git", "https://x.example/r.git", "r"), Settings(), engine) is None
