"""Whether every page is readable, in words and in colours, for everyone who has to read it."""
