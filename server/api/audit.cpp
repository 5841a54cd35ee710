#include "server/api/audit.h"

#include "engine/access/audit_log.h"
#include "engine/base/clock.h"
#include "server/api/answers.h"
#include "server/api/json/json_output.h"

#include <QTemporaryFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int standardAuditRows = 100;

/// The number of the last record that was seen, under either name.
Result<qint64> seenOf(const HttpRequest &request, QStringView name, const QString &complaint)
{
    const QString text = request.queryValue(name);
    if (text.isEmpty())
        return 0;
    bool isNumber = false;
    const qint64 seq = text.toLongLong(&isNumber);
    if (!isNumber || seq < 0)
        return fail(ErrorCode::BadRequest, complaint);
    return seq;
}

/// Which records: `after`, `since`, `until`.
Result<AuditFilter> auditFilterOf(const HttpRequest &request)
{
    const auto after = seenOf(request, u"after", u"after must be the seq of a record"_s);
    if (!after)
        return fail(after.error());
    const auto since = timeOf(request, u"since");
    if (!since)
        return fail(since.error());
    const auto until = timeOf(request, u"until");
    if (!until)
        return fail(until.error());
    return AuditFilter{.afterSeq = *after, .since = *since, .until = *until};
}

HttpResponse listAudit(MetadataStore &metadata, const HttpRequest &request)
{
    const auto limit = limitOf(request, standardAuditRows, 1000);
    if (!limit)
        return failed(limit.error(), request);
    const auto cursor = seenOf(
        request, u"cursor",
        u"cursor is not one that this server gave out; leave it out to begin anew"_s);
    if (!cursor)
        return failed(cursor.error(), request);
    auto filter = auditFilterOf(request);
    if (!filter)
        return failed(filter.error(), request);
    filter->afterSeq = qMax(filter->afterSeq, *cursor);
    filter->limit = *limit + 1; // one more than asked for says whether anything follows
    auto records = metadata.listAudit(callerOf(request).tenant, *filter);
    if (!records)
        return failed(records.error(), request);
    const bool more = records->size() > *limit;
    if (more)
        records->removeLast();
    QByteArray json = "[";
    for (const AuditRecord &record : *records)
        json += (json.size() > 1 ? "," : "") + auditJson(record);
    HttpResponse response = HttpResponse::json(200, json + ']');
    if (more)
        addNextLink(response, request, QString::number(records->constLast().seq));
    return response;
}

/// Through a file: the answer then has a length, which tells a client whether it got everything,
/// and a slow one holds no memory and no thread.
HttpResponse exportAuditLines(MetadataStore &metadata, const QString &spoolDirectory,
                              const HttpRequest &request)
{
    const auto which = auditFilterOf(request);
    if (!which)
        return failed(which.error(), request);
    const auto file = std::make_shared<QTemporaryFile>(
        (spoolDirectory.isEmpty() ? QDir::tempPath() : spoolDirectory) + u"/audit-XXXXXX"_s);
    if (!file->open()) {
        return failed({ErrorCode::StorageUnavailable, u"the export cannot be written"_s,
                       file->errorString()},
                      request);
    }
    const auto written = exportAudit(metadata, callerOf(request).tenant, *which, *file);
    if (!written)
        return failed(written.error(), request);
    if (!file->flush() || !file->seek(0)) {
        return failed({ErrorCode::StorageUnavailable, u"the export cannot be written"_s,
                       file->errorString()},
                      request);
    }
    HttpResponse response;
    response.headers.set("Content-Type", "application/x-ndjson");
    response.headers.set("Content-Disposition", attachmentNamed(u"audit.jsonl"_s));
    response.headers.set("Cache-Control", "no-store");
    response.body = std::shared_ptr<QIODevice>(file);
    return response;
}

QByteArray verdictJson(const AuditVerdict &verdict)
{
    JsonOutput json;
    json.beginObject()
        .member("intact", verdict.broken.isEmpty())
        .member("checked", verdict.checked)
        .memberIfAny("last_hash", verdict.lastHash);
    if (!verdict.broken.isEmpty())
        json.member("broken", verdict.broken).member("broken_seq", verdict.brokenSeq);
    json.endObject();
    return json.bytes();
}

} // namespace

void registerAudit(Router &router, ApiServices &services)
{
    const auto get = [&](const QString &pattern, SimpleHandler handler) {
        router.add("GET", pattern, services.route(Permission::Audit), std::move(handler));
    };
    get(u"/v1/audit"_s, [&services](const HttpRequest &request) {
        return listAudit(services.engine.metadata(), request);
    });
    get(u"/v1/audit/export"_s, [&services](const HttpRequest &request) {
        return exportAuditLines(services.engine.metadata(), services.settings.spoolDirectory,
                                request);
    });
    get(u"/v1/audit/verify"_s, [&services](const HttpRequest &request) {
        return answer(
            verifyAudit(services.engine.metadata(), callerOf(request).tenant).map(verdictJson),
            request);
    });
}

} // namespace skillbox
