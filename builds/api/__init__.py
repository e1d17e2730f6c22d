"""Builds, jobs and their logs, for scripts. What starts builds is `pipelines.api`."""

from django.urls import path

from builds.api import builds, jobs

urlpatterns = [
    path("builds", builds.Builds.as_view()),
    path("builds/<int:id>", builds.OneBuild.as_view()),
    path("builds/<int:id>/cancel", builds.Cancel.as_view()),
    path("builds/<int:id>/retry", builds.Retry.as_view()),
    path("jobs/<int:id>", jobs.OneJob.as_view()),
    path("jobs/<int:id>/cancel", jobs.Cancel.as_view()),
    path("jobs/<int:id>/retry", jobs.Retry.as_view()),
    path("jobs/<int:id>/log", jobs.Log.as_view()),
    path("jobs/<int:id>/log.txt", jobs.TextDownload.as_view()),
]
