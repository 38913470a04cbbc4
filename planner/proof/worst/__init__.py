"""The worst case of a plan when legs are late, as the checker reckons it."""
