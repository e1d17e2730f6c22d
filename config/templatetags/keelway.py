"""Tags and filters that every template has."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_WORDS = {
    "pending": "Pending",
    "running": "Running",
    "success": "Success",
    "failure": "Failure",
    "error": "Error",
    "cancelled": "Cancelled",
    "skipped": "Skipped",
    "blocked": "Blocked",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Lucide icon for decoration; what it means is said in words beside it or in an aria-label."""
    sprite = static("vendor/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name)


@register.simple_tag
def mark(status: str) -> SafeString:
    """The silhouette of a state, without its word."""
    return format_html(
        '<svg class="mark is-{0}" aria-hidden="true"><use href="{1}#m-{0}"/></svg>', status, static("img/marks.svg")
    )


@register.simple_tag
def state(status: str, word: str = "") -> SafeString:
    """A state as people always see it: mark, word and colour. `word` replaces the state's own."""
    return format_html(
        '<span class="state is-{}">{}<span>{}</span></span>', status, mark(status), word or _WORDS[status]
    )


@register.simple_tag
def badge(status: str, word: str = "") -> SafeString:
    return format_html('<span class="badge is-{}">{}{}</span>', status, mark(status), word or _WORDS[status])


@register.simple_tag
def when(moment: datetime | None, never: str = "never") -> SafeString:
    """How long ago; times.js keeps it true and shows the exact time in the reader's own zone."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', never)
    exact = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    title = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html('<time datetime="{}" data-ago title="{}">{}</time>', exact, title, ago(timezone.now() - moment))


@register.simple_tag
def took(start: datetime | None, end: datetime | None) -> SafeString | str:
    """How long something took, or has taken up to now; nothing when it has not begun."""
    if start is None:
        return ""
    if end is not None:
        return format_html('<span class="nowrap">{}</span>', duration((end - start).total_seconds()))
    since = start.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_html(
        '<span class="nowrap" data-since="{}">{}</span>', since, duration((timezone.now() - start).total_seconds())
    )


@register.filter
def duration(seconds: float | None) -> str:
    """0.4 s, 12 s, 3 m 4 s, 2 h 5 m, 3 d 1 h. static/js/times.js says it the same way."""
    if seconds is None:
        return ""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} m"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def ago(gone: Any) -> str:
    seconds = int(gone.total_seconds())
    if seconds < 45:
        return "just now"
    for limit, size, word in ((5400, 60, "minute"), (129600, 3600, "hour"), (3888000, 86400, "day")):
        if seconds < limit:
            count = max(1, round(seconds / size))
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    months = round(seconds / 2592000)
    return f"{months} months ago" if months < 18 else f"{round(months / 12)} years ago"


@register.filter
def filesize_of(size: int) -> str:
    """Bytes as people read them: 512 B, 3.4 kB, 12 MB."""
    if size < 1000:
        return f"{size} B"
    power = min(4, (len(str(size)) - 1) // 3)
    value = size / 1000**power
    unit = ("kB", "MB", "GB", "TB")[power - 1]
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
