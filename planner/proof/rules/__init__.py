"""The rules of the world as the checker judges them; modules bear the names of `planner.compose.rules`."""
