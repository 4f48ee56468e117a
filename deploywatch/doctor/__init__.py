"""What a healthy set-up is: pure verdicts on what was found, as findings with a code each. The looking is in ``steps.doctor``."""
