"""Which pipeline this runs in, as far as it tells; pure: variables and an event's payload in, facts out."""
