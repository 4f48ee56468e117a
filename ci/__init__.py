"""What CI runs: the generated references and the benchmarks."""
