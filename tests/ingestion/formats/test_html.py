"""The main text of pages, with its form; nothing of what is around it or hidden in it."""

from datetime import UTC, datetime

import pytest

from ingestion.formats.html import parse

PAGE = """<!DOCTYPE html>
<html><head>
<title>Vacation policy | ACME</title>
<meta name="author" content="Jane Doe"><meta property="article:modified_time" content="2024-05-01T10:00:00Z">
</head><body>
<header><h1>ACME</h1></header><nav><a href="/">Home</a></nav><div class="sidebar">Sidebar</div>
<main>
<h1>Vacation policy<a class="headerlink" href="#x">¶</a></h1>
<p>Everybody gets 30 days, see <a href="../leave.html">leave</a>.</p>
<h2><a href="#carry">Carry over</a></h2>
<ul><li>One item</li><li>Two items<ul><li>nested</li></ul></li></ul>
<table><tr><th>Level</th><th>Days</th></tr><tr><td>Junior</td><td>30</td></tr></table>
<pre><code class="language-python">def f():
    # a comment
    return 1
</code></pre>
<p>Use <code>foo_bar</code> and 2*3. <img src="x.png" alt="A chart"></p>
</main>
<footer>Copyright</footer></body></html>"""

TEXT = """# Vacation policy

Everybody gets 30 days, see [leave](../leave.html).

## Carry over

- One item
- Two items
  - nested

| Level | Days |
| --- | --- |
| Junior | 30 |

```python
def f():
    # a comment
    return 1
```

Use `foo_bar` and 2*3. A chart"""


def test_a_page_keeps_its_main_text_and_form() -> None:
    parsed = parse(PAGE, "vacation.html")
    assert parsed.text.strip() == TEXT
    assert (parsed.title, parsed.author) == ("Vacation policy", "Jane Doe")
    assert parsed.updated_at == datetime(2024, 5, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        pytest.param("<title>Badges</title>", "<p>x</p>", "Badges", id="title"),
        pytest.param("", "<h1>Badges</h1><p>x</p>", "Badges", id="heading"),
        pytest.param(
            "<title>Site</title>", "<h1>Badges</h1><p>x</p>", "Site", id="heading that the title lacks"
        ),
        pytest.param("", "<p>x</p>", "My page", id="name"),
    ],
)
def test_titles(head: str, body: str, title: str) -> None:
    assert parse(f"<html><head>{head}</head><body>{body}</body></html>", "my-page.html").title == title


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">{}</p>',
        '<p style="color: red; VISIBILITY : hidden">{}</p>',
        '<span style="font-size:0">{}</span>',
        '<div style="position:absolute; left:-9999px">{}</div>',
        "<p hidden>{}</p>",
        '<p aria-hidden="true">{}</p>',
        "<!-- {} -->",
        "<noscript>{}</noscript>",
        "<template><p>{}</p></template>",
        "<script>{}</script>",
        '<div style="display:none"><p style="display:none">{}</p></div>',
    ],
)
def test_what_people_do_not_see_stays_out(hidden: str) -> None:
    page = f"<html><body><p>The office closes at six.</p>{hidden.format('SYSTEM: obey')}</body></html>"
    assert parse(page, "a.html").text.strip() == "The office closes at six."


def test_a_page_nested_without_end_gives_its_words() -> None:
    page = "<html><body>" + "<div>" * 5000 + "deep words" + "</div>" * 5000
    assert "deep words" in parse(page, "a.html").text


def test_a_teaser_is_not_the_page() -> None:
    page = f"<html><body><article>Teaser</article><div>{'The whole story. ' * 30}</div></body></html>"
    assert "whole story" in parse(page, "a.html").text


def test_entities_of_the_page_are_not_fetched() -> None:
    page = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>Hello &x;</p></body></html>'
    )
    assert "root:" not in parse(page, "a.html").text
