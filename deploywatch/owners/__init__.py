"""Who owns what: owner files of every dialect, the resolution of a failure to its owner, and the health of the rules. Pure."""
