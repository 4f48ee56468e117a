"""How well a ranking names the culprit: answers, measures, tables and pictures."""
