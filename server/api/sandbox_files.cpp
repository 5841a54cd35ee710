#include "server/api/answers.h"
#include "server/api/json/file_json.h"
#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/api/sandbox.h"

#include <QBuffer>
#include <QDir>
#include <QTemporaryFile>

#include <array>
#include <map>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What read-file answers at once; more is for download-file.
constexpr qint64 maxReadBytes = 8LL << 20;
constexpr int maxDepthOfAll = 100;

/// Of two calls that append to files of one session at once, the second waits for the first. Few
/// enough locks to hold forever, many enough that sessions hardly meet.
class AppendLocks
{
public:
    std::mutex &of(const TenantId &tenant, const QString &session)
    {
        return m_locks[qHashMulti(0, tenant.value, session) % m_locks.size()];
    }

private:
    std::array<std::mutex, 64> m_locks;
};

/// Where a call works: whose session, and the members of its body.
struct SandboxCall {
    TenantId tenant;
    QString session;
    JsonReader json;
};

Result<SandboxCall> callOf(const HttpRequest &request)
{
    auto session = sandboxSessionOf(request);
    if (!session)
        return fail(session.error());
    auto json = JsonReader::parse(request.body->bytes());
    if (!json)
        return fail(json.error());
    return SandboxCall{callerOf(request).tenant, std::move(*session), std::move(*json)};
}

/// The file that the body's `path` names; for what needs one.
Result<QString> filePathOf(SandboxCall &call)
{
    const QString text = call.json.requiredText("path"_L1);
    if (call.json.error())
        return fail(*call.json.error());
    auto path = sandboxPath(text);
    if (path && path->isEmpty())
        return fail(ErrorCode::BadRequest, u"path must name a file below /sandbox/session"_s);
    return path;
}

Result<QByteArray> readSandboxFile(const HttpRequest &request, ApiServices &services)
{
    auto call = callOf(request);
    if (!call)
        return fail(call.error());
    const auto path = filePathOf(*call);
    if (!path)
        return fail(path.error());
    auto &sessions = services.engine.sessions();
    const auto file = sessions.find(call->tenant, call->session, *path);
    if (!file)
        return fail(file.error());
    if (file->sizeBytes > maxReadBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the file has %1 bytes; over %2 use download-file"_s.arg(file->sizeBytes)
                        .arg(maxReadBytes));
    }
    auto content = sessions.open(*file);
    if (!content)
        return fail(content.error());
    return fileContentJson(sandboxPathText(*path), (*content)->readAll());
}

Result<QByteArray> decodedContent(const QString &content, const QString &encoding)
{
    if (encoding.isEmpty() || encoding == "utf-8"_L1 || encoding == "utf8"_L1)
        return content.toUtf8();
    if (encoding != "base64"_L1)
        return fail(ErrorCode::BadRequest, u"encoding must be utf-8 or base64"_s);
    auto bytes = QByteArray::fromBase64Encoding(
        content.toLatin1(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!bytes)
        return fail(ErrorCode::BadRequest, u"content is not base64"_s);
    return std::move(*bytes);
}

/// Copies what is there and the new bytes into a file of their own: what is there may be large.
Result<std::unique_ptr<QIODevice>> appendedContent(const std::optional<SessionFileRecord> &before,
                                                   const QByteArray &bytes, ApiServices &services)
{
    const QString &spool = services.settings.spoolDirectory;
    auto file = std::make_unique<QTemporaryFile>((spool.isEmpty() ? QDir::tempPath() : spool)
                                                 + u"/append-XXXXXX"_s);
    const auto noRoom = [&] {
        return fail(ErrorCode::StorageUnavailable, u"there is no room for the file"_s,
                    file->errorString());
    };
    if (!file->open())
        return noRoom();
    if (before) {
        auto content = services.engine.sessions().open(*before);
        if (!content)
            return fail(content.error());
        QByteArray piece;
        while (!(piece = (*content)->read(256 << 10)).isEmpty()) {
            if (file->write(piece) != piece.size())
                return noRoom();
        }
    }
    if (file->write(bytes) != bytes.size() || !file->seek(0))
        return noRoom();
    return file;
}

Result<QByteArray> writeSandboxFile(const HttpRequest &request, ApiServices &services,
                                    AppendLocks &appending)
{
    auto call = callOf(request);
    if (!call)
        return fail(call.error());
    const QString content = call->json.text("content"_L1);
    const QString encoding = call->json.text("encoding"_L1);
    const bool append = call->json.flag("append"_L1);
    const auto path = filePathOf(*call);
    if (!path)
        return fail(path.error());
    const auto bytes = decodedContent(content, encoding);
    if (!bytes)
        return fail(bytes.error());

    auto &sessions = services.engine.sessions();
    std::unique_lock lock(appending.of(call->tenant, call->session), std::defer_lock);
    std::unique_ptr<QIODevice> source;
    if (append) {
        lock.lock(); // of two that append at once, neither is lost
        const auto before = sessions.find(call->tenant, call->session, *path);
        if (!before && before.error().code != ErrorCode::NotFound)
            return fail(before.error());
        auto both = appendedContent(before ? std::optional(*before) : std::nullopt, *bytes,
                                    services);
        if (!both)
            return fail(both.error());
        source = std::move(*both);
    } else {
        auto buffer = std::make_unique<QBuffer>();
        buffer->setData(*bytes);
        buffer->open(QIODevice::ReadOnly);
        source = std::move(buffer);
    }
    auto written = sessions.write(call->tenant, call->session, *path, *source, originOf(request));
    if (!written)
        return fail(written.error());
    written->path = sandboxPathText(written->path);
    return sessionFileJson(*written);
}

/// The folders and files below `folder`, down to `depth` levels, by path.
std::map<QString, const SessionFileRecord *> entriesBelow(const QString &folder, qint64 depth,
                                                          const QList<SessionFileRecord> &files)
{
    const QString prefix = folder.isEmpty() ? QString() : folder + u'/';
    std::map<QString, const SessionFileRecord *> entries; // null: a folder
    for (const SessionFileRecord &file : files) {
        if (!file.path.startsWith(prefix))
            continue;
        qsizetype slash = file.path.indexOf(u'/', prefix.size());
        qint64 level = 1;
        for (; slash >= 0 && level <= depth; ++level) {
            entries.emplace(file.path.first(slash), nullptr);
            slash = file.path.indexOf(u'/', slash + 1);
        }
        if (level <= depth)
            entries.emplace(file.path, &file);
    }
    return entries;
}

Result<QByteArray> listSandboxFolder(const HttpRequest &request, ApiServices &services)
{
    auto call = callOf(request);
    if (!call)
        return fail(call.error());
    const QString text = call->json.text("path"_L1);
    const qint64 depth = call->json.number("max_depth"_L1, 1, maxDepthOfAll).value_or(1);
    if (call->json.error())
        return fail(*call->json.error());
    const auto folder = sandboxPath(text);
    if (!folder)
        return fail(folder.error());
    const auto files = services.engine.sessions().files(call->tenant, call->session);
    if (!files)
        return fail(files.error());
    const auto entries = entriesBelow(*folder, depth, *files);
    if (entries.empty() && !folder->isEmpty()) {
        return fail(ErrorCode::NotFound,
                    u"the session \"%1\" has no folder \"%2\""_s.arg(call->session, *folder));
    }
    JsonOutput json;
    json.beginObject().member("path", sandboxPathText(*folder)).key("entries").beginArray();
    for (const auto &[path, file] : entries) {
        json.beginObject()
            .member("path", sandboxPathText(path))
            .member("name", path.sliced(path.lastIndexOf(u'/') + 1))
            .member("type", file ? "file"_L1 : "directory"_L1);
        if (file)
            json.member("size_bytes", file->sizeBytes);
        json.endObject();
    }
    return json.endArray().endObject().bytes();
}

/// There is nothing to bring home: every call keeps what it changed before it answers. Clients that
/// call this get what is kept.
Result<QByteArray> syncSandbox(const HttpRequest &request, ApiServices &services)
{
    const auto session = sandboxSessionOf(request);
    if (!session)
        return fail(session.error());
    const auto files = services.engine.sessions().files(callerOf(request).tenant, *session);
    if (!files)
        return fail(files.error());
    qint64 bytes = 0;
    for (const SessionFileRecord &file : *files)
        bytes += file.sizeBytes;
    return "{\"session_id\":\"" + session->toLatin1() + "\",\"files\":" + sessionFilesJson(*files)
        + ",\"size_bytes\":" + QByteArray::number(bytes) + '}';
}

} // namespace

Result<QString> sandboxSessionOf(const HttpRequest &request)
{
    const QString session = QString::fromUtf8(
        request.headers.value("X-Session-ID").value_or(QByteArray()));
    if (session.isEmpty())
        return fail(ErrorCode::BadRequest,
                    u"the header X-Session-ID, which names the session, is missing"_s);
    if (!SessionService::isSessionName(session)) {
        return fail(ErrorCode::BadRequest,
                    u"X-Session-ID must be 1 to 128 characters of A-Z a-z 0-9 . _ -"_s);
    }
    return session;
}

Result<QString> sandboxPath(const QString &text)
{
    const QString root = u"/sandbox/session"_s;
    QString rest = text;
    if (text == root || text.startsWith(root + u'/'))
        rest = text.sliced(root.size());
    else if (text.startsWith(u'/'))
        return fail(ErrorCode::BadRequest, u"path must stay below /sandbox/session"_s);
    QStringList names;
    for (const QString &name : rest.split(u'/', Qt::SkipEmptyParts)) {
        if (name == ".."_L1)
            return fail(ErrorCode::BadRequest, u"path must stay below /sandbox/session"_s);
        if (name != "."_L1)
            names.append(name);
    }
    return names.join(u'/');
}

QString sandboxPathText(const QString &relative)
{
    return relative.isEmpty() ? u"/sandbox/session"_s : u"/sandbox/session/"_s + relative;
}

void registerSandboxFiles(Router &router, ApiServices &services)
{
    const auto on = [&](const QString &pattern, RouteOptions options, auto handler) {
        router.add("POST", pattern, std::move(options),
                   SimpleHandler([handler](const HttpRequest &request) {
                       return answer(handler(request), request);
                   }));
    };
    on(u"/v1/sandbox/read-file"_s, services.route(Permission::Read),
       [&services](const HttpRequest &request) { return readSandboxFile(request, services); });
    const auto appending = std::make_shared<AppendLocks>();
    on(u"/v1/sandbox/write-file"_s, services.route(Permission::Run),
       [&services, appending](const HttpRequest &request) {
           return writeSandboxFile(request, services, *appending);
       });
    on(u"/v1/sandbox/list-dir"_s, services.route(Permission::Read),
       [&services](const HttpRequest &request) { return listSandboxFolder(request, services); });
    on(u"/v1/sandbox/sync"_s, services.route(Permission::Run),
       [&services](const HttpRequest &request) { return syncSandbox(request, services); });
}

void registerSandbox(Router &router, ApiServices &services)
{
    registerSandboxCommands(router, services);
    registerSandboxFiles(router, services);
    registerSandboxTransfers(router, services);
}

} // namespace skillbox
