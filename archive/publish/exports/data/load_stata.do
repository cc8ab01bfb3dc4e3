* Loads the export into Stata 14 or later and declares the panel: do load.do (in this folder)
* 读入数据并声明面板（Stata 14 及以上）。
version 14
use panel.dta, clear
isid unit_id year
xtset unit_id year

* Missing values say why. 缺失值说明原因：
* .a blank  .b dash  .c not on this form  .d row or table absent  .e unreadable  .f unit unknown
* .g withheld  .h a word for none  .i text  .j an image  .k annotated  .l signed  .m with a unit  . not known why
label list why_null
misstable summarize t3_new_tot t3_grant_tot, all

* A rate over several bodies: the sum of the numerators over the sum of the denominators, both known.
* 多个机关的率：分子之和除以分母之和，两者都有值才计入。
* use panel_core.dta, clear
* keep if !missing(disclosure_rate_den)
* collapse (sum) disclosure_rate_num disclosure_rate_den (count) n = disclosure_rate_den, by(kind year)
* generate disclosure_rate = disclosure_rate_num / disclosure_rate_den
* list
* use panel_core.dta, clear
* keep if !missing(direct_share_den)
* collapse (sum) direct_share_num direct_share_den (count) n = direct_share_den, by(year)
* generate direct_share = direct_share_num / direct_share_den
* list
