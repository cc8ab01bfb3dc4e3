"""Scrapy's settings (design section 6 gives the reasons). Everything that is not said in the environment is said here."""

from __future__ import annotations

import os
import re

from crawler.tool import tool

GONGKAI_COMPLAINTS: list[str] = []
"""What the environment says and cannot be understood: no run begins (crawler.allowance tells it in one line)."""


def _number(name: str, default: float) -> float:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]+)?", text):
        return float(text)
    GONGKAI_COMPLAINTS.append(f"{name} {text[:40]!r} is no number from 0 to 9999: as 1 or 2.5")
    return default


def _contact(name: str) -> str:
    text = os.environ.get(name, "").strip()
    if text and not re.fullmatch(r"(?:https?://[!-~]+\.[!-~]+|[!-~]+@[!-~]+\.[!-~]+)", text):
        GONGKAI_COMPLAINTS.append(
            f"{name} {text[:80]!r} is neither an e-mail address nor a web address (as ops@example.org)"
        )
        return ""
    return text


def _level(name: str) -> str:
    text = os.environ.get(name, "").strip().upper() or "WARNING"
    if text in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        return text
    GONGKAI_COMPLAINTS.append(f"{name} {text[:40]!r} is none of WARNING, INFO, DEBUG")
    return "WARNING"


BOT_NAME = "gongkai"
COMMANDS_MODULE = "crawler.scrapy_commands"
SPIDER_MODULES = ["crawler.spiders.district", "crawler.spiders.township"]

# -- who we are, and for whom
GONGKAI_ARCHIVE = os.environ.get("GONGKAI_ARCHIVE") or "archive.db"
GONGKAI_SITES = os.environ.get("GONGKAI_SITES") or ""
GONGKAI_CONTACT = _contact("GONGKAI_CONTACT")
GONGKAI_WINDOW = os.environ.get("GONGKAI_WINDOW", "").strip()
GONGKAI_DAILY_CAP = os.environ.get("GONGKAI_DAILY_CAP", "").strip()
GONGKAI_DELAY = _number("GONGKAI_DELAY", 1.0)
USER_AGENT = tool() + (f" (+{GONGKAI_CONTACT})" if GONGKAI_CONTACT else "")
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}

# -- how politely: one slot for each installation (crawler.middlewares.slots sets DOWNLOAD_SLOTS from the registry)
CONCURRENT_REQUESTS = 8  # what is under way cannot be called back when a host closes
CONCURRENT_REQUESTS_PER_DOMAIN = 4
CONCURRENT_ITEMS = 4  # of one answer; a pipeline has nothing to wait for, and each place is a task to be made
# Processes that read, where pages come faster than one can read them (archive/readers.py): the cores that are left.
# More than three keep no single writer busy.
GONGKAI_READERS = int(_number("GONGKAI_READERS", min(3, (os.cpu_count() or 1) - 1)))
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0
DOWNLOAD_TIMEOUT = 30
GONGKAI_HOST_REFUSALS = 5
GONGKAI_RETRY_AFTER_MAX = 10.0
RETRY_TIMES = 1
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # what a page failed of is in the archive, and told with its site
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]
REDIRECT_MAX_TIMES = 5
ROBOTSTXT_OBEY = False  # ours obeys RFC 9309; Scrapy's takes every error for permission

# -- the bytes as sent: nobody but us decodes them, and a truncated body is evidence
COMPRESSION_ENABLED = False
DOWNLOAD_FAIL_ON_DATALOSS = False
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
REFERER_ENABLED = True
URLLENGTH_LIMIT = 4096

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.middlewares.hosts.HostsMiddleware": 40,
    "crawler.middlewares.robots.RobotsMiddleware": 60,
    "crawler.middlewares.quarantine.QuarantineMiddleware": 540,
    "crawler.middlewares.slots.SlotsMiddleware": 910,
    "crawler.middlewares.patience.PatienceMiddleware": 930,
    "crawler.middlewares.allowance.AllowanceMiddleware": 940,
    "crawler.middlewares.capture.CaptureMiddleware": 950,
}
ITEM_PIPELINES = {
    "crawler.pipelines.snapshot.SnapshotPipeline": 100,
    "crawler.pipelines.body.BodyPipeline": 200,
    "crawler.pipelines.tables.TablesPipeline": 300,
    "crawler.pipelines.store.StorePipeline": 400,
}
EXTENSIONS = {"crawler.extensions.RunExtension": 10}

# -- what a crawl must not have: doors into the process
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# -- what it says: warnings and worse; what became of each site is told at the end
LOG_LEVEL = _level("GONGKAI_LOG_LEVEL")
LOG_FORMATTER = "crawler.extensions.QuietLogFormatter"
LOGSTATS_INTERVAL = 0.0
STATS_DUMP = False
