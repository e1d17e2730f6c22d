"""Projects, their members and credentials, for scripts."""

from django.urls import path

from projects.api import members, projects

urlpatterns = [
    path("projects", projects.Projects.as_view()),
    path("projects/<slug:slug>", projects.OneProject.as_view()),
    path("projects/<slug:slug>/archive", projects.Archive.as_view()),
    path("projects/<slug:slug>/unarchive", projects.Unarchive.as_view()),
    path("projects/<slug:slug>/check", projects.Check.as_view()),
    path("projects/<slug:slug>/credential", projects.ProjectCredential.as_view()),
    path("projects/<slug:slug>/webhook-secret", projects.WebhookSecret.as_view()),
    path("projects/<slug:slug>/members", members.Members.as_view()),
    path("projects/<slug:slug>/members/<username:username>", members.Member.as_view()),
]
