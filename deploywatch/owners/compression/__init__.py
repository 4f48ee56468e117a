"""Fewer and shorter ownership rules that route every listed path as before: reading, tree, covers, proof."""
