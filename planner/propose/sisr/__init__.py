"""Engine: slack induction by string removals, compiled by numba."""
