"""The web process: HTTP by Django, sockets by Channels, behind one port."""

import os
from typing import cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from accounts.sockets import identified  # noqa: E402
from config.concurrency import App, Bounded  # noqa: E402
from config.sockets import urlpatterns  # noqa: E402

bounded = Bounded(
    cast(App, http),
    working=settings.HTTP_THREADS,
    waiting=settings.HTTP_QUEUE,
    # Room for what a webhook may bring and for saying by the webhook's own rules that it is too much.
    largest_body=2 * settings.WEBHOOK_MAX_BYTES,
    unbounded=frozenset({"/healthz"}),
)

application = ProtocolTypeRouter(
    {"http": bounded, "websocket": AllowedHostsOriginValidator(identified(URLRouter(urlpatterns)))}
)
