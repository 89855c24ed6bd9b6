"""Lists of bad things to the table `feeds`: each publisher's form, and plain lists."""
