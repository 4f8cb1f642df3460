"""Attendance, the ledger, training, certificates, and what sessions and activities need for them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import volunteers.models.certificates


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0005_robot_schedule"),
        ("volunteers", "0003_reminders_and_calendar_feeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=30, verbose_name="临时来的")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("present", "到了"),
                            ("absent", "没来"),
                            ("late", "晚到"),
                            ("left_early", "早走"),
                        ],
                        max_length=10,
                        verbose_name="情况",
                    ),
                ),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="分钟")),
                ("is_passed", models.BooleanField(default=True, verbose_name="通过")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="为什么改")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "到场情况",
                "verbose_name_plural": "到场情况",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16, unique=True, verbose_name="编号")),
                (
                    "code",
                    models.CharField(
                        default=volunteers.models.certificates.make_check_code,
                        max_length=8,
                        verbose_name="校验码",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("valid", "有效"),
                            ("superseded", "已换新"),
                            ("revoked", "已作废"),
                        ],
                        default="valid",
                        editable=False,
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("start", models.DateField(verbose_name="从")),
                ("end", models.DateField(verbose_name="到")),
                ("minutes", models.PositiveIntegerField(verbose_name="分钟")),
                ("person_in_charge", models.CharField(max_length=30, verbose_name="负责人")),
                ("handler", models.CharField(max_length=60, verbose_name="经办人")),
                ("contact", models.CharField(max_length=20, verbose_name="联系电话")),
                ("remarks", models.CharField(blank=True, max_length=100, verbose_name="备注")),
                (
                    "issued_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="出具时间"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="失效时间")),
                (
                    "end_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="作废原因"),
                ),
            ],
            options={
                "verbose_name": "服务证明",
                "verbose_name_plural": "服务证明",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CertificateHolder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("volunteer_number", models.CharField(max_length=16, verbose_name="志愿者编号")),
                ("lines", models.JSONField(verbose_name="服务内容")),
            ],
            options={
                "verbose_name": "证明持有人",
                "verbose_name_plural": "证明持有人",
            },
        ),
        migrations.CreateModel(
            name="CertificateRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateField(verbose_name="从")),
                ("end", models.DateField(verbose_name="到")),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="申请时间"
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="答复时间"),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=200, verbose_name="不开的原因"),
                ),
            ],
            options={
                "verbose_name": "证明申请",
                "verbose_name_plural": "证明申请",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Commendation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("award", "表彰奖励"), ("evaluation", "评价")],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("text", models.CharField(max_length=300, verbose_name="内容")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="时间"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="撤回时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "表彰和评价",
                "verbose_name_plural": "表彰和评价",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_accepted", models.BooleanField(verbose_name="属实")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
            ],
            options={
                "verbose_name": "补录确认",
                "verbose_name_plural": "补录确认",
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=30, primary_key=True, serialize=False, verbose_name="项目"
                    ),
                ),
                ("last", models.PositiveIntegerField(default=0, verbose_name="最后")),
            ],
            options={
                "verbose_name": "编号计数",
                "verbose_name_plural": "编号计数",
            },
        ),
        migrations.CreateModel(
            name="Course",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="创建时间"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                ("title", models.CharField(max_length=40, unique=True, verbose_name="课程")),
                ("text", models.CharField(blank=True, max_length=400, verbose_name="讲什么")),
                (
                    "parts",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="每一讲都参加了才算学完。", verbose_name="共几讲"
                    ),
                ),
            ],
            options={
                "verbose_name": "课程",
                "verbose_name_plural": "课程",
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Qualification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("training", "培训"), ("registered", "外部证书")],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("issuer", models.CharField(blank=True, max_length=60, verbose_name="发证单位")),
                ("since", models.DateField(verbose_name="从")),
                ("until", models.DateField(blank=True, null=True, verbose_name="到")),
                (
                    "warned",
                    models.PositiveSmallIntegerField(
                        blank=True, editable=False, null=True, verbose_name="已提醒"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="登记时间"
                    ),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="撤销时间"
                    ),
                ),
                (
                    "revoke_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=200, verbose_name="撤销原因"
                    ),
                ),
            ],
            options={
                "verbose_name": "资质",
                "verbose_name_plural": "资质",
                "ordering": ["-since", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="QualificationScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("image", models.FileField(max_length=120, upload_to="", verbose_name="照片")),
                (
                    "thumbnail",
                    models.FileField(max_length=120, upload_to="", verbose_name="缩略图"),
                ),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="上传时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "证书照片",
                "verbose_name_plural": "证书照片",
            },
        ),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("session", "活动"), ("hand", "手工"), ("errand", "顺路任务")],
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=40, verbose_name="凭据")),
                ("content", models.CharField(max_length=60, verbose_name="服务内容")),
                ("on", models.DateField(verbose_name="服务日期")),
                ("minutes", models.SmallIntegerField(verbose_name="分钟")),
                ("needs_second", models.BooleanField(default=False, verbose_name="补录")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="录入时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "志愿服务记录",
                "verbose_name_plural": "志愿服务记录",
                "ordering": ["-on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="TrainingRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.PositiveSmallIntegerField(default=1, verbose_name="第几讲")),
                ("organiser", models.CharField(max_length=60, verbose_name="组织单位")),
                ("title", models.CharField(max_length=60, verbose_name="内容")),
                ("on", models.DateField(verbose_name="日期")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="分钟")),
                ("is_passed", models.BooleanField(verbose_name="通过")),
            ],
            options={
                "verbose_name": "培训记录",
                "verbose_name_plural": "培训记录",
                "ordering": ["-on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="VolunteerNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=16, unique=True, verbose_name="编号")),
                (
                    "at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "志愿者编号",
                "verbose_name_plural": "志愿者编号",
            },
        ),
        migrations.AddField(
            model_name="session",
            name="part",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="课程分几讲时填。", verbose_name="第几讲"
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="settled_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="记录时间"
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="settled_by_itself",
            field=models.BooleanField(default=False, editable=False, verbose_name="自动记录"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", True)),
                fields=["ends_at"],
                name="session_unsettled",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__gte", 1)), name="session_part_counts_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_at__isnull", True),
                    ("settled_at__gte", models.F("ends_at")),
                    _connector="OR",
                ),
                name="session_settled_after_its_end",
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attendances",
                to="volunteers.session",
                verbose_name="场次",
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attendances",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="stations.community",
                verbose_name="出具单位",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="superseded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="supersedes",
                to="volunteers.certificate",
                verbose_name="新证明",
            ),
        ),
        migrations.AddField(
            model_name="certificateholder",
            name="certificate",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="holder",
                to="volunteers.certificate",
                verbose_name="证明",
            ),
        ),
        migrations.AddField(
            model_name="certificateholder",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="certificate_holdings",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="certificaterequest",
            name="certificate",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="request",
                to="volunteers.certificate",
            ),
        ),
        migrations.AddField(
            model_name="certificaterequest",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificate_requests",
                to="stations.community",
                verbose_name="社区",
            ),
        ),
        migrations.AddField(
            model_name="certificaterequest",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="certificate_requests",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="commendation",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="填写人",
            ),
        ),
        migrations.AddField(
            model_name="commendation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="commendations",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="确认人",
            ),
        ),
        migrations.AddField(
            model_name="course",
            name="skill",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="courses",
                to="volunteers.skill",
                verbose_name="学会什么",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="course",
            field=models.ForeignKey(
                blank=True,
                help_text="培训才填。",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="activities",
                to="volunteers.course",
                verbose_name="课程",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("course__isnull", True), ("kind", "training"), _connector="OR"),
                name="activity_course_is_training",
                violation_error_message="只有培训才选课程。",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="course",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="qualifications",
                to="volunteers.course",
                verbose_name="课程",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="skill",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="qualifications",
                to="volunteers.skill",
                verbose_name="技能",
            ),
        ),
        migrations.AddField(
            model_name="qualification",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="qualifications",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="qualificationscan",
            name="qualification",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scan",
                to="volunteers.qualification",
                verbose_name="资质",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="录入",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="community",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="service_records",
                to="stations.community",
                verbose_name="社区",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="session",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="service_records",
                to="volunteers.session",
                verbose_name="场次",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="service_records",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="record",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="confirmation",
                to="volunteers.servicerecord",
                verbose_name="记录",
            ),
        ),
        migrations.AddField(
            model_name="trainingrecord",
            name="course",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="training_records",
                to="volunteers.course",
                verbose_name="课程",
            ),
        ),
        migrations.AddField(
            model_name="trainingrecord",
            name="qualification",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="training_records",
                to="volunteers.qualification",
                verbose_name="资质",
            ),
        ),
        migrations.AddField(
            model_name="trainingrecord",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="training_records",
                to="volunteers.session",
                verbose_name="场次",
            ),
        ),
        migrations.AddField(
            model_name="trainingrecord",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="training_records",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddField(
            model_name="volunteernumber",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="volunteer_number",
                to=settings.AUTH_USER_MODEL,
                verbose_name="人员",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user__isnull", False), models.Q(("label", ""), _negated=True), _connector="OR"
                ),
                name="attendance_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "absent"), ("minutes", 0)),
                    models.Q(
                        models.Q(("kind", "absent"), _negated=True),
                        ("minutes__gte", 1),
                        ("minutes__lte", 1440),
                    ),
                    _connector="OR",
                ),
                name="attendance_minutes_fit",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["community", "-id"], name="certificate_community"),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gte", models.F("start")), ("minutes__gt", 0)),
                name="certificate_of_a_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("end_reason", ""),
                        ("ended_at__isnull", True),
                        ("state", "valid"),
                        ("superseded_by__isnull", True),
                    ),
                    models.Q(
                        ("end_reason", ""),
                        ("ended_at__isnull", False),
                        ("state", "superseded"),
                        ("superseded_by__isnull", False),
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("state", "revoked"),
                        ("superseded_by__isnull", True),
                        models.Q(("end_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="certificate_state_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="certificateholder",
            index=models.Index(fields=["user", "-id"], name="certificate_of_user"),
        ),
        migrations.AddIndex(
            model_name="certificaterequest",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)),
                fields=["community", "id"],
                name="certificate_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificaterequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True)),
                fields=("user", "community"),
                name="certificate_asked_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificaterequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", True),
                        ("certificate__isnull", True),
                        ("refusal", ""),
                    ),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("certificate__isnull", False),
                        ("refusal", ""),
                    ),
                    models.Q(
                        ("answered_at__isnull", False),
                        ("certificate__isnull", True),
                        models.Q(("refusal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="certificate_request_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificaterequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gte", models.F("start"))),
                name="certificate_request_of_a_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="commendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("at")), _connector="OR"
                ),
                name="commendation_ends_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("parts__gte", 1), ("parts__lte", 20)),
                name="course_has_parts",
                violation_error_message="一门课有 1 到 20 讲。",
            ),
        ),
        migrations.AddIndex(
            model_name="qualification",
            index=models.Index(fields=["user", "skill"], name="qualification_of_user"),
        ),
        migrations.AddIndex(
            model_name="qualification",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", True), ("until__isnull", False)),
                fields=["until"],
                name="qualification_ending",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="qualification_ends_after_start",
                violation_error_message="到期不能早于开始。",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("course__isnull", False), ("issuer", ""), ("source", "training")),
                    models.Q(
                        ("course__isnull", True),
                        ("source", "registered"),
                        models.Q(("issuer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="qualification_has_its_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="qualification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoke_reason", ""), ("revoked_at__isnull", True)),
                    models.Q(
                        ("revoked_at__isnull", False),
                        models.Q(("revoke_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="qualification_revoked_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["user", "-on", "-id"], name="record_of_user"),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["session", "user"], name="record_of_session"),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(
                condition=models.Q(("needs_second", True)),
                fields=["community", "id"],
                name="record_late",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("minutes", 0), _negated=True),
                    ("minutes__gte", -1440),
                    ("minutes__lte", 1440),
                ),
                name="record_minutes_are_some",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reference", ""), ("session__isnull", False), ("source", "session")),
                    models.Q(
                        ("needs_second", True),
                        ("reference", ""),
                        ("session__isnull", True),
                        ("source", "hand"),
                    ),
                    models.Q(
                        ("session__isnull", True),
                        ("source", "errand"),
                        models.Q(("reference", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="record_has_its_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("needs_second", False),
                    ("by__isnull", True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="record_by_hand_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                fields=("reference",),
                name="record_reference_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_accepted", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="refusal_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="trainingrecord",
            index=models.Index(fields=["user", "-on", "-id"], name="training_of_user"),
        ),
        migrations.AddConstraint(
            model_name="trainingrecord",
            constraint=models.UniqueConstraint(
                fields=("session", "user"), name="training_record_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_passed", False), ("minutes__gt", 0), _connector="OR"),
                name="training_passed_by_those_who_came",
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qualification__isnull", True), ("is_passed", True), _connector="OR"
                ),
                name="training_grants_what_was_passed",
            ),
        ),
    ]
