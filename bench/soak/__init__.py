"""A long run of a simulated feed into a real record, with faults: nothing may be lost, doubled or left hanging."""
