"""What the capability brings into the lake, one format a module."""
