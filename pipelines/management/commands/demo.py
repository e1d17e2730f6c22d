import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from builds.models import Build, Job
from builds.states import State
from pipelines.forges.plain import post_receive
from pipelines.models import Delivery
from projects.models import Project
from projects.reach import request_reach_check

SAMPLE = settings.BASE_DIR / "examples" / "demo"
AUTHOR = {"NAME": "Keelway demo", "EMAIL": "demo@keelway.invalid"}
UNTIL_BUILD, UNTIL_END = 60, 900
"""Seconds to wait: for the push to become a build, and for the build to end."""

MARKS = {State.SUCCESS: "✓", State.SKIPPED: "-"}


class Command(BaseCommand):
    help = (
        "Add the sample project, push to it, and watch its build. Safe to repeat: each time it pushes once more. "
        "bin/up --demo calls this; the installation must be running."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--address", default=settings.PUBLIC_URL, help="how this machine reaches the installation [%(default)s]"
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        repository = settings.VAR / "demo" / "shop.git"
        self.say(f"Repository {repository}")
        make_repository(repository)
        project = sample_project(repository)
        self.say(f"Project    {settings.PUBLIC_URL}{project.get_absolute_url()}")
        install_hook(repository, f"{address.rstrip('/')}/hooks/{project.slug}", project.webhook_secret)
        started = time.monotonic()
        commit, answer = push(repository)
        self.say(f"Pushed     {commit[:7]}; the webhook answered: {answer}")
        build = self.build_of(project, commit)
        self.say(f"Build      {self.address_of(build)}   (running: look at its log grow)")
        self.watch(build)
        self.say(f"\n{build.state.label} {time.monotonic() - started:.1f} s after the push: {self.address_of(build)}")
        if build.state != State.SUCCESS:
            raise CommandError(f"{build} ended in {build.status}: {build.reason}")
        self.say(f"Your turn: change something in {repository.with_suffix('')}, commit, and git push.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def address_of(self, build: Build) -> str:
        return f"{settings.PUBLIC_URL}{build.get_absolute_url()}"

    def build_of(self, project: Project, commit: str) -> Build:
        """The build that the push leads to. CommandError says what became of the delivery when there is none."""
        deadline = time.monotonic() + UNTIL_BUILD
        while time.monotonic() < deadline:
            if build := Build.objects.filter(project=project, commit=commit).select_related("project").first():
                return build
            time.sleep(0.1)
        delivery = Delivery.objects.filter(project=project).first()
        what = f"The delivery says: {delivery.detail or delivery.verdict}" if delivery else "No webhook has arrived."
        raise CommandError(f"The push has not become a build within {UNTIL_BUILD} s. {what}")

    def watch(self, build: Build) -> None:
        """Until the build has ended, a line for each job that ends."""
        said: set[int] = set()
        deadline = time.monotonic() + UNTIL_END
        while not build.ended:
            if time.monotonic() > deadline:
                raise CommandError(f"{build} has not ended within {UNTIL_END} s: {self.address_of(build)}")
            time.sleep(0.2)
            build.refresh_from_db()
            for job in build.current_jobs():
                if job.ended and job.pk not in said:
                    said.add(job.pk)
                    self.say(described(job))


def described(job: Job) -> str:
    took = f"{(job.finished_at - job.started_at).total_seconds():5.1f} s" if job.started_at and job.finished_at else ""
    return f"  {MARKS.get(job.state, '✗')} {job.stage:<8} {job.name:<12} {took:<8} {job.reason}".rstrip()


def make_repository(repository: Path) -> None:
    if not (repository / "HEAD").exists():
        repository.parent.mkdir(parents=True, exist_ok=True)
        git("init", "--quiet", "--bare", "--initial-branch=main", str(repository))


def sample_project(repository: Path) -> Project:
    """The project of the sample repository, made when there is none."""
    admin = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
    if admin is None:
        raise CommandError("There is no administrator yet. Run: manage.py first_run")
    url = repository.as_uri()
    project = Project.objects.filter(git_url=url).first()
    if project is None:
        slug = "shop" if not Project.objects.filter(slug="shop").exists() else "shop-demo"
        project = Project.create(by=admin, name="Shop (sample)", slug=slug, git_url=url)
    elif project.archived_at:
        project.unarchive(by=admin)
    request_reach_check(project)
    return project


def install_hook(repository: Path, url: str, secret: str) -> None:
    hook = repository / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.touch(mode=0o700)
    hook.chmod(0o700)
    hook.write_text(post_receive(url, secret))


def push(repository: Path) -> tuple[str, str]:
    """Commit in the clone beside the repository and push, as its developer would: the sample at first, later nothing
    new. The commit, and what the webhook answered."""
    clone = repository.with_suffix("")
    if not (clone / ".git").exists():
        git("clone", "--quiet", str(repository), str(clone))
        git("checkout", "--quiet", "-B", "main", at=clone)
    first = not (clone / ".keelway.yml").exists()
    if first:
        shutil.copytree(SAMPLE, clone, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    git("add", "--all", at=clone)
    message = "Sell mugs, tea and kettles" if first else "Open the shop once more"
    git("commit", "--quiet", "--allow-empty", "--message", message, at=clone)
    answer = git("push", "--set-upstream", "origin", "main", at=clone)
    lines = [line.removeprefix("remote:").strip() for line in answer.splitlines() if line.startswith("remote:")]
    return git("rev-parse", "HEAD", at=clone), " ".join(line for line in lines if line)


def git(*arguments: str, at: Path | None = None) -> str:
    """What git says, on both of its outputs. CommandError when it fails."""
    ours = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in AUTHOR.items()}
    done = subprocess.run(
        ["git", *arguments],
        cwd=at,
        env={**os.environ, **ours, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise CommandError(f"git {arguments[0]} failed: {done.stdout.strip()}")
    return done.stdout.strip()
