"""From a report to the people: the outbox, and one module per channel. Nothing is sent that is not recorded first."""
