"""The search of one component: each echelon proposed, composed and evened out, and all fitted together."""
