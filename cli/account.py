"""Which server, and as whom: from the environment, or as `keelway login` has kept it."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cli.faults import REFUSED, USAGE, Stop


@dataclass(frozen=True)
class Account:
    """url has no slash at its end."""

    url: str
    token: str = field(repr=False)


def kept_in() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "keelway" / "login.json"


def current() -> Account:
    """KEELWAY_URL and KEELWAY_TOKEN count first. A kept token is only ever sent to the server that it was kept for."""
    url, token = os.environ.get("KEELWAY_URL", ""), os.environ.get("KEELWAY_TOKEN", "")
    if url and token:
        return Account(checked(url), token)
    kept = _kept()
    if token and kept:
        return Account(kept.url, token)
    if kept and (not url or checked(url) == kept.url):
        return kept
    where = f" {checked(url)}" if url else ""
    raise Stop(REFUSED, f"Not signed in{where}.", f"Run “keelway login{where}”, or set KEELWAY_URL and KEELWAY_TOKEN.")


def keep(account: Account) -> Path:
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(account)) + "\n")
    draft.replace(path)
    return path


def forget() -> bool:
    """True when something was kept."""
    found = kept_in().exists()
    kept_in().unlink(missing_ok=True)
    return found


def checked(url: str) -> str:
    """The address as Account has it; Stop when it cannot be one."""
    url = url.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Stop(USAGE, f"“{url}” is not the address of a server.", "Give it as in https://ci.example.com.")
    return url


def _kept() -> Account | None:
    try:
        found = json.loads(kept_in().read_text())
        return Account(str(found["url"]), str(found["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise Stop(REFUSED, f"{kept_in()} cannot be read.", "Run “keelway login” again.") from None
