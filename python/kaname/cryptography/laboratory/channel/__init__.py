"""Keys from the fading of a radio channel: a simulation, with the statistics it comes to."""
