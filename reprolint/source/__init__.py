"""Files become `Module`s: what is called and in which order, never what a call means."""
