"""The JSON Schema of `.keelway.yml`, for editors."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from pipelines.language import pipeline_schema


def schema(request: HttpRequest) -> JsonResponse:
    """Open to everyone: editors fetch it without a sign-in, and it says nothing about anyone."""
    answer = JsonResponse(pipeline_schema(settings.PUBLIC_URL + reverse("pipelines:schema")))
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Content-Type"] = "application/schema+json"
    return answer
