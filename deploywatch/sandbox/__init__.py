"""A world to try deploywatch in: an embedded stand-in for Sentry, and a small real application that breaks for real.

Nothing of it is needed in production. Its own dependencies come with the extra ``demo``.
"""
