"""Releases beside those of the real sentry-cli: what each tells Sentry of the same repository, and how fast."""
