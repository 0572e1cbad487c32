"""Why does it cry? Published approaches, trained and judged on the same folds."""
