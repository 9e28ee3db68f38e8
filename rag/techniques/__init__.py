"""Query-side techniques, one small file each, with its paper in the docstring."""
