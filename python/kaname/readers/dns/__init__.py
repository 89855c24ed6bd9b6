"""Whatever fills the table ``dns``: captures, dnstap, and the query logs of servers.

The wire formats are parsed in the native core (``rust/dns``); logs are parsed here, one
dialect a module.
"""
