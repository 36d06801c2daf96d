"""Use cases of everyday supervision: who is responsible, what is around a source, what is not covered."""
