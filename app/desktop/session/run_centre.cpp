#include "app/desktop/session/run_centre.h"

#include "app/desktop/session/store_file_watch.h"
#include "engine/base/content_type.h"
#include "engine/execution/input_schema.h"
#include "engine/local_endpoint.h"
#include "engine/local_user.h"

#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

Origin byPerson()
{
    return {.actor = localUserName(), .address = {}, .requestId = {}};
}

/// Puts files of this machine into the store, where runs get theirs from.
Result<QList<FileId>> storeInputFiles(Engine &engine, const QStringList &paths)
{
    QList<FileId> ids;
    for (const QString &path : paths) {
        QFile file(path);
        if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
            return fail(ErrorCode::Io,
                        u"cannot read the input file \"%1\": %2"_s.arg(
                            path,
                            QFileInfo(path).isFile() ? file.errorString()
                                                     : u"there is no such file"_s));
        }
        const QString name = QFileInfo(path).fileName();
        const FileService::Upload upload{.name = name,
                                         .contentType = contentTypeOf(name),
                                         .session = {}};
        const auto stored = engine.files().create(localTenant(), upload, file, byPerson());
        if (!stored)
            return fail(stored.error());
        ids.append(stored->id);
    }
    return ids;
}

} // namespace

RunCentre::RunCentre(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_watch(std::make_unique<StoreFileWatch>())
{
    connect(m_watch.get(), &StoreFileWatch::written, this, &RunCentre::changed);
    connect(&engine, &EngineThread::stateChanged, this, [this] {
        m_watch->watch(m_engine.state() == EngineThread::State::Open
                           ? m_engine.config().dataDirectory
                           : QString());
    });
}

RunCentre::~RunCentre() = default;

void RunCentre::start(QObject *receiver, const RunOrder &order, RunFeed &feed,
                      Answer<ExecutionId> done)
{
    connect(&feed, &RunFeed::statusChanged, this, &RunCentre::changed);
    connect(&feed, &RunFeed::finished, this, &RunCentre::changed);
    m_engine.ask(
        receiver,
        [order, observer = feed.observer()](Engine &engine) -> Result<ExecutionId> {
            auto input = JsonText::parse(order.input.isEmpty() ? "{}"_ba : order.input);
            if (!input)
                return fail(input.error());
            auto files = storeInputFiles(engine, order.inputFiles);
            if (!files)
                return fail(files.error());
            ExecutionRequest request;
            request.tenant = localTenant();
            request.origin = byPerson();
            request.skill = order.skill;
            request.version = order.version;
            request.directory = order.directory;
            request.input = *input;
            request.environment = order.environment;
            request.entrypoint = order.entrypoint;
            request.timeout = order.timeout;
            request.inputFiles = *files;
            request.session = order.session;
            return engine.executions().submit(request, observer);
        },
        [this, done = std::move(done)](Result<ExecutionId> id) {
            if (id)
                Q_EMIT changed();
            done(std::move(id));
        });
}

void RunCentre::cancel(QObject *receiver, const ExecutionId &id, Answer<void> done)
{
    m_engine.ask(
        receiver,
        [id](Engine &engine) { return engine.executions().cancel(localTenant(), id, byPerson()); },
        std::move(done));
}

void RunCentre::follow(QObject *receiver, const ExecutionId &id, RunFeed &feed, Answer<void> done)
{
    m_engine.ask(
        receiver,
        [id, inlet = feed.inlet()](Engine &engine) -> Result<void> {
            const auto record = engine.executions().find(localTenant(), id);
            if (!record)
                return fail(record.error());
            // A stored log does not say when its lines came.
            if (isFinal(record->status))
                inlet.forgetTimes();
            auto subscription = engine.executions().subscribe(localTenant(), id, 0,
                                                              inlet.observer());
            if (!subscription)
                return fail(subscription.error());
            inlet.keep(std::move(*subscription));
            return {};
        },
        std::move(done));
}

void RunCentre::usage(QObject *receiver, const ExecutionId &id,
                      std::function<void(std::optional<RunUsage>)> done)
{
    m_engine.ask(
        receiver,
        [id](Engine &engine) -> Result<std::optional<RunUsage>> {
            return engine.executions().usage(localTenant(), id);
        },
        [done = std::move(done)](const Result<std::optional<RunUsage>> &usage) {
            done(usage.value_or(std::nullopt));
        });
}

void RunCentre::describe(QObject *receiver, const RunTargetQuery &query, Answer<RunTarget> done)
{
    m_engine.ask(
        receiver, [query](Engine &engine) { return describeTarget(engine, query); },
        std::move(done));
}

void RunCentre::check(QObject *receiver, const QByteArray &schema, const QByteArray &input,
                      Answer<QJsonArray> done)
{
    m_engine.ask(
        receiver,
        [schema, input](Engine &) -> Result<QJsonArray> {
            const auto json = JsonText::parse(input);
            if (!json)
                return fail(json.error());
            if (schema.isEmpty())
                return QJsonArray();
            const auto rules = InputSchema::parse(schema);
            if (!rules)
                return fail(rules.error());
            const auto valid = rules->check(*json);
            if (valid || valid.error().items.isEmpty()) {
                return valid ? Result<QJsonArray>(QJsonArray())
                             : Result<QJsonArray>(fail(valid.error()));
            }
            return valid.error().items;
        },
        std::move(done));
}

void RunCentre::list(QObject *receiver, const ExecutionFilter &filter,
                     Answer<QList<ExecutionRecord>> done)
{
    m_engine.ask(
        receiver,
        [filter](Engine &engine) { return engine.executions().list(localTenant(), filter); },
        std::move(done));
}

void RunCentre::find(QObject *receiver, const ExecutionId &id, Answer<ExecutionRecord> done)
{
    m_engine.ask(
        receiver, [id](Engine &engine) { return engine.executions().find(localTenant(), id); },
        std::move(done));
}

void RunCentre::logs(QObject *receiver, const ExecutionId &id, Answer<QString> done)
{
    m_engine.ask(
        receiver, [id](Engine &engine) { return engine.executions().logs(localTenant(), id); },
        std::move(done));
}

void RunCentre::readArtifact(QObject *receiver, const ArtifactRecord &artifact, qint64 mostBytes,
                             Answer<QByteArray> done)
{
    m_engine.ask(
        receiver,
        [artifact, mostBytes](Engine &engine) -> Result<QByteArray> {
            auto source = engine.executions().openArtifact(artifact);
            if (!source)
                return fail(source.error());
            return (*source)->read(mostBytes);
        },
        std::move(done));
}

void RunCentre::serverAddress(QObject *receiver, Answer<QString> done)
{
    m_engine.ask(
        receiver,
        [](Engine &engine) -> Result<QString> {
            for (const LocalEndpoint &endpoint :
                 liveLocalEndpoints(engine.config().dataDirectory)) {
                for (const QString &address : endpoint.addresses) {
                    if (address.startsWith("http"_L1))
                        return address;
                }
            }
            return fail(ErrorCode::NotFound, u"no local server runs"_s);
        },
        std::move(done));
}

void RunCentre::saveArtifact(QObject *receiver, const ArtifactRecord &artifact, const QString &path,
                             Answer<void> done)
{
    m_engine.ask(
        receiver,
        [artifact, path](Engine &engine) -> Result<void> {
            auto source = engine.executions().openArtifact(artifact);
            if (!source)
                return fail(source.error());
            QSaveFile target(path);
            if (!target.open(QIODevice::WriteOnly)) {
                return fail(ErrorCode::Io,
                            u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
            }
            QByteArray block;
            while (!(block = (*source)->read(1 << 20)).isEmpty()) {
                if (target.write(block) != block.size())
                    break;
            }
            if (!target.commit()) {
                return fail(ErrorCode::Io,
                            u"cannot write \"%1\": %2"_s.arg(path, target.errorString()));
            }
            return {};
        },
        std::move(done));
}

} // namespace skillbox
