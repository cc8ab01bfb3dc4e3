"""Personal data in texts: what is masked, and above all what is not."""

import json

import pytest

from archive.publish.privacy import mask, mask_grid, mask_print

IDENTITY, MOBILE = "［身份号码已隐去］", "［手机号已隐去］"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证号500102199003071234。", f"身份证号{IDENTITY}。"),
        ("身份证号50010219900307123X，", f"身份证号{IDENTITY}，"),
        ("号码５００１０２１９９００３０７１２３４。", f"号码{IDENTITY}。"),
        ("旧号510212680307123。", f"旧号{IDENTITY}。"),
        ("电话13800138000", f"电话{MOBILE}"),
        ("电话：138-0013-8000。", f"电话：{MOBILE}。"),
        ("电话 138 0013 8000。", f"电话 {MOBILE}。"),
        ("申请人王小明不服答复，", "申请人王某某不服答复，"),
        ("原告：李四，男，", "原告：李某某，男，"),
        ("复议申请人欧阳春诉某局", "复议申请人欧阳某某诉某局"),
        ("上诉人陈大文、张三", "上诉人陈某某、张某某"),
        ("原告刘大伟、陈静和周小杰诉某局", "原告刘某某、陈某某和周某某诉某局"),
        ("申请人姓名：张伟，姓名：何小娜。", "申请人姓名：张某某，姓名：何某某。"),
        ("申请人 冉大勇 申请公开", "申请人 冉某某 申请公开"),
        ("手机+8613800138000。", f"手机{MOBILE}。"),
    ],
)
def test_personal_data_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "办公电话023-62801234，邮编400060。",
        "联系电话：（023）62801234。",
        "收入13800138000元，支出13900139000.50万元。",
        "统一社会信用代码11500113009316012X。",
        "文号50010220201301123400。",
        "全年收到申请138件，办结130件。",
        "申请人情况见下表，申请人数增加。",
        "申请人向我局提出申请，申请人向本机关补正。",
        "申请人查询，申请人常见问题，申请人曾向区政府申请。",
        "被申请人江津区人民政府。",
        "原告张某某不服。",
        "局长王小明主持会议。",
        "申请人单位。原告方不服。",
        "当事人高度满意，申请人管理。",
        "申请人何时补正，申请人代理人，原告和江北区人民政府，原告、被告及万州区。",
        "",
    ],
)
def test_offices_figures_and_common_words_stay(text: str) -> None:
    assert mask(text) == text


def test_what_a_cell_prints_is_masked_unless_it_is_a_figure() -> None:
    assert mask_print("13800138000") == "13800138000"
    assert mask_print("5（联系13800138000）") == f"5（联系{MOBILE}）"


def test_a_cell_of_figures_is_never_touched() -> None:
    cells = json.dumps(
        [["申请人", "13800138000"], ["500102199003071234", "联系13800138000"]], ensure_ascii=False
    )
    assert json.loads(mask_grid(cells)) == [
        ["申请人", "13800138000"],
        ["500102199003071234", f"联系{MOBILE}"],
    ]
    assert mask_grid('[["1", "2"]]') == '[["1", "2"]]'
