"""How a command can end. The numbers are a promise to scripts: docs/cli.md."""

FINE = 0
NOT_GREEN = 1
"""The build or job that was followed did not end well."""
USAGE = 2
REFUSED = 3
"""The server understood and said no: not signed in, not allowed, not there, not now."""
UNREACHABLE = 4
"""No server, or one that fails."""
INTERRUPTED = 130


class Stop(Exception):
    """The command cannot go on. `remedy` is what the person can do about it."""

    def __init__(self, code: int, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
