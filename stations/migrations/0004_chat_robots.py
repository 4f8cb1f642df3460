"""Group robots of WeCom, and what is on its way into their groups."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import yuanhang.core.robot


class Migration(migrations.Migration):
    """Tables only."""

    dependencies = [
        ("stations", "0003_whole_points"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChatRobot",
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
                ("name", models.CharField(max_length=60, verbose_name="群名")),
                (
                    "url",
                    models.CharField(
                        error_messages={"unique": "这个机器人已经登记过了。"},
                        max_length=300,
                        unique=True,
                        validators=[yuanhang.core.robot.check_url],
                        verbose_name="Webhook 地址",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                (
                    "community",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="robots",
                        to="stations.community",
                        verbose_name="社区",
                    ),
                ),
                (
                    "grid",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="robots",
                        to="stations.grid",
                        verbose_name="网格",
                    ),
                ),
            ],
            options={
                "verbose_name": "群机器人",
                "verbose_name_plural": "群机器人",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RobotMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120, verbose_name="唯一键")),
                ("text", models.TextField(verbose_name="内容")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "待发"),
                            ("sending", "发送中"),
                            ("sent", "已发"),
                            ("failed", "未发出"),
                        ],
                        default="pending",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="尝试次数")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="时间"
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="下次发送"
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="发出时间")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                (
                    "robot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="stations.chatrobot",
                        verbose_name="群机器人",
                    ),
                ),
            ],
            options={
                "verbose_name": "群消息",
                "verbose_name_plural": "群消息",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="chatrobot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("community__isnull", True), ("grid__isnull", False)),
                    models.Q(("community__isnull", False), ("grid__isnull", True)),
                    _connector="OR",
                ),
                name="robot_has_one_place",
                violation_error_message="网格和社区选一个，只选一个。",
            ),
        ),
        migrations.AddIndex(
            model_name="robotmessage",
            index=models.Index(
                condition=models.Q(("state__in", ["pending", "sending"])),
                fields=["due_at"],
                name="robot_message_due",
            ),
        ),
        migrations.AddIndex(
            model_name="robotmessage",
            index=models.Index(fields=["robot", "sent_at"], name="robot_message_minute"),
        ),
        migrations.AddConstraint(
            model_name="robotmessage",
            constraint=models.UniqueConstraint(fields=("robot", "key"), name="robot_message_once"),
        ),
        migrations.AddConstraint(
            model_name="robotmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="robot_message_sent_has_time",
            ),
        ),
    ]
