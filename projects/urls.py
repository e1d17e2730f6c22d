from django.urls import path

from projects.views import members, new, settings

app_name = "projects"

urlpatterns = [
    path("projects/new/", new.new, name="new"),
    path("projects/<slug:slug>/settings/", settings.settings, name="settings"),
    path("projects/<slug:slug>/settings/credentials/", settings.credentials, name="credentials"),
    path("projects/<slug:slug>/settings/reach/", settings.reach, name="reach"),
    path("projects/<slug:slug>/settings/webhook/", settings.rotate, name="rotate"),
    path("projects/<slug:slug>/settings/archive/", settings.archive, name="archive"),
    path("projects/<slug:slug>/settings/members/", members.add, name="add_member"),
    path("projects/<slug:slug>/settings/members/<int:member_id>/", members.change, name="change_member"),
]
