"""The network: modelling it, and least times over it."""
