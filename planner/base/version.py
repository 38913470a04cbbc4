"""The version of the program, which plans, certificates and rows of benchmarks name."""

__all__ = ["__version__"]

__version__ = "0.2.0"
