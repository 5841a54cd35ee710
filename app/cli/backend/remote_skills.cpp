#include "app/cli/backend/remote_backend.h"

#include "engine/remote/answer_json.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonObject>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
RemoteBackend::RemoteBackend(std::unique_ptr<HttpClient> http, ArchiveLimits limits)
    : m_api(std::move(http))
    , m_limits(limits)
{
}

Result<QJsonObject> RemoteBackend::object(const HttpCall &call)
{
    const Result<JsonText> json = m_api.json(call);
    if (!json)
        return fail(json.error());
    return jsonValue(json->bytes()).toObject();
}

Result<Published> RemoteBackend::push(const QString &path)
{
    const QTemporaryDir scratch;
    QString archive = path;
    if (QFileInfo(path).isDir()) {
        if (!scratch.isValid()) {
            return fail(ErrorCode::Io,
                        u"cannot make a temporary folder: %1"_s.arg(scratch.errorString()));
        }
        archive = scratch.filePath(u"skill.zip"_s);
        const Result<SkillContent> packed = packDirectory(path, archive, m_limits);
        if (!packed)
            return fail(packed.error());
    }
    QFile file(archive);
    if (!file.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(archive, file.errorString()));
    }
    return m_registry.publish(file);
}

Result<QList<SkillVersionRecord>> RemoteBackend::skills(const SkillFilter &filter)
{
    return m_registry.list(filter);
}

Result<SkillVersionRecord> RemoteBackend::skill(const QString &name, const QString &version)
{
    return m_registry.record(name, version);
}

Result<SkillVersionRecord> RemoteBackend::yank(const QString &name, const QString &version,
                                               const QString &reason)
{
    return m_registry.yank(name, version, reason);
}

Result<SkillVersionRecord> RemoteBackend::unyank(const QString &name, const QString &version)
{
    return m_registry.unyank(name, version);
}

Result<void> RemoteBackend::removeSkill(const QString &name, const QString &version)
{
    return m_registry.remove(name, version);
}

Result<void> RemoteBackend::pull(const SkillVersionRecord &record, const ByteSink &sink)
{
    return m_registry.read(record, sink);
}

std::unique_ptr<SkillStore> RemoteBackend::store()
{
    return std::make_unique<RemoteRegistry>(m_api);
}

} // namespace skillbox
