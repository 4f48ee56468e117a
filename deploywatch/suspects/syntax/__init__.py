"""What a ranking needs to know of source text: definitions, statements, identifiers, and what is only cosmetic."""
