# Loads the Stata files into R with their labels and tagged missing values: source("load.R", chdir = TRUE)
# 读入 Stata 文件，保留标签和缺失原因；需要 haven。

panel <- haven::read_dta("panel.dta")
stopifnot(!anyDuplicated(panel[c("unit_id", "year")]))

# Why a cell is null: haven::na_tag(panel$t3_new_np) gives "a" (blank), "b" (dash), … ; see the labels of the column.
# 空值原因：haven::na_tag() 给出字母，含义见该列标签。
if (requireNamespace("plm", quietly = TRUE)) panel <- plm::pdata.frame(panel, index = c("unit_id", "year"))
