"""The app installed in a workspace as a browser does it: to the bot, to the sandbox's page of Slack's, and back."""

from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from bot.installing import INSTALL, REDIRECT


def install(port: int, team_id: str, user: str = "U01INES") -> tuple[int, str]:
    """Status and page, from the bot that listens on the port."""
    bot = f"127.0.0.1:{port}"
    _, headers, _ = get(bot, INSTALL)
    cookie = headers["Set-Cookie"].partition(";")[0]
    to_slack = urlsplit(headers["Location"])
    choice = urlencode({"team": team_id, "user": user, "redirect_uri": f"http://{bot}{REDIRECT}"})
    _, headers, _ = get(to_slack.netloc, f"{to_slack.path}?{to_slack.query}&{choice}")
    back = urlsplit(headers["Location"])
    status, _, page = get(back.netloc, f"{back.path}?{back.query}", cookie)
    return status, page


def get(host: str, path: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection(host, timeout=10)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()
