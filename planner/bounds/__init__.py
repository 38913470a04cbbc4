"""Lower bounds on what any plan costs."""
