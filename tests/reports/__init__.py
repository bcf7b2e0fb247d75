"""Reading reports: what a message says becomes what the message says, and never more."""
