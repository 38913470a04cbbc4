"""Why a region is late or goes without, and a solution written down as parts of a plan."""
