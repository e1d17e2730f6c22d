class Refused(Exception):
    """The state of a thing does not allow what was asked. The text says why, for the person who asked."""
