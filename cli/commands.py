"""What each command does: ask the server, show the answer, return the exit code."""

import getpass
import json
import sys
from argparse import Namespace
from typing import Any

from cli import account
from cli.faults import FINE, USAGE, Stop
from cli.following import Follower, summary, verdict
from cli.naming import build_id, job_id
from cli.server import Json, Server
from cli.terminal import ago, log_text, plain, say, state, table, took


def login(given: Namespace) -> int:
    url = account.checked(given.address or input("Address of the server, as in https://ci.example.com: ").strip())
    if sys.stdin.isatty():
        say(f"Make a token at {url}/you/tokens/ and paste it here. It is not shown.")
        token = getpass.getpass("Token: ").strip()
    else:
        token = sys.stdin.readline().strip()
    if not token.isascii() or not token.isprintable() or not token:
        raise Stop(USAGE, "That is not a token.", "It begins with kw_.")
    found = account.Account(url, token)
    me = Server(found).get("me")
    path = account.keep(found)
    say(f"Signed in at {url} as {plain(me['username'])}. Kept in {path}.")
    return FINE


def logout(given: Namespace) -> int:
    say("Forgotten. The token still works until you revoke it." if account.forget() else "Nothing was kept.")
    return FINE


def me(given: Namespace) -> int:
    server = _server()
    found = server.get("me")
    role = ", administrator" if found["administrator"] else ""
    return _shown(given, found, f"{plain(found['username'])}{role} at {server.account.url}")


def projects(given: Namespace) -> int:
    rows = list(_server().list("projects", given.most, archived="true" if given.archived else ""))
    if given.json:
        return _json(rows)
    reach = {"reached": "reachable", "failed": "not reachable", "checking": "being checked", "unknown": ""}
    table(
        ([plain(row["slug"]), plain(row["name"]), plain(row["git_url"]), reach.get(row["reach"], "")] for row in rows),
        "No projects. An administrator makes them, on the server's first page or by the API.",
    )
    return FINE


def builds(given: Namespace) -> int:
    asked = {"branch": given.branch, "status": given.status, "commit": given.commit}
    rows = list(_server().list(f"projects/{given.project}/builds", given.most, **asked))
    if given.json:
        return _json(rows)
    table((_row(row) for row in rows), f"No builds. Start one: keelway run {plain(given.project)}")
    return FINE


def build(given: Namespace) -> int:
    server = _server()
    number = build_id(server, given.build)
    found = Follower(server, quiet=True).build(number) if given.wait else server.get(f"builds/{number}")
    if given.json:
        _json(found)
    else:
        say(f"{state(found['status'])}  {plain(found['project'])} #{found['number']}  {_page(server, found)}")
        what = found["tag"] or found["branch"]
        title = found["message"].strip().partition("\n")[0]
        say(plain(f"{what} {found['commit'][:7]} {title} {found['author_name']}").strip())
        for line in (
            found["reason"],
            *(f"{p['file']}:{p['line']}:{p['column']}: {p['message']}" for p in found["problems"]),
        ):
            if line:
                say(plain(line))
        table((_job_row(job) for job in found["jobs"]), "It has no jobs yet.")
    return verdict(found) if given.wait else FINE


def run(given: Namespace) -> int:
    server = _server()
    wanted = {name: getattr(given, name) for name in ("branch", "tag", "commit") if getattr(given, name)}
    made = server.post(f"projects/{given.project}/builds", wanted)
    return _followed(given, server, made)


def log(given: Namespace) -> int:
    server = _server()
    number = job_id(server, given.job)
    if given.follow:
        found = Follower(server, quiet=given.json, form=lambda line: _line(given, line)).job(number, given.start)
        if given.json:
            return _json(found) or verdict(found)
        say(f"{state(found['status'])}  {plain(found['name'])}. {plain(found['reason'])}".rstrip(". "))
        return verdict(found)
    page: dict[str, Any] = {"next": given.start}
    while True:
        page = server.get(f"jobs/{number}/log", **{"from": page["next"], "limit": 5000})
        for line in page["lines"]:
            say(_line(given, line))
        if page["complete"] or not page["lines"]:
            return FINE


def cancel(given: Namespace) -> int:
    server = _server()
    place = f"jobs/{job_id(server, given.what)}" if given.job else f"builds/{build_id(server, given.what)}"
    found = server.post(f"{place}/cancel")
    return _shown(given, found, f"{state(found['status'])}  What runs is being stopped.")


def retry(given: Namespace) -> int:
    server = _server()
    if given.job:
        found = server.post(f"jobs/{job_id(server, given.what)}/retry")
        found = server.get(f"builds/{found['build']}")
    else:
        found = server.post(f"builds/{build_id(server, given.what)}/retry", {"failed_only": given.failed})
    return _followed(given, server, found)


def deliveries(given: Namespace) -> int:
    rows = list(_server().list(f"projects/{given.project}/deliveries", given.most, verdict=given.verdict))
    if given.json:
        return _json(rows)
    cells = ("id", "forge", "event", "verdict", "detail")
    table(
        ([*(plain(row[cell]) for cell in cells), ago(row["received_at"])] for row in rows),
        "Nothing was received yet. Where the webhook goes stands in the project's settings.",
    )
    return FINE


def replay(given: Namespace) -> int:
    found = _server().post(f"deliveries/{given.delivery}/replay")
    return _shown(given, found, f"Delivery {found['id']} is being handled.")


def _server() -> Server:
    return Server(account.current())


def _followed(given: Namespace, server: Server, made: Json) -> int:
    if not given.follow:
        return _shown(
            given, made, f"{state(made['status'])}  #{made['number']}  id {made['id']}  {_page(server, made)}"
        )
    if not given.json:
        say(f"Build #{made['number']}, id {made['id']}: {_page(server, made)}")
    ended = Follower(server, quiet=given.json).build(made["id"])
    if given.json:
        _json(ended)
    else:
        summary(ended)
    return verdict(ended)


def _page(server: Server, build: Json) -> str:
    return f"{server.account.url}/projects/{build['project']}/builds/{build['number']}/"


def _row(row: Json) -> list[str]:
    what = plain(row["tag"] or row["branch"])
    title = plain(row["message"].strip().partition("\n")[0])[:60]
    return [
        f"#{row['number']}",
        f"id {row['id']}",
        state(row["status"]),
        what,
        row["commit"][:7],
        title,
        ago(row["created_at"]),
    ]


def _job_row(job: Json) -> list[str]:
    return [
        f"id {job['id']}",
        state(job["status"]),
        plain(job["name"]),
        took(job),
        plain(job["waiting"] or job["reason"]),
    ]


def _line(given: Namespace, line: Json) -> str:
    if given.json:
        return json.dumps(line)
    text = str(line["text"]) if given.raw else log_text(line["text"])
    return f"{line['t']} {text}" if given.timestamps else text


def _shown(given: Namespace, found: Json, text: str) -> int:
    if given.json:
        return _json(found)
    say(text)
    return FINE


def _json(found: Any) -> int:
    say(json.dumps(found, indent=2))
    return FINE
