"""What is added to artifacts from tables that lie here: origin AS, country, domain, ATT&CK.

What an enricher says is an assertion of its own source, with the table it comes from. It
describes an artifact, it does not accuse it: no score counts it, and it links nothing.
"""
