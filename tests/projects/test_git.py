"""Git runs with nothing of the server's own, within its time, and its failures are told to people."""

import subprocess
import threading
import time
from pathlib import Path

import pytest

from projects import git
from projects.access import Credential, Kind, environment, ssh_command
from projects.faults import GitFailed, explain
from projects.refs import is_commit, is_nothing, is_ref_name

HOST = "https://git.example.com/team/shop.git"


@pytest.mark.parametrize("name", ["main", "release/1.2", "refs/heads/ünïcode", "a@b", "v1.0-rc.1"])
def test_it_takes_a_name_that_git_takes(name: str) -> None:
    assert is_ref_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *["", "@", "-f", "--upload-pack=x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b", "/a", "a/"],
        *["a//b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "a@{1}", "a\nb", "a\x00", "x" * 251],
    ],
)
def test_it_refuses_a_name_that_git_refuses(name: str) -> None:
    assert not is_ref_name(name)


def test_a_commit_is_forty_or_sixty_four_hexadecimal_digits() -> None:
    assert is_commit("a" * 40)
    assert is_commit("0" * 64)
    assert not is_commit("a" * 39)
    assert not is_commit("A" * 40)
    assert not is_commit("a" * 40 + "\n")
    assert is_nothing("0" * 40)
    assert not is_nothing("0" * 39 + "1")


def test_nothing_of_the_servers_environment_reaches_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@localhost")

    with environment() as env:
        assert "hidden" not in str(env)
        assert "GIT_DIR" not in env
        assert env["GIT_ALLOW_PROTOCOL"] == "https:ssh:file"


def test_a_password_is_bound_to_its_host_and_in_no_argument() -> None:
    credential = Credential(Kind.PASSWORD, username="ci", password="tok-123456")

    with environment(credential, url=HOST) as env:
        keys = {value for name, value in env.items() if name.startswith("GIT_CONFIG_KEY")}
        assert "credential.https://git.example.com.helper" in keys
        assert [name for name, value in env.items() if "tok-123456" in value] == ["KEELWAY_GIT_PASSWORD"]
    with environment(credential, url="ssh://git@git.example.com/x") as env:
        assert "tok-123456" not in str(env)
    assert "tok-123456" not in repr(credential)


def test_git_asks_the_helper_for_the_password() -> None:
    credential = Credential(Kind.PASSWORD, username="ci", password="p%s $(id) 'q\"")

    with environment(credential, url=HOST) as env:
        asked = subprocess.run(
            ["git", "credential", "fill"], input=f"url={HOST}\n", env=env, capture_output=True, text=True, check=True
        )
    assert "username=ci\n" in asked.stdout
    assert "password=p%s $(id) 'q\"\n" in asked.stdout


def test_a_private_key_is_in_a_file_that_is_gone_afterwards() -> None:
    credential = Credential(Kind.SSH_KEY, private_key="KEY\n")

    with environment(credential) as env:
        path = Path(env["GIT_SSH_COMMAND"].split(" -i ")[1].split()[0])
        assert path.read_text() == "KEY\n"
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()
    assert "PubkeyAuthentication=no" in ssh_command(None)


def test_it_ends_what_takes_too_long_with_all_that_it_started(tmp_path: Path) -> None:
    sleeper = {"alias__wait": f"!echo $$ > {tmp_path}/pid; trap '' TERM; sleep 60"}

    with pytest.raises(GitFailed, match="did not finish within 1 seconds") as found:
        git.run(["wait"], timeout=1, **sleeper)

    assert found.value.transient
    state = Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}/stat")
    for _ in range(100):  # it was told to end; when it does is the machine's affair
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] in {"Z", "X"}:
            return
        time.sleep(0.1)
    pytest.fail("what Git had started lives on")


def test_it_stops_when_it_is_told_to() -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()

    with pytest.raises(git.Stopped):
        git.run(["wait"], timeout=60, stop=stop, alias__wait="!sleep 60")


def test_an_endless_answer_is_cut_off() -> None:
    with pytest.raises(GitFailed, match="larger than 1,000 bytes"):
        git.run(["talk"], most=1000, alias__talk="!yes")


@pytest.mark.parametrize(
    ("said", "reason", "remedy", "transient"),
    [
        ("fatal: unable to access 'x': Could not resolve host: git.example.com", "was not found", "DNS", True),
        (
            "fatal: could not read Username for 'https://…': terminal prompts disabled",
            "did not let us in",
            "token",
            False,
        ),
        ("remote: Repository not found.\nfatal: repository 'x' not found", "no repository", "Check the path", False),
        ("fatal: unable to access: The requested URL returned error: 503", "fault of its own", "later", True),
        ("Host key verification failed.\nfatal: Could not read from remote", "host key", "known_hosts", False),
        ("fatal: unable to access: SSL certificate problem: self-signed", "not trusted", "SSL_CERT_FILE", False),
        ("fatal: something new", "Git said: fatal: something new", "", False),
    ],
)
def test_a_failure_is_told_with_a_remedy(said: str, reason: str, remedy: str, transient: bool) -> None:
    failure = explain(said, HOST, Kind.NONE)

    assert reason in failure.reason
    assert remedy in failure.remedy
    assert failure.transient is transient


def test_no_credential_stands_in_what_a_failure_tells() -> None:
    credential = Credential(Kind.PASSWORD, username="ci", password="tok-123456")

    told = git.without_credentials("fatal: https://ci:other@git.example.com/x: tok-123456 is wrong", credential)

    assert told == "fatal: https://git.example.com/x: *** is wrong"
