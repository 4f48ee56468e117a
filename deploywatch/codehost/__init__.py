"""What a code host tells of people and owner files, where a token allows: only reading, and doing without is no error."""
