"""Builds, jobs and log lines as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.rest import Input
from builds.models import Build, Job, Step
from builds.states import State
from builds.waiting import why, why_each


class StepSerializer(serializers.ModelSerializer[Step]):
    class Meta:
        model = Step
        fields = ["number", "name", "status", "exit_code", "started_at", "finished_at", "first_line"]
        read_only_fields = fields


_OF_EVERY_JOB = [
    *("id", "name", "stage", "status", "exit_code", "reason", "attempt", "allow_failure"),
    *("created_at", "started_at", "finished_at"),
]


class JobInListSerializer(serializers.ModelSerializer[Job]):
    class Meta:
        model = Job
        fields = _OF_EVERY_JOB
        read_only_fields = fields


class JobInBuildSerializer(serializers.ModelSerializer[Job]):
    waiting = serializers.SerializerMethodField()
    needs = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [*_OF_EVERY_JOB, "waiting", "needs"]
        read_only_fields = fields

    def get_waiting(self, job: Job) -> str:
        """Why it does not run yet, in a sentence; empty once it runs."""
        reasons: dict[int, str] = self.context["waiting"]
        return reasons.get(job.pk, "")

    def get_needs(self, job: Job) -> list[str]:
        """The names of the jobs that must end well before it."""
        return needs_of(job.build, job.name)


class JobSerializer(JobInBuildSerializer):
    build = serializers.IntegerField(source="build_id", read_only=True)
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Job
        fields = ["build", *JobInBuildSerializer.Meta.fields, "superseded", "lines", "steps"]
        read_only_fields = fields
        extra_kwargs = {
            "superseded": {"help_text": "A later attempt has taken its place."},
            "lines": {"help_text": "How many lines the log has."},
        }

    def get_waiting(self, job: Job) -> str:
        """Why it does not run yet, in a sentence; empty once it runs."""
        return why(job)


class ProblemSerializer(serializers.Serializer[Any]):
    """One mistake in a pipeline file. Lines and columns count from 1."""

    file = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    path = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)

    def get_fields(self) -> dict[str, Any]:
        # Every field has an attribute `source` of its own, so this one cannot be declared as the others are.
        written = serializers.CharField(allow_blank=True, help_text="The line as it was written.")
        return {**super().get_fields(), "source": written}


_OF_EVERY_BUILD = [
    *("id", "number", "project", "status", "reason", "commit", "branch", "tag", "pull_request", "event", "message"),
    *("author_name", "link", "created_at", "started_at", "finished_at"),
]


class BuildInListSerializer(serializers.ModelSerializer[Build]):
    project = serializers.CharField(source="project.slug", read_only=True)
    jobs = JobInListSerializer(many=True, read_only=True, source="newest_jobs")

    class Meta:
        model = Build
        fields = [*_OF_EVERY_BUILD, "jobs"]
        read_only_fields = fields


class BuildSerializer(serializers.ModelSerializer[Build]):
    project = serializers.CharField(source="project.slug", read_only=True)
    problems = ProblemSerializer(many=True, read_only=True)
    jobs = serializers.SerializerMethodField()

    class Meta:
        model = Build
        fields = [*_OF_EVERY_BUILD, "problems", "jobs"]
        read_only_fields = fields

    @extend_schema_field(JobInBuildSerializer(many=True))
    def get_jobs(self, build: Build) -> Any:
        """The newest attempt of each job, in the pipeline's order."""
        jobs = list(build.current_jobs())
        for job in jobs:
            job.build = build
        return JobInBuildSerializer(jobs, many=True, context={"waiting": why_each(jobs)}).data


def needs_of(build: Build, name: str) -> list[str]:
    """Read from the stored Plan as it is: a list of a build's jobs would otherwise validate it once for each."""
    jobs = (build.plan_data or {}).get("jobs", [])
    return next((list(job.get("needs", [])) for job in jobs if job["name"] == name), [])


class LineSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="The line's number, from 1 without a gap.")
    t = serializers.DateTimeField(help_text="When it was printed.")
    step = serializers.IntegerField(help_text="The number of the step that printed it; 0 is the set-up.")
    text = serializers.CharField(allow_blank=True, help_text="As printed, with ANSI sequences.")


class LogSerializer(serializers.Serializer[Any]):
    lines = LineSerializer(many=True)
    next = serializers.IntegerField(help_text="Where to read on: what `from` should be next.")
    complete = serializers.BooleanField(help_text="The job has ended, and nothing comes at or after `next`.")


class BuildFilter(serializers.Serializer[Any]):
    number = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="The number that people see in its project."
    )
    branch = serializers.CharField(required=False, max_length=255)
    status = serializers.ChoiceField(State.choices, required=False)
    commit = serializers.RegexField(
        r"^[0-9a-f]{4,64}\Z", required=False, help_text="The id, or how it begins (4 digits or more)."
    )


class LogRange(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=5000, required=False, default=1000)

    def get_fields(self) -> dict[str, Any]:
        at = serializers.IntegerField(
            min_value=1, max_value=2**31 - 1, required=False, default=1, help_text="The number of the first line."
        )
        return {"from": at, **super().get_fields()}


class TextLog(serializers.Serializer[Any]):
    timestamps = serializers.BooleanField(
        required=False, default=False, help_text="Begin each line with the time at which it was printed."
    )


class RetryBuild(Input):
    failed_only = serializers.BooleanField(
        required=False, default=False, help_text="Only the jobs that did not end well."
    )
