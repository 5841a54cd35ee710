#pragma once

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/records.h"

namespace skillbox::test {

inline QDateTime at(qint64 second)
{
    return QDateTime::fromMSecsSinceEpoch(1'700'000'000'000 + second * 1000, Qt::UTC);
}

inline BlobId blobNamed(const QString &text)
{
    return {Sha256::of(text.toUtf8())};
}

inline SkillVersionRecord someVersion(const TenantId &tenant, const QString &name,
                                      const QString &version, qint64 publishedSecond = 0)
{
    SkillVersionRecord record;
    record.tenant = tenant;
    record.name = name;
    record.version = version;
    record.digest = QStringLiteral("sha256:")
        + Sha256::of((name + QLatin1Char('@') + version).toUtf8());
    record.archive = blobNamed(name + QLatin1Char('@') + version);
    record.archiveBytes = 321;
    record.description = QStringLiteral("Does what %1 says").arg(name);
    record.language = QStringLiteral("python");
    record.mode = QStringLiteral("executable");
    record.instructions = QStringLiteral("# Use\nCall it.");
    record.manifest = {{QStringLiteral("resources"), QJsonObject()}};
    record.publishedBy = QStringLiteral("tester");
    record.publishedAt = at(publishedSecond);
    return record;
}

inline ExecutionRecord someExecution(const TenantId &tenant, qint64 createdSecond = 0)
{
    ExecutionRecord record;
    record.id = {newUuid()};
    record.tenant = tenant;
    record.skillName = QStringLiteral("word-counter");
    record.skillVersion = QStringLiteral("1.0.0");
    record.input = *JsonText::parse("{\"n\":1.0}");
    record.caller = QStringLiteral("tester");
    record.instance = {QStringLiteral("instance-a")};
    record.createdAt = at(createdSecond);
    return record;
}

/// The same execution, ended well.
inline ExecutionRecord finished(ExecutionRecord record)
{
    record.status = ExecutionStatus::Success;
    record.reason = QStringLiteral("exit_code");
    record.exitCode = 0;
    record.output = *JsonText::parse("[1.10,12345678901234567890]");
    record.logs = QStringLiteral("one\ntwo\n");
    record.durationMs = 17;
    record.entrypoint = QStringLiteral("main.py");
    record.skillDigest = QStringLiteral("sha256:aa");
    record.sandbox = {{QStringLiteral("backend"), QStringLiteral("native")}};
    record.startedAt = record.createdAt.addMSecs(5);
    record.finishedAt = record.createdAt.addMSecs(22);
    return record;
}

inline ArtifactRecord someArtifact(const QString &path)
{
    return {path, {newUuid()}, blobNamed(path), 12, QStringLiteral("image/png")};
}

} // namespace skillbox::test
