"""The doctor looks: a module for each part of the set-up, which asks and leaves the verdict to ``deploywatch.doctor``."""
