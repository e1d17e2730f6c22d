from django.urls import path

from builds.views import actions
from builds.views.build import build
from builds.views.dashboard import dashboard
from builds.views.project import project

app_name = "builds"

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("projects/<slug:slug>/", project, name="project"),
    path("projects/<slug:slug>/builds/<int:number>/", build, name="build"),
    path("projects/<slug:slug>/builds/<int:number>/jobs/<int:job_id>/", build, name="job"),
    path("projects/<slug:slug>/builds/<int:number>/cancel/", actions.cancel, name="cancel"),
    path("projects/<slug:slug>/builds/<int:number>/retry/", actions.retry, name="retry"),
    path("projects/<slug:slug>/builds/<int:number>/jobs/<int:job_id>/cancel/", actions.cancel_job, name="cancel_job"),
    path("projects/<slug:slug>/builds/<int:number>/jobs/<int:job_id>/retry/", actions.retry_job, name="retry_job"),
]
