"""Who can log in to the demo. Fictional people, undiallable numbers.

Nothing is imported here: `make run` tells the log-ins without loading the product.
"""

PASSWORD = "demo-yuanhang"  # noqa: S105 - the demo's, shown on its log-in page

LOGINS = [
    ("10000000001", "骑手甲（演示）"),
    ("10000000002", "骑手乙（演示）"),
    ("10000000011", "第六网格员（演示）"),
    ("10000000012", "第一网格兼职网格员（演示）"),
    ("10000000021", "远航社区工作人员（演示）"),
    ("10000000022", "景山社区工作人员（演示）"),
    ("10000000031", "街道综治中心（演示）"),
    ("10000000041", "管理员（演示）"),
    ("10000000051", "庆小驿管理员（演示）"),
]
