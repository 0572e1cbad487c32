"""Typed settings (`schema`) and the YAML file they come from (`load`)."""
