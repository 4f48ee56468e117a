"""What outlives a run: deliveries with their attempts, and the checkpoints of watches. ``store.store.Store`` is the way in."""
