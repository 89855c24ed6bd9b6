"""TAXII 2.1: a server and a client for the exchange of STIX objects over HTTP."""
