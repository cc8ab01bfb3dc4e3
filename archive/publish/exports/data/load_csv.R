# Loads the export into R, codes as text, nothing but base R: source("load.R", chdir = TRUE)
# 读入数据：代码列按文本读，只用基础 R。

# R translates a file into the encoding of its locale, and stops at the first word that this does not have. UTF-8 is read as it
# is; only in the double-byte locales of Windows before R 4.2 a translation is needed. Whatever R warns of ends the loading.
# 按 UTF-8 原样读入；仅在 R 4.2 之前的中文 Windows 上转码。有任何警告即停止，不读一半。
read_gongkai <- function(name) {
  translated <- l10n_info()[["MBCS"]] && !l10n_info()[["UTF-8"]]
  read <- function(...) tryCatch(
    read.csv(paste0(name, ".csv"), fileEncoding = if (translated) "UTF-8-BOM" else "", encoding = "UTF-8",
             check.names = FALSE, stringsAsFactors = FALSE, na.strings = "", ...),
    warning = function(told) stop(name, ".csv: ", conditionMessage(told), call. = FALSE))
  head <- names(read(nrows = 1))
  head[1] <- gsub("[^a-z_]", "", head[1], useBytes = TRUE)  # without the byte order mark
  codes <- c("county_code", "town_code", "report_key", "agency_key", "parent_key", "sha256", "snapshot_key")
  table <- read(colClasses = ifelse(head %in% codes, "character", NA))
  names(table) <- head
  table
}

for (name in c("panel", "panel_core", "panel_statistics", "codebook", "coverage", "reports"))
  if (file.exists(paste0(name, ".csv"))) assign(name, read_gongkai(name))

# A unit is a body with a scope. 单位：机关加口径。
if (exists("panel")) {
  panel$unit <- paste(panel$agency_key, panel$scope, sep = ":")
  stopifnot(!anyDuplicated(panel[c("unit", "year")]))
  if (requireNamespace("plm", quietly = TRUE)) panel <- plm::pdata.frame(panel, index = c("unit", "year"))
}

# A rate over several bodies: the sum of the numerators over the sum of the denominators, n reports behind it.
# 多个机关的率：分子之和除以分母之和；n 为有值的报告份数。
#   pooled("disclosure_rate", c("kind", "year"))      # 公开率，按类别和年度
#   pooled("direct_share", "year")                    # 直接起诉占比，按年度；2024 年起须先复议
pooled <- function(rate, by, data = panel_core) {
  known <- data[!is.na(data[[paste0(rate, "_den")]]), ]
  parts <- data.frame(num = known[[paste0(rate, "_num")]], den = known[[paste0(rate, "_den")]], n = 1)
  sums <- aggregate(parts, by = known[by], FUN = sum)
  sums$rate <- ifelse(sums$den == 0, NA, sums$num / sums$den)
  sums[do.call(order, unname(as.list(sums[by]))), ]
}
