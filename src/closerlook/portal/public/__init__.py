"""Pages that need no account: what a call-back is, figures, helplines. Nothing about whoever reads is kept."""
