"""The signals: each module looks at one kind of evidence and says how much of it a commit has."""
