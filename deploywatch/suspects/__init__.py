"""The heart: one failure and one commit window -> the ranked suspects with their evidence. No I/O of its own."""
