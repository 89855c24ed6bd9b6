"""Visits of client honeypots and browsers to the table `crawl`: HAR, urlscan, Thug."""
