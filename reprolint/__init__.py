"""reprolint finds what makes a training run impossible to repeat."""

__version__ = "0.1.0"
