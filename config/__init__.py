import sys
from pathlib import Path

# The room `secrets/` cannot be a package (see secrets/README.md): its app is found beside the others by this path.
_secrets_room = str(Path(__file__).resolve().parent.parent / "secrets")
if _secrets_room not in sys.path:
    sys.path.append(_secrets_room)

from config.celery import app as celery_app  # noqa: E402  (the path must be there first)

__all__ = ["celery_app"]
