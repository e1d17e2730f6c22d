"""Structured logs: one event a line, as JSON for machines or in columns for people."""

from collections.abc import MutableMapping
from typing import Any

import structlog

_UNREMARKABLE = (" /static/", " /healthz", " /readyz", " /metrics")


def _quiet(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What machines ask all the time is told of only when it fails."""
    if event.get("event") == "request_finished" and event.get("code", 500) < 400:
        request = str(event.get("request", ""))
        if any(path in request for path in _UNREMARKABLE):
            raise structlog.DropEvent
    return event


_SHARED: list[Any] = [
    _quiet,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING for `form` (`console` or `json`); it configures structlog as well."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=False,
                pad_event_to=0,
                # Not the one that shows local variables: some of them are secrets.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "uvicorn": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "uvicorn.access": {"level": "WARNING"},
            "celery": {"level": "INFO" if level != "DEBUG" else "DEBUG"},
            "celery.beat": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            # One line a request is the request middleware's; a sweep every few seconds is nobody's news.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django_structlog": {"level": level},
        },
    }
