"""Counts -> rates -> a decision: pure statistics, apart from the loop that asks and waits."""
