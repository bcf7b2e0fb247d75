"""What is written to patients and providers: the right words, whole files, nothing that should not be said."""
