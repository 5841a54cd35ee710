#include "app/cli/backend/embedded_backend.h"

#include "engine/engine.h"
#include "engine/remote/local_skill_store.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr qint64 chunkBytes = 256 << 10;
constexpr auto logPollInterval = 150ms; ///< another process writes the log; nothing wakes us

Result<void> pump(QIODevice &source, const QString &what, const ByteSink &sink)
{
    QByteArray chunk(chunkBytes, Qt::Uninitialized);
    while (true) {
        const qint64 got = source.read(chunk.data(), chunk.size());
        if (got < 0) {
            return fail(ErrorCode::Io,
                        u"cannot read %1 from the store: %2"_s.arg(what, source.errorString()));
        }
        if (got == 0)
            return {};
        if (Result<void> taken = sink(QByteArrayView(chunk).first(got)); !taken)
            return taken;
    }
}

/// Hands what is written to it on.
class SinkDevice final : public QIODevice
{
public:
    explicit SinkDevice(const ByteSink &sink) : m_sink(sink) { open(WriteOnly); }
    const Result<void> &outcome() const { return m_outcome; }

protected:
    qint64 readData(char *, qint64) override { return -1; }
    qint64 writeData(const char *data, qint64 size) override
    {
        if (m_outcome)
            m_outcome = m_sink(QByteArrayView(data, size));
        if (m_outcome)
            return size;
        setErrorString(m_outcome.error().message);
        return -1;
    }

private:
    const ByteSink &m_sink;
    Result<void> m_outcome;
};

} // namespace

EmbeddedBackend::EmbeddedBackend(Engine &engine, TenantId tenant, Origin origin)
    : m_engine(engine)
    , m_origin(std::move(origin))
    , m_tenant(std::move(tenant))
{
}

Result<Published> EmbeddedBackend::push(const QString &path)
{
    const QFileInfo info(path);
    Registry &registry = m_engine.registry();
    return info.isDir() ? registry.publishDirectory(m_tenant, info.absoluteFilePath(), m_origin)
                        : registry.publishArchive(m_tenant, info.absoluteFilePath(), m_origin);
}

Result<QList<SkillVersionRecord>> EmbeddedBackend::skills(const SkillFilter &filter)
{
    return m_engine.registry().list(m_tenant, filter);
}

Result<SkillVersionRecord> EmbeddedBackend::skill(const QString &name, const QString &version)
{
    return m_engine.registry().find({m_tenant, name, version});
}

Result<SkillVersionRecord> EmbeddedBackend::yank(const QString &name, const QString &version,
                                                 const QString &reason)
{
    return m_engine.registry().yank({m_tenant, name, version}, reason, m_origin);
}

Result<SkillVersionRecord> EmbeddedBackend::unyank(const QString &name, const QString &version)
{
    return m_engine.registry().unyank({m_tenant, name, version}, m_origin);
}

Result<void> EmbeddedBackend::removeSkill(const QString &name, const QString &version)
{
    return m_engine.registry().remove({m_tenant, name, version}, m_origin);
}

Result<void> EmbeddedBackend::pull(const SkillVersionRecord &record, const ByteSink &sink)
{
    const Result<std::unique_ptr<QIODevice>> archive = m_engine.registry().openArchive(record);
    if (!archive)
        return fail(archive.error());
    return pump(**archive, u"the archive of %1 %2"_s.arg(record.name, record.version), sink);
}

std::unique_ptr<SkillStore> EmbeddedBackend::store()
{
    return std::make_unique<LocalSkillStore>(m_engine.registry(), m_tenant, m_origin);
}

Result<ExecutionRecord> EmbeddedBackend::run(const ExecutionRequest &request, const RunHooks &hooks)
{
    ExecutionRequest ours = request;
    ours.tenant = m_tenant;
    ours.origin = m_origin;
    ExecutionObserver observer;
    if (hooks.onLog) {
        observer = [&hooks](const ExecutionEvent &event) {
            if (event.kind == ExecutionEvent::Kind::Log)
                hooks.onLog(event.stream, event.text);
        };
    }
    const Result<ExecutionId> id = m_engine.executions().submit(ours, observer);
    if (!id)
        return fail(id.error());
    if (hooks.onStarted)
        hooks.onStarted(*id);
    return m_engine.executions().wait(m_tenant, *id);
}

Result<void> EmbeddedBackend::cancel(const ExecutionId &id)
{
    return m_engine.executions().cancel(m_tenant, id, m_origin);
}

Result<ExecutionRecord> EmbeddedBackend::execution(const ExecutionId &id)
{
    return m_engine.executions().find(m_tenant, id);
}

Result<QList<ExecutionRecord>> EmbeddedBackend::executions(const ExecutionFilter &filter)
{
    return m_engine.executions().list(m_tenant, filter);
}

Result<QString> EmbeddedBackend::logs(const ExecutionId &id)
{
    return m_engine.executions().logs(m_tenant, id);
}

Result<ExecutionRecord> EmbeddedBackend::follow(const ExecutionId &id, const LogObserver &onLog)
{
    return followByAsking(*this, id, onLog, logPollInterval);
}

Result<void> EmbeddedBackend::readArtifact(const ExecutionRecord &, const ArtifactRecord &artifact,
                                           const ByteSink &sink)
{
    const Result<std::unique_ptr<QIODevice>> source = m_engine.executions().openArtifact(artifact);
    if (!source)
        return fail(source.error());
    if (!*source) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the store has lost the run's file '%1'"_s.arg(artifact.path));
    }
    return pump(**source, u"the run's file '%1'"_s.arg(artifact.path), sink);
}

Result<bool> EmbeddedBackend::keepsContent(const ExecutionRecord &, const ArtifactRecord &artifact,
                                           const QString &sha256)
{
    if (sha256 == artifact.blob.sha256)
        return true;
    return m_engine.metadata().isBlobReferenced({sha256});
}

Result<NewKey> EmbeddedBackend::createKey(const KeyRequest &request)
{
    KeyRequest ours = request;
    if (ours.tenant.isEmpty())
        ours.tenant = m_tenant;
    return m_engine.access().createKey(ours, m_origin);
}

Result<QList<KeyRecord>> EmbeddedBackend::keys()
{
    return m_engine.access().listKeys(m_tenant);
}

Result<KeyRecord> EmbeddedBackend::revokeKey(const KeyId &id)
{
    return m_engine.access().revokeKey(m_tenant, id, m_origin);
}

Result<AuditVerdict> EmbeddedBackend::verifyAudit()
{
    return skillbox::verifyAudit(m_engine.metadata(), m_tenant);
}

Result<QList<TenantView>> EmbeddedBackend::tenants()
{
    return m_engine.tenants().list();
}

Result<TenantView> EmbeddedBackend::tenant(const TenantId &id)
{
    return m_engine.tenants().find(id);
}

Result<TenantView> EmbeddedBackend::changeTenant(const TenantId &id, const TenantPatch &patch)
{
    return m_engine.tenants().change(id, patch, m_origin);
}

Result<void> EmbeddedBackend::exportAudit(const AuditFilter &which, const ByteSink &sink)
{
    SinkDevice device(sink);
    const Result<qint64> written = skillbox::exportAudit(m_engine.metadata(), m_tenant, which,
                                                         device);
    if (!device.outcome())
        return device.outcome();
    if (!written)
        return fail(written.error());
    return {};
}

Result<Backend::Health> EmbeddedBackend::health()
{
    Health health{.ready = true, .version = QStringLiteral(SKILLBOX_VERSION), .checks = {}};
    const Result<QList<ExecutionRecord>> records = executions({.limit = 1});
    health.checks.append({u"database"_s, records ? u"ok"_s : records.error().message});
    const Result<QList<ControlState>> controls = m_engine.sandbox().probe();
    QString sandbox = controls ? u"ok"_s : controls.error().message;
    for (const ControlState &control : controls ? *controls : QList<ControlState>()) {
        if (control.state == ControlState::State::Missing)
            sandbox = u"%1: %2"_s.arg(control.control, control.detail);
    }
    health.checks.append({u"sandbox"_s, sandbox});
    for (const auto &[name, state] : std::as_const(health.checks))
        health.ready = health.ready && state == u"ok";
    return health;
}

} // namespace skillbox
