"""A plan on a map: SVG and PNG, whole or by area, with what is known of the ground behind it."""
