"""Pages that open in a browser without a network: the report of a plan."""
