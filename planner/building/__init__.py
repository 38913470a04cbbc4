"""From an instance to the problems of its components, and what is proven before any search."""
