from tests.fakes.states import postgres, postgres_url, state_url

__all__ = ["postgres", "postgres_url", "state_url"]
