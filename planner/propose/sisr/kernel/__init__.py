"""The search kernel: arrays and the code that numba compiles for them."""
