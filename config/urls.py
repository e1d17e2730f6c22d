from django.urls import include, path

urlpatterns = [
    path("", include("monitoring.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("pipelines.urls")),
    path("", include("projects.urls")),
    path("", include("builds.urls")),
    path("api/v1/", include("config.api")),
]
