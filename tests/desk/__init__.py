"""Whether people at the desk can do their work: each role, each page, and the awkward moments between them."""
