#include "engine/execution/run_task.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {

bool canRunElsewhere(const ExecutionRequest &request)
{
    return request.directory.isEmpty() && request.observation == Observation::None;
}

QString taskOf(const ExecutionRequest &request)
{
    QJsonObject environment;
    for (auto it = request.environment.begin(); it != request.environment.end(); ++it)
        environment.insert(it.key(), it.value());
    QJsonArray files;
    for (const FileId &file : request.inputFiles)
        files.append(file.value);
    QJsonObject task{{u"env"_s, environment},
                     {u"entrypoint"_s, request.entrypoint},
                     {u"input_files"_s, files},
                     {u"traceparent"_s, request.traceparent},
                     {u"address"_s, request.origin.address},
                     {u"request_id"_s, request.origin.requestId}};
    if (request.timeout)
        task.insert(u"timeout_ms"_s, static_cast<qint64>(request.timeout->count()));
    return QString::fromUtf8(QJsonDocument(task).toJson(QJsonDocument::Compact));
}

Result<ExecutionRequest> requestOf(const QueuedRun &run)
{
    const QJsonDocument document = QJsonDocument::fromJson(run.task.toUtf8());
    if (!document.isObject()) {
        return fail(ErrorCode::StorageCorrupt,
                    u"what execution \"%1\" was asked to do cannot be read"_s.arg(
                        run.record.id.value));
    }
    const QJsonObject task = document.object();
    const ExecutionRecord &record = run.record;
    ExecutionRequest request{.tenant = record.tenant,
                             .origin = {record.caller, task[u"address"_s].toString(),
                                        task[u"request_id"_s].toString()},
                             .skill = record.skillName,
                             .version = record.skillVersion,
                             .directory = {},
                             .input = record.input,
                             .environment = {},
                             .entrypoint = task[u"entrypoint"_s].toString(),
                             .timeout = {}};
    const QJsonObject environment = task[u"env"_s].toObject();
    for (auto it = environment.begin(); it != environment.end(); ++it)
        request.environment.insert(it.key(), it.value().toString());
    for (const QJsonValue file : task[u"input_files"_s].toArray())
        request.inputFiles.append(FileId{file.toString()});
    if (task.contains(u"timeout_ms"_s))
        request.timeout = std::chrono::milliseconds(task[u"timeout_ms"_s].toInteger());
    request.session = record.session;
    request.traceparent = task[u"traceparent"_s].toString();
    return request;
}

} // namespace skillbox
