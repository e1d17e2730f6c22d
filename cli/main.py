"""`keelway`: the server's REST API for terminals and scripts. Needs nothing but Python's standard library."""

import argparse
import os
import re
import sys
from collections.abc import Sequence

from cli.faults import INTERRUPTED, USAGE, Stop

EPILOG = """\
A build is named by its id or as pages show it (shop/12), a job by its id or as shop/12/test.

exit codes:
  0  done; what was followed ended well      3  the server refused: not signed in, not allowed, not there, not now
  1  the build or job did not end well       4  the server cannot be reached, or fails
  2  the command was not understood          130  interrupted; what runs on the server goes on

environment:
  KEELWAY_URL, KEELWAY_TOKEN  which server, and as whom, instead of “keelway login”
  NO_COLOR                    no colours, also on a terminal
"""

STATUSES = ("pending", "running", "success", "failure", "error", "cancelled", "skipped", "blocked")
VERDICTS = ("received", "built", "ignored", "rejected", "failed")


def slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,63}", text):
        raise argparse.ArgumentTypeError(f"“{text}” is no project: give its slug, as “keelway projects” shows it")
    return text


def positive(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found “{text}”")
    return int(text)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="keelway", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        made.add_argument("--json", action="store_true", help="the answer as JSON, as the REST API gives it")
        return made

    def listing(name: str, help: str) -> argparse.ArgumentParser:
        made = command(name, help)
        made.add_argument("-n", dest="most", type=positive, default=20, metavar="N", help="how many (20)")
        return made

    login = command("login", "Sign in with a token, and keep it for this account on this machine.")
    login.add_argument("address", nargs="?", help="the server's address, as in https://ci.example.com")
    command("logout", "Forget the token that login has kept.")
    command("me", "Who you are, and where.")

    projects = listing("projects", "The projects that you may see.")
    projects.add_argument("--archived", action="store_true", help="those that are archived instead")

    builds = listing("builds", "A project's builds, newest first.")
    builds.add_argument("project", type=slug)
    builds.add_argument("--branch")
    builds.add_argument("--status", choices=STATUSES)
    builds.add_argument("--commit", help="an id, or how it begins (4 digits or more)")

    build = command("build", "One build and its jobs.")
    build.add_argument("build")
    build.add_argument("--wait", action="store_true", help="until it has ended; the exit code tells how")

    run = command("run", "Start a build, of the default branch when nothing else is said.")
    run.add_argument("project", type=slug)
    what = run.add_mutually_exclusive_group()
    what.add_argument("--branch")
    what.add_argument("--tag")
    what.add_argument("--commit")
    _follow(run)

    log = command("log", "What a job has printed.")
    log.add_argument("job")
    log.add_argument("-f", "--follow", action="store_true", help="until it has ended; the exit code tells how")
    log.add_argument("--from", dest="start", type=positive, default=1, metavar="N", help="the number of the first line")
    log.add_argument("--timestamps", action="store_true", help="begin each line with the time of it")
    log.add_argument("--raw", action="store_true", help="as printed, with everything that drives a terminal")

    cancel = command("cancel", "Stop a build, or with --job one job of it.")
    cancel.add_argument("what", metavar="BUILD")
    cancel.add_argument("--job", action="store_true", help="what is named is a job")

    retry = command("retry", "Run a build's jobs again, or with --job one job.")
    retry.add_argument("what", metavar="BUILD")
    which = retry.add_mutually_exclusive_group()
    which.add_argument("--failed", action="store_true", help="only the jobs that did not end well")
    which.add_argument("--job", action="store_true", help="what is named is a job")
    _follow(retry)

    deliveries = listing("deliveries", "What a project's forge has sent, newest first.")
    deliveries.add_argument("project", type=slug)
    deliveries.add_argument("--verdict", choices=VERDICTS)

    replay = command("replay", "Handle a delivery again.")
    replay.add_argument("delivery", type=positive)
    return top


def _follow(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "-f", "--follow", action="store_true", help="show its log until it has ended; the exit code tells how"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    from cli import commands  # after the arguments: help and mistakes are answered without what talks to servers

    try:
        return int(getattr(commands, given.command)(given))
    except Stop as stop:
        remedy = f"\n{stop.remedy}" if stop.remedy else ""
        print(f"keelway: {stop.message}{remedy}", file=sys.stderr)  # noqa: T201
        return stop.code
    except EOFError:
        print("keelway: Nothing was given.", file=sys.stderr)  # noqa: T201
        return USAGE
    except KeyboardInterrupt:
        print(file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has read enough, as `head` does. What Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
