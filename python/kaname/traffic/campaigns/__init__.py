"""Mail campaigns: messages that one sender made, whatever they give as the sender."""
