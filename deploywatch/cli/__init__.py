"""The command line: one thin module per command, which parses, calls ``deploywatch.respond`` and prints. Nothing else."""
