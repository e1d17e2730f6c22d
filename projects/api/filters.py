from typing import Any

from rest_framework import serializers


class ProjectFilter(serializers.Serializer[Any]):
    archived = serializers.BooleanField(required=False, default=False, help_text="Those that are archived instead.")
