"""Scrapy's own commands, where ours must differ (setting ``COMMANDS_MODULE``)."""
