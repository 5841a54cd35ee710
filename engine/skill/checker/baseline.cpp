#include "engine/skill/checker/baseline.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int baselineVersion = 1;
constexpr qsizetype maxBaselineBytes = 16 << 20;

tl::unexpected<Error> badBaseline(const QString &why)
{
    return fail(ErrorCode::BadRequest, u"the baseline "_s + why);
}

} // namespace

Result<Baseline> Baseline::parse(QByteArrayView text)
{
    if (text.size() > maxBaselineBytes)
        return badBaseline(u"is larger than 16 MiB"_s);
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(text.toByteArray(), &problem);
    if (!document.isObject())
        return badBaseline(u"is not a JSON object: "_s + problem.errorString());
    const QJsonObject object = document.object();
    if (object[u"version"].toInt() != baselineVersion)
        return badBaseline(u"has an unknown version; this program writes version 1"_s);
    Baseline baseline;
    const QJsonArray findings = object[u"findings"].toArray();
    for (const QJsonValue &value : findings) {
        const QJsonObject row = value.toObject();
        Entry entry{row[u"fingerprint"].toString(),
                    row[u"id"].toString(),
                    row[u"file"].toString(),
                    row[u"message"].toString(),
                    {}};
        if (entry.fingerprint.isEmpty())
            return badBaseline(u"has an entry without a fingerprint"_s);
        if (row.contains(u"expires"_s)) {
            entry.expires = QDate::fromString(row[u"expires"].toString(), Qt::ISODate);
            if (!entry.expires.isValid())
                return badBaseline(u"has an entry whose expires is no date like 2026-12-31"_s);
        }
        baseline.m_entries += std::move(entry);
    }
    return baseline;
}

Baseline Baseline::of(const QList<Finding> &findings, const QDate &expires)
{
    Baseline baseline;
    for (const Finding &finding : findings)
        baseline.m_entries += {finding.fingerprint, finding.id, finding.file, finding.message,
                               expires};
    return baseline;
}

QByteArray Baseline::toJson() const
{
    QJsonArray findings;
    for (const Entry &entry : m_entries) {
        QJsonObject row{{u"fingerprint"_s, entry.fingerprint},
                        {u"id"_s, entry.id},
                        {u"file"_s, entry.file},
                        {u"message"_s, entry.message}};
        if (entry.expires.isValid())
            row.insert(u"expires"_s, entry.expires.toString(Qt::ISODate));
        findings.append(row);
    }
    return QJsonDocument(QJsonObject{{u"version"_s, baselineVersion}, {u"findings"_s, findings}})
        .toJson();
}

Baseline::Split Baseline::split(const QList<Finding> &findings, const QDate &today) const
{
    QHash<QString, int> current;
    QHash<QString, int> past;
    for (const Entry &entry : m_entries) {
        const bool isOver = entry.expires.isValid() && entry.expires < today;
        ++(isOver ? past : current)[entry.fingerprint];
    }
    Split split;
    for (const Finding &finding : findings) {
        if (current.value(finding.fingerprint) > 0) {
            --current[finding.fingerprint];
            ++split.covered;
            continue;
        }
        if (past.value(finding.fingerprint) > 0) {
            --past[finding.fingerprint];
            ++split.expired;
        }
        split.fresh += finding;
    }
    return split;
}

} // namespace skillbox
