"""Why does it cry? Published approaches, trained and judged by baby and leaky."""
