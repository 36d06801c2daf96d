"""Use cases on plans: drafts, what the audit says of them, and their publication."""
