"""The environment variables that every job gets. docs/pipelines.md lists them."""

from django.conf import settings

from builds.models import Job


def environment(job: Job) -> dict[str, str]:
    """What the pipeline file says for the job, and who and what it is; the latter cannot be overridden."""
    build = job.build
    return job.plan.env | {
        "CI": "true",
        "KEELWAY": "true",
        "KEELWAY_URL": settings.PUBLIC_URL,
        "KEELWAY_PROJECT": build.project.slug,
        "KEELWAY_BUILD_ID": str(build.pk),
        "KEELWAY_BUILD_NUMBER": str(build.number),
        "KEELWAY_BUILD_URL": f"{settings.PUBLIC_URL}{build.get_absolute_url()}",
        "KEELWAY_EVENT": build.event,
        "KEELWAY_COMMIT": build.commit,
        "KEELWAY_COMMIT_SHORT": build.short_commit,
        "KEELWAY_BRANCH": build.branch,
        "KEELWAY_TAG": build.tag,
        "KEELWAY_PULL_REQUEST": build.pull_request,
        "KEELWAY_JOB": job.name,
        "KEELWAY_JOB_ID": str(job.pk),
        "KEELWAY_STAGE": job.stage,
        "KEELWAY_ATTEMPT": str(job.attempt),
        # The checkout belongs to the worker's user, and Git refuses to look into other people's folders.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
