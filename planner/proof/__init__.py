"""The independent check: recomputes a plan from the files alone, with arithmetic of its own."""
