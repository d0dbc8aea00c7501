"""The roles an account may hold."""

#: Each with what people call it.
ROLES = {
    "applicant": "申报人",
    "officer": "经办人",
    "chief": "负责人",
    "expert": "专家",
    "third_party": "第三方机构",
    "auditor": "审计人员",
    "portal": "门户系统",
    "operator": "运维人员",
}
