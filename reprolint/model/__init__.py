"""Ground floor: the data every other floor speaks in; standard library only."""
