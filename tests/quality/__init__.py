"""Held up to everyone who may need it: any screen, any hand, paper, a browser's own checker."""
