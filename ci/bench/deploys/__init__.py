"""Simulated deploys: what a service's errors do, and the rules that judge them."""
