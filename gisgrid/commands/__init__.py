"""The subcommands of `gisgrid`, one file a noun: each parses, calls and prints."""
