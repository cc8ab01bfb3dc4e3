"""What others see of the archive: Datasette's configuration, pages and plugin."""
