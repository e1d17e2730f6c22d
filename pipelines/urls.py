from django.urls import path, re_path

from pipelines.views import deliveries, run, schema, webhook_setup
from pipelines.webhooks import webhook

app_name = "pipelines"

urlpatterns = [
    re_path(r"^hooks/(?P<slug>[^/]{1,100})/?$", webhook, name="webhook"),
    path("schema/pipeline.json", schema.schema, name="schema"),
    path("projects/<slug:slug>/run/", run.run, name="run"),
    path("projects/<slug:slug>/deliveries/", deliveries.deliveries, name="deliveries"),
    path("projects/<slug:slug>/deliveries/last/", deliveries.last_delivery, name="last_delivery"),
    path("projects/<slug:slug>/deliveries/<int:delivery_id>/", deliveries.delivery, name="delivery"),
    path("projects/<slug:slug>/deliveries/<int:delivery_id>/replay/", deliveries.replay, name="replay"),
    path("projects/<slug:slug>/settings/webhook/forges/", webhook_setup.webhook_setup, name="webhook_setup"),
]
