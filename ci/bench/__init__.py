"""The benchmarks: speed and accuracy are shown here, never by timed tests."""
