"""One Report value told in every medium: build.py makes it, render.py shows it. Text from outside stays text."""
