"""The crawler: finds pages and fetches them. The only place that knows Scrapy."""
