"""Accounts: who may log in, their passwords, sessions and access tokens."""
