"""git, and nothing but git: the commit window, what its commits changed, and where the lines of head came from."""
