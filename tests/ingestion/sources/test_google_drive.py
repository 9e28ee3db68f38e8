"""Google Drive: what lies below a folder and nothing else, once each; changes noticed without a download; refusals told
apart; the key signs for Google alone; nothing is taken for deleted because Google was slow, unsure or asked as another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ingestion.parsing import parse
from ingestion.pipeline import sync
from ingestion.registered import RegisteredSource
from ingestion.report import SyncReport
from ingestion.sources import Original, Source
from rag.errors import ConfigError, DocumentUnreadable, SourceGone, SourceUnavailable
from rag.settings import GoogleSettings
from tests.ingestion.fakes import Workbench
from tests.ingestion.making import saved, slides, word, workbook
from tests.ingestion.sources.api import listed, means, opened
from tests.ingestion.sources.google_service import (
    EMAIL,
    FOLDER,
    SHORTCUT,
    Google,
    pem,
    row,
    serving,
)

ROOT = "1RootFolder-_"
PLACE = f"https://drive.google.com/drive/u/0/folders/{ROOT}?usp=sharing"
GOOGLES = "application/vnd.google-apps."


def leave() -> bytes:
    document = word()
    document.add_heading("Parental leave", 0)
    document.add_paragraph("Everybody takes twelve weeks.")
    return saved(document)


def drive() -> Google:
    return Google(
        rows=[
            row(ROOT, "Handbook", "elsewhere", FOLDER),
            row(
                "doc-1", "Leave / absence", ROOT, webViewLink="https://docs.google.com/document/d/doc-1/edit"
            ),
            row("pdf-1", "Contract", ROOT, "application/pdf", md5Checksum="abc", size="9"),
            row("hr", "HR", ROOT, FOLDER),
            row("photo", "team.png", ROOT, "image/png", md5Checksum="p"),
            row("form", "Survey", ROOT, f"{GOOGLES}form"),
            row("deep", "Pay", "hr", FOLDER),
            row("sheet", "Bands", "deep", f"{GOOGLES}spreadsheet"),
            row("old", "Old", ROOT, trashed=True),
            row("plans", "Secret plans", "elsewhere"),
        ],
        contents={"doc-1": leave(), "pdf-1": b"%PDF-1.7\n", "plans": b"of others"},
    )


@contextmanager
def source(
    tmp_path: Path, google: Google, location: str = PLACE, key: dict[str, Any] | None = None, **options: str
) -> Iterator[Source]:
    with serving(google):
        settings = GoogleSettings(
            credentials_file=google.key_file(tmp_path, **(key or {})), api_url=google.url
        )
        with means(tmp_path, google=settings) as given:
            yield opened(given, "google_drive", location, **options)


def ids(originals: list[Original]) -> list[str]:
    return [one.id for one in originals]


def versions(source: Source) -> dict[str, str]:
    return {one.id: one.version for one in listed(source)[0]}


def test_all_below_a_folder_is_listed_and_nothing_is_fetched(tmp_path: Path) -> None:
    google = drive()
    with source(tmp_path, google) as opened_source:
        originals, skipped, unlisted = listed(opened_source)
    assert [(one.id, one.name) for one in originals] == [
        ("pdf-1", "Contract.pdf"),
        ("doc-1", "Leave - absence.docx"),
        ("sheet", "HR/Pay/Bands.xlsx"),
    ]
    document = originals[1]
    assert (document.author, document.url) == ("Ines", "https://docs.google.com/document/d/doc-1/edit")
    assert document.updated_at is not None
    assert document.updated_at.isoformat() == "2026-03-01T10:00:00.123000+00:00"
    assert {one.reason for one in skipped} == {
        "Google forms, drawings, sites and the like are not read",
        ".png files are not read",
    }
    assert not unlisted
    assert not google.asked("export")
    assert not google.asked("alt=media")


def test_the_account_signs_for_google_and_asks_once_in_an_hour(tmp_path: Path) -> None:
    google = drive()
    with source(tmp_path, google) as opened_source:
        listed(opened_source)
        listed(opened_source)
    (statement,) = google.statements
    assert (statement["iss"], statement["aud"], statement["kid"]) == (EMAIL, f"{google.url}token", "k1")
    assert statement["scope"] == "https://www.googleapis.com/auth/drive.readonly"
    assert statement["exp"] - statement["iat"] == 3600


def test_a_token_about_to_end_or_withdrawn_is_replaced(tmp_path: Path) -> None:
    google = drive()
    google.lifetime = 200
    with source(tmp_path, google) as opened_source:
        listed(opened_source)
        assert len(google.statements) == len(google.asked("/drive/v3"))
        google.lifetime = 3599
        listed(opened_source)
        google.withdraw_tokens()
        assert listed(opened_source)[0]


def test_documents_of_google_are_read_as_files(tmp_path: Path) -> None:
    google = drive()
    deck, book = slides(), workbook()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Roadmap"
    book.worksheets[0].append(["Band", "Pay"])
    google.rows.append(row("deck", "Plan", ROOT, f"{GOOGLES}presentation"))
    google.contents |= {"deck": saved(deck), "sheet": saved(book)}
    with source(tmp_path, google) as opened_source:
        texts = {
            one.id: parse(one.read(), one.name, one.media_type)
            for one in listed(opened_source)[0]
            if one.id != "pdf-1"
        }
    assert (texts["doc-1"].title, "twelve weeks" in texts["doc-1"].text) == ("Parental leave", True)
    assert "Roadmap" in texts["deck"].text
    assert "Band" in texts["sheet"].text
    assert len(google.asked("/export?mimeType=")) == 3


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (ROOT, ["pdf-1", "doc-1", "sheet"]),
        ("https://drive.google.com/open?id=the-hr-folder", ["sheet-2"]),
        ("https://docs.google.com/document/u/0/d/a-doc-of-its-own/edit#heading=h.1", ["a-doc-of-its-own"]),
    ],
)
def test_a_folder_or_a_single_document_by_its_address_or_id(
    tmp_path: Path, location: str, expected: list[str]
) -> None:
    google = drive()
    google.rows += [
        row("the-hr-folder", "HR", "elsewhere", FOLDER),
        row("sheet-2", "Bands", "the-hr-folder", f"{GOOGLES}spreadsheet"),
        row("a-doc-of-its-own", "Minutes", "elsewhere"),
    ]
    with source(tmp_path, google, location) as opened_source:
        assert ids(listed(opened_source)[0]) == expected


def test_include_and_exclude_choose_by_path_and_spare_the_listing(tmp_path: Path) -> None:
    google = drive()
    with source(tmp_path, google, exclude="/HR/") as opened_source:
        originals, skipped, _ = listed(opened_source)
    assert ids(originals) == ["pdf-1", "doc-1"]
    assert "folders left out by exclude" in {one.reason for one in skipped}
    assert not google.asked("%27hr%27")


def test_a_change_is_told_by_the_listing_and_by_nothing_else(tmp_path: Path) -> None:
    google = drive()
    with source(tmp_path, google) as opened_source:
        before = versions(opened_source)
        google.file("pdf-1")["version"] = "8"  # somebody shared it: its content is the same
        assert versions(opened_source) == before
        google.file("doc-1")["version"] = "8"
        google.file("pdf-1")["md5Checksum"] = "def"
        google.file("sheet")["name"] = "Pay bands"
        after = versions(opened_source)
    assert [each for each in before if before[each] == after[each]] == []


def test_shortcuts_lead_out_of_the_folder_and_are_followed_only_when_that_is_meant(tmp_path: Path) -> None:
    google = drive()
    for name, target in (
        ("a", "plans"),
        ("b", "pdf-1"),
        ("c", ROOT),
        ("d", "unshared"),
        ("e", "b"),
        ("f", "old"),
    ):
        google.rows.append(row(name, f"To {target}", "hr", SHORTCUT, shortcutDetails={"targetId": target}))
    with source(tmp_path, google) as opened_source:
        assert ids(listed(opened_source)[0]) == ["pdf-1", "doc-1", "sheet"]
    assert not google.asked("/plans")
    with source(tmp_path, google, shortcuts="yes") as opened_source:
        originals, skipped, _ = listed(opened_source)
    assert ids(originals) == ["pdf-1", "doc-1", "plans", "sheet"]
    reasons = [one.reason for one in skipped if "shortcuts" in one.reason]
    assert reasons.count("shortcuts to what is not shared with the bot") == 1
    assert reasons.count("shortcuts to folders, and to what is in the trash, are not followed") == 3


def test_folders_that_contain_each_other_and_files_in_two_of_them_are_listed_once(tmp_path: Path) -> None:
    google = drive()
    google.file("hr")["parents"] = [ROOT, "deep"]
    google.file(ROOT)["parents"] = ["hr"]
    google.file("sheet")["parents"] = ["deep", "hr", ROOT]
    with source(tmp_path, google) as opened_source:
        assert sorted(ids(listed(opened_source)[0])) == ["doc-1", "pdf-1", "sheet"]


def test_folders_nest_only_so_deep(tmp_path: Path) -> None:
    google = Google(rows=[row(ROOT, "0", "elsewhere", FOLDER)])
    for depth in range(60):
        google.rows.append(row(f"f{depth + 1}", str(depth), f"f{depth}" if depth else ROOT, FOLDER))
    with source(tmp_path, google) as opened_source:
        _, skipped, _ = listed(opened_source)
    assert [one.reason for one in skipped] == ["folders more than 50 deep"]


def test_what_may_not_be_downloaded_is_said(tmp_path: Path) -> None:
    google = drive()
    google.file("pdf-1")["capabilities"] = {"canDownload": False}
    with source(tmp_path, google) as opened_source:
        originals, skipped, _ = listed(opened_source)
    assert "pdf-1" not in ids(originals)
    assert "files that their owner does not let others download" in {one.reason for one in skipped}


@pytest.mark.parametrize(
    ("status", "reason", "error", "words"),
    [
        (403, "exportSizeLimitExceeded", DocumentUnreadable, "larger than the 10 MB"),
        (403, "cannotDownloadAbusiveFile", DocumentUnreadable, "malware"),
        (403, "cannotDownloadFile", DocumentUnreadable, "may not be downloaded"),
        (403, "domainPolicy", SourceUnavailable, "refuses"),
        (404, "notFound", SourceUnavailable, "does not show"),
        (500, "internalError", SourceUnavailable, "fault of its own"),
    ],
)
def test_a_document_that_is_not_given_says_why_and_does_not_stop_the_others(
    tmp_path: Path, status: int, reason: str, error: type[Exception], words: str
) -> None:
    google = drive()
    google.faults = {"/doc-1/export": [(status, reason, {})]}
    with source(tmp_path, google) as opened_source:
        pdf, document, _ = listed(opened_source)[0]
        with pytest.raises(error, match=words):
            document.read()
        assert pdf.read() == b"%PDF-1.7\n"


def test_a_file_too_large_is_not_even_asked_for_and_one_larger_than_it_says_is_cut_off(
    tmp_path: Path,
) -> None:
    google = drive()
    google.file("pdf-1")["size"] = "99000000"
    google.contents["doc-1"] = bytes(26_000_000)
    with source(tmp_path, google) as opened_source:
        pdf, document, _ = listed(opened_source)[0]
        for one in (pdf, document):
            with pytest.raises(DocumentUnreadable, match="is larger than 25 MB"):
                one.read()
    assert not google.asked("alt=media")


@pytest.mark.parametrize(
    "fault",
    [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded"), (503, "")],
)
def test_a_rate_limit_is_waited_for(tmp_path: Path, fault: tuple[int, str]) -> None:
    google = drive()
    now = {"Retry-After": "0"}
    google.faults = {"in+parents": [(*fault, now)] * 3, "alt=media": [(*fault, now)]}
    with source(tmp_path, google) as opened_source:
        originals, _, _ = listed(opened_source)
        assert ids(originals) == ["pdf-1", "doc-1", "sheet"]
        assert originals[0].read()


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ((429, "rateLimitExceeded", {"Retry-After": "7200"}), SourceUnavailable, "7200 seconds"),
        ((403, "rateLimitExceeded", {"Retry-After": "0"}), SourceUnavailable, "again and again"),
        ((401, "authError", {}), ConfigError, "GOOGLE_CREDENTIALS_FILE"),
        ((403, "accessNotConfigured", {}), ConfigError, "not enabled in the project of footnote@acme"),
        ((403, "dailyLimitExceeded", {}), SourceUnavailable, "refuses"),
        ((400, "badRequest", {}), SourceUnavailable, "refuses"),
        ((502, "", {}), SourceUnavailable, "fault of its own"),
    ],
)
def test_a_listing_that_breaks_off_says_why(
    tmp_path: Path, fault: tuple[int, str, dict[str, str]], error: type[Exception], words: str
) -> None:
    google = drive()
    google.faults = {"%27hr%27": [fault] * 5}
    with source(tmp_path, google) as opened_source, pytest.raises(error, match=words) as raised:
        listed(opened_source)
    assert "ya29" not in str(raised.value)


def test_a_folder_that_vanishes_and_a_search_that_is_not_complete_delete_nothing(tmp_path: Path) -> None:
    google = drive()
    google.faults = {"%27deep%27": [(404, "notFound", {})]}
    with source(tmp_path, google) as opened_source:
        originals, _, (unlisted,) = listed(opened_source)
        assert ids(originals) == ["pdf-1", "doc-1"]
        assert "sheet".startswith(unlisted.prefix)
        assert "HR/Pay" in unlisted.reason
        google.incomplete = True
        with pytest.raises(SourceUnavailable, match="everywhere"):
            listed(opened_source)


def test_a_folder_that_was_never_shared_is_no_reason_to_delete_and_one_taken_away_is(tmp_path: Path) -> None:
    google = drive()
    kept = google.rows
    google.rows = []
    with source(tmp_path, google) as opened_source:
        with pytest.raises(SourceUnavailable, match=f"share it with {EMAIL}"):
            listed(opened_source)
        google.rows = kept
        assert listed(opened_source)[0]
        google.file(ROOT)["trashed"] = True
        with pytest.raises(SourceGone):
            listed(opened_source)
        google.rows = []
        with pytest.raises(SourceGone):
            listed(opened_source)


def test_another_account_that_is_not_let_in_yet_deletes_nothing(tmp_path: Path) -> None:
    """The key file was exchanged: what the old account saw, the new one may be shown tomorrow."""
    google = drive()
    with source(tmp_path, google) as opened_source:
        assert listed(opened_source)[0]
    google.email, google.rows = "new@acme.iam.gserviceaccount.com", []
    with (
        source(tmp_path, google) as opened_source,
        pytest.raises(SourceUnavailable, match="share it with new@acme"),
    ):
        listed(opened_source)


def test_a_refused_key_names_the_setting(tmp_path: Path) -> None:
    google = drive()
    other = pem(generate_private_key(public_exponent=65537, key_size=2048))
    with (
        source(tmp_path, google, key={"private_key": other}) as opened_source,
        pytest.raises(ConfigError, match="GOOGLE_CREDENTIALS_FILE") as raised,
    ):
        listed(opened_source)
    assert "PRIVATE KEY" not in str(raised.value)
    assert google.calls == ["/token"]


def test_a_token_endpoint_that_is_down_is_waited_for(tmp_path: Path) -> None:
    google = drive()
    google.faults = {"/token": [(503, "", {"Retry-After": "9"})]}
    with source(tmp_path, google) as opened_source:
        with pytest.raises(SourceUnavailable) as raised:
            listed(opened_source)
        assert raised.value.retry_after_seconds == 9
        assert listed(opened_source)[0]


@pytest.mark.parametrize(
    "token_uri",
    [
        "https://evil.example/token",
        "https://oauth2.googleapis.com.evil.example/token",
        "https://oauth2.googleapis.com@evil.example/token",
        "http://oauth2.googleapis.com/token",
        "http://127.0.0.1:1/token",
        "https://[oauth2.googleapis.com/token",
        "",
    ],
)
def test_a_planted_key_file_leads_nowhere(tmp_path: Path, token_uri: str) -> None:
    google = drive()
    with (
        pytest.raises(ConfigError, match="not Google's"),
        source(tmp_path, google, key={"token_uri": token_uri}),
    ):
        pass
    assert not google.calls


@pytest.mark.parametrize(
    "token_uri", ["https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token"]
)
def test_the_key_files_that_google_makes_are_taken(tmp_path: Path, token_uri: str) -> None:
    with source(tmp_path, drive(), key={"token_uri": token_uri}) as opened_source:
        assert opened_source.count() is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "GOOGLE_CREDENTIALS_FILE names a file that cannot be read"),
        ("not json, private", "GOOGLE_CREDENTIALS_FILE does not name the key file"),
        ('{"type": "authorized_user", "refresh_token": "private"}', "does not name the key file"),
    ],
)
def test_a_file_that_is_no_key_file_is_named_without_its_content(
    tmp_path: Path, content: str | None, words: str
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with (
        means(tmp_path, google=GoogleSettings(credentials_file=path)) as given,
        pytest.raises(ConfigError, match=words) as raised,
    ):
        opened(given, "google_drive", PLACE)
    assert "private" not in str(raised.value)


def test_a_private_key_that_is_none_names_the_setting(tmp_path: Path) -> None:
    google = drive()
    with (
        source(tmp_path, google, key={"private_key": "nonsense"}) as opened_source,
        pytest.raises(ConfigError, match="private key that cannot be used"),
    ):
        listed(opened_source)


def test_a_missing_setting_or_a_wrong_address_is_named(tmp_path: Path) -> None:
    with means(tmp_path, google=GoogleSettings()) as given:
        with pytest.raises(ConfigError, match="GOOGLE_CREDENTIALS_FILE is missing"):
            opened(given, "google_drive", PLACE)
        for location in (
            "",
            "https://drive.google.com/drive/my-drive",
            "https://drive.google.com/drive/folders/a'b or 1",
        ):
            with pytest.raises(ConfigError, match="not the address of a folder"):
                opened(given, "google_drive", location)


def test_a_second_sync_downloads_nothing_and_later_ones_only_what_changed(
    tmp_path: Path, workbench: Workbench
) -> None:
    google = drive()
    google.rows = [one for one in google.rows if one["id"] in {ROOT, "doc-1", "hr"}]
    google.rows.append(row("note", "notes.md", "hr", "text/markdown", md5Checksum="a"))
    google.contents["note"] = b"# Notes\n\nThe office opens at nine."
    with source(tmp_path, google) as opened_source:
        registered = workbench.catalogue.add_source(
            "Handbook", kind="google_drive", location=PLACE, readers=["members"]
        )
        assert synced(workbench, registered, opened_source).added == 2
        downloads = len(google.asked("/note?alt")) + len(google.asked("/export"))
        assert synced(workbench, registered, opened_source).unchanged == 2
        assert len(google.asked("alt=media")) + len(google.asked("/export")) == downloads == 2
        google.file("note")["name"] = "house.md"
        renamed = synced(workbench, registered, opened_source)
        assert (renamed.changed, renamed.embedded, renamed.deleted) == (1, 0, 0)
        google.file("note")["md5Checksum"] = "b"
        google.contents["note"] = b"# Notes\n\nThe office opens at ten."
        google.file("doc-1")["trashed"] = True
        report = synced(workbench, registered, opened_source)
    assert (report.changed, report.deleted, report.unchanged) == (1, 1, 0)
    assert len(google.asked("/export")) == 1
    assert workbench.index.document_ids("T1", registered.id) == {"note"}


def synced(workbench: Workbench, registered: RegisteredSource, source: Source) -> SyncReport:
    return sync(
        source, registered, catalogue=workbench.catalogue, reader=workbench.reader, embedder=workbench.embedder,
        index=workbench.index, progress=lambda _: None,
    )  # fmt: skip
