"""What the people of the demo say: of things, of persons, each in its own words."""

# Whose work it is, as in most towns; the rest is the municipal works'.
REPAIRS = {
    "charging": "供电班组（演示）",
    "street_light": "路灯管理所（演示）",
    "ice": "环卫所（演示）",
    "leak": "水务抢修班（演示）",
    "rubbish": "环卫所（演示）",
    "fraud": "社区民警（演示）",
    "elder": "社工站（演示）",
}
ANY_REPAIR = "市政维护所（演示）"
WORDS = {
    "manhole": ("井盖翘起来了，晚上看不见", "井盖一压就响，怕翻", "路面塌了个小坑"),
    "fire_lane": ("消防通道堆了旧沙发", "楼道口停了一排电动车"),
    "charging": ("三楼拉线下来充电", "电线搭在树上，一碰就晃"),
    "street_light": ("巷子里两盏灯不亮", "路灯杆歪了"),
    "ice": ("公交站台阶上一层冰", "屋檐冰溜子有一米长"),
    "leak": ("井里往外冒热水", "路边漏水，结成冰了"),
    "rubbish": ("垃圾箱满了三天", "建筑垃圾倒在路边"),
    "traffic": ("护栏倒了一截", "路口老有车停在斑马线上"),
    "fraud": ("老人收到到付快递，要八百块", "有人发传单，说能包治病"),
    "elder": ("老人说两天没下楼买菜了", "老人在路口不认得家"),
    "oil_gas": ("抽油机旁边有油味", "井场围栏破了个口"),
    "other": ("树枝断了挂在半空", "广告牌被风刮松了"),
}
# What a grid worker wrote down after listening.
GISTS = {
    "manhole": "井盖翘了一角，下班人多，怕晚上踩空",
    "fire_lane": "通道堵着，推车过不去",
    "charging": "楼上拉线下来充电，好几辆",
    "street_light": "巷子全黑，拐弯看不见人",
    "ice": "台阶结冰，刚摔了一个",
    "leak": "水冒到马路上，在结冰",
}
ANY_GIST = "就在路口，来的人一眼能看见"
PLACES = {
    "manhole": "南六街与外环路口",
    "ice": "外环路公交站",
    "street_light": "平房区二巷",
    "fire_lane": "商服一条街",
    "traffic": "大集东口",
}
NOTES = {
    "accept": ("马上过去看，先摆警示桩。", "今天就去。", "知道了，已经联系物业。"),
    "secure": ("摆了警示桩，围上了。", "拉了警戒带。"),
    "escalate": ("要专业单位来修，报给街道。", ""),
    "dispatch": ("已经派单，对方在路上。", "今天内到场。"),
    "fix": ("换了新的，踩上去稳了。", "清干净了。", "修好了，现场也收拾了。"),
    "close": ("现场看过了，没问题。谢谢你！", "看过了，修得很好。"),
}
# Of people: nothing is fenced off, and nobody is repaired.
NOTES_ON_PEOPLE = {
    "accept": ("这就打电话去问。", "知道了，马上上门看看。"),
    "escalate": ("要街道一起上门，报上去了。",),
    "dispatch": ("说好今天上门。",),
    "fix": ("见到本人了，人没事。", "打通电话，提醒过了。"),
    "close": ("又打了一次电话，放心了。谢谢你！",),
}
REASONS = {
    "ask_info": ("是路口哪一边？旁边有什么店？", "能再拍一张远一点的吗？"),
    "suspend": ("上冻了，开春再修。", "等井盖到货。"),
    "reject": ("这处在小区里面，归物业管，已经替你转告。", "去看过两次，没有找到，可能已经好了。"),
}
REASONS_ON_PEOPLE = {
    "ask_info": ("是哪个楼哪个单元？", "大概几点看见的？"),
    "suspend": ("家里人接走了，下周再去看。",),
    "reject": ("问过家里人，是一场误会。", "已经有人在管，不用再登记。"),
}


def said(table: dict[str, tuple[str, ...]], on_people: dict[str, tuple[str, ...]], kind: str):
    """The sentences for a kind of category."""
    return on_people if kind == "person" else table
