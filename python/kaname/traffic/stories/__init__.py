"""Stories: what several kinds of data tell of one event when they are laid side by side."""
