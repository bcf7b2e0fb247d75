"""How every page and letter looks: base templates, macros, words for dates, pictures and one style sheet."""
