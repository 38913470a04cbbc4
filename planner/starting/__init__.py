"""A first instance of one's own: a template, an example, a part of another; with one's own counts."""
