"""Runs ``action.yml`` as GitHub's runner would: its steps, contexts, files and workflow commands, on this machine."""
