from django.urls import path

from monitoring.health import healthz, readyz
from monitoring.metrics import metrics

app_name = "monitoring"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
