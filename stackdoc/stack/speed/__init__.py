"""What stackdoc itself costs, from the benchmarks."""
