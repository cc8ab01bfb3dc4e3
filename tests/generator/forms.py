"""The printed forms, row by row, as the notices of 2019 and 2021 lay them out."""

from __future__ import annotations

APPLICANTS = [
    ("natural_person", "自然人"),
    ("business", "商业企业"),
    ("research", "科研机构"),
    ("public_welfare", "社会公益组织"),
    ("legal_service", "法律服务机构"),
    ("other_org", "其他"),
    ("total", "总计"),
]

# (code, group, label); group None: the label spans all three label columns
NEW = ("new_received", None, "一、本年新收政府信息公开申请数量")
CARRIED_IN = ("carried_in", None, "二、上年结转政府信息公开申请数量")
CARRIED_OUT = ("carried_out", None, "四、结转下年度继续办理")
RESULTS = [
    ("granted", "", "（一）予以公开"),
    ("partially_granted", "", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ("refused_state_secret", "（三）不予公开", "1.属于国家秘密"),
    ("refused_law_prohibited", "（三）不予公开", "2.其他法律行政法规禁止公开"),
    ("refused_security_stability", "（三）不予公开", "3.危及“三安全一稳定”"),
    ("refused_third_party", "（三）不予公开", "4.保护第三方合法权益"),
    ("refused_internal_affairs", "（三）不予公开", "5.属于三类内部事务信息"),
    ("refused_process_info", "（三）不予公开", "6.属于四类过程性信息"),
    ("refused_enforcement_file", "（三）不予公开", "7.属于行政执法案卷"),
    ("refused_admin_query", "（三）不予公开", "8.属于行政查询事项"),
    ("unavailable_not_held", "（四）无法提供", "1.本机关不掌握相关政府信息"),
    ("unavailable_needs_creation", "（四）无法提供", "2.没有现成信息需要另行制作"),
    ("unavailable_unclear_after_correction", "（四）无法提供", "3.补正后申请内容仍不明确"),
    ("unprocessed_complaint", "（五）不予处理", "1.信访举报投诉类申请"),
    ("unprocessed_repeat", "（五）不予处理", "2.重复申请"),
    ("unprocessed_publication", "（五）不予处理", "3.要求提供公开出版物"),
    ("unprocessed_mass_repeat", "（五）不予处理", "4.无正当理由大量反复申请"),
    ("unprocessed_confirm_reissue", "（五）不予处理", "5.要求行政机关确认或重新出具已获取信息"),
]
OTHER_THREE = [
    (
        "other_correction_overdue",
        "（六）其他处理",
        "1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    ),
    (
        "other_fee_unpaid",
        "（六）其他处理",
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    ("other_other", "（六）其他处理", "3.其他"),
]
OTHER_ONE = [("other", "", "（六）其他处理")]
PROCESSED = ("processed_total", "", "（七）总计")

OUTCOMES = [
    ("upheld", "结果维持"),
    ("corrected", "结果纠正"),
    ("other", "其他结果"),
    ("pending", "尚未审结"),
    ("total", "总计"),
]
CASES = ["review", "litigation_direct", "litigation_after_review"]

# table 2: blocks of (item, header labels with their codes, rows); the grid of 2021 is 4 wide, that of 2019 too
T2_2021 = [
    (
        "第二十条第（一）项",
        [("made", "本年制发件数"), ("repealed", "本年废止件数"), ("valid", "现行有效件数")],
        [("regulations", "规章"), ("normative_documents", "行政规范性文件")],
    ),
    ("第二十条第（五）项", [("decisions", "本年处理决定数量")], [("administrative_licensing", "行政许可")]),
    (
        "第二十条第（六）项",
        [("decisions", "本年处理决定数量")],
        [("administrative_penalty", "行政处罚"), ("administrative_coercion", "行政强制")],
    ),
    (
        "第二十条第（八）项",
        [("amount_wan_yuan", "本年收费金额（单位：万元）")],
        [("administrative_fees", "行政事业性收费")],
    ),
]
T2_2019 = [
    (
        "第二十条第（一）项",
        [
            ("newly_made", "本年新制作数量"),
            ("newly_disclosed", "本年新公开数量"),
            ("disclosed_total", "对外公开总数量"),
        ],
        [("regulations", "规章"), ("normative_documents", "规范性文件")],
    ),
    (
        "第二十条第（五）项",
        [("prior_year_items", "上一年项目数量"), ("change", "本年增/减"), ("decisions", "处理决定数量")],
        [("administrative_licensing", "行政许可"), ("other_external_services", "其他对外管理服务事项")],
    ),
    (
        "第二十条第（六）项",
        [("prior_year_items", "上一年项目数量"), ("change", "本年增/减"), ("decisions", "处理决定数量")],
        [("administrative_penalty", "行政处罚"), ("administrative_coercion", "行政强制")],
    ),
    (
        "第二十条第（八）项",
        [("prior_year_items", "上一年项目数量"), ("change", "本年增/减")],
        [("administrative_fees", "行政事业性收费")],
    ),
    (
        "第二十条第（九）项",
        [("projects", "采购项目数量"), ("amount", "采购总金额")],
        [("government_procurement", "政府集中采购")],
    ),
]


def results(*, one_row: bool) -> list[tuple[str, str, str]]:
    """The rows between 二 and （七）, with （六） as one row or as three."""
    return RESULTS + (OTHER_ONE if one_row else OTHER_THREE)
