"""What may be used until when: the CRYPTREC lists as data, and verdicts by them."""
