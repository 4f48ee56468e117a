"""The Sentry web API, and nothing but it. Wire shapes end here: what leaves this package is ``deploywatch.model``'s nouns."""
