"""The WebSocket paths."""

from typing import Any

from django.urls import re_path

paths: list[Any] = []

urlpatterns = [re_path(pattern, consumer) for pattern, consumer in paths]
