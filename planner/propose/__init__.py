"""Engines that propose trips, behind one protocol, and the pool of what they proposed."""
