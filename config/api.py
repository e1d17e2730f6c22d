"""The REST API's paths, room by room."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
