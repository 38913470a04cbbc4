"""Public routing benchmarks: reading them as problems, writing and verifying solutions, running an engine."""
