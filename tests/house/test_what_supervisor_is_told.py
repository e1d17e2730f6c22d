import configparser
from pathlib import Path

from house.installation import Installation
from house.programs import Program, keelway, render

HERE = Installation(Path("/srv/state"), "127.0.0.1", 8000, slots=3, public_url="http://localhost:8000")


def told(*programs: Program) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(render(programs, Path("/srv/state"), name="keelway"))
    return parser


def test_an_installation_is_web_scheduler_and_worker() -> None:
    assert [program.name for program in keelway(HERE)] == ["web", "scheduler", "worker"]


def test_the_worker_stops_before_what_its_jobs_may_need() -> None:
    ranks = {program.name: program.rank for program in keelway(HERE)}

    assert ranks["worker"] == max(ranks.values())


def test_the_worker_runs_as_many_jobs_at_once_as_there_are_slots() -> None:
    worker = next(program for program in keelway(HERE) if program.name == "worker")

    assert worker.argv[worker.argv.index("-c") + 1] == "3"
    assert worker.argv[worker.argv.index("-Q") + 1] == "jobs"


def test_a_per_cent_sign_does_not_begin_an_expansion() -> None:
    section = told(Program("web", ["serve", "--format=%h"], rank=1))["program:web"]

    assert "--format=%%h" in section["command"]


def test_arguments_with_spaces_stay_one_argument() -> None:
    section = told(Program("web", ["serve", "/srv/my site"], rank=1))["program:web"]

    assert section["command"].endswith("serve '/srv/my site'")


def test_whoever_kills_the_supervisor_ends_its_children_too() -> None:
    section = told(Program("web", ["serve"], rank=1))["program:web"]

    assert section["command"].startswith("setpriv --pdeathsig TERM ")


def test_a_quiet_program_is_kept_in_its_log_only() -> None:
    parser = told(Program("redis", ["redis-server"], rank=1, quiet=True), Program("web", ["serve"], rank=2))

    assert parser["program:redis"]["stdout_events_enabled"] == "false"
    assert parser["program:redis"]["stdout_logfile"] == "/srv/state/log/redis.log"
    assert parser["program:web"]["stdout_events_enabled"] == "true"


def test_development_reloads_all_three_when_the_code_changes() -> None:
    developing = Installation(HERE.var, HERE.host, HERE.port, 2, HERE.public_url, reloading=True)

    web, scheduler, worker = keelway(developing)

    assert "--reload" in web.argv
    assert "watchfiles" in scheduler.argv
    assert "watchfiles" in worker.argv
