"""The archive: keeps reports, understands them, publishes them. Never imports `crawler`, never imports Scrapy."""
