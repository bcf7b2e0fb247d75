"""Her page: every state has words, nothing is shown too soon, and nobody gets in who should not."""
