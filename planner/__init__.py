"""Plan how supplies reach every village on time."""

__version__ = "0.1.0"
