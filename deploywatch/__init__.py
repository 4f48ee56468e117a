"""Tell the right owner which change broke production, and show why."""

__version__ = "0.1.0"
