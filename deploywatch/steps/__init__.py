"""The steps that the recipes of ``deploywatch.respond`` are made of: each joins two or three rooms."""
