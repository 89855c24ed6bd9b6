"""Tables that the telescope makes of flowtuples, one a file."""
