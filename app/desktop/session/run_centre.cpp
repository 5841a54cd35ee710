#include "app/desktop/session/run_centre.h"

#include "engine/local_user.h"

#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {

RunCentre::RunCentre(EngineThread &engine, QObject *parent) : QObject(parent), m_engine(engine) { }

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
            ExecutionRequest request;
            request.tenant = localTenant();
            request.origin.actor = localUserName();
            request.skill = order.skill;
            request.version = order.version;
            request.directory = order.directory;
            request.input = *input;
            request.environment = order.environment;
            request.entrypoint = order.entrypoint;
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
        [id](Engine &engine) {
            const Origin origin{.actor = localUserName(), .address = {}, .requestId = {}};
            return engine.executions().cancel(localTenant(), id, origin);
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

void RunCentre::saveArtifact(QObject *receiver, const ArtifactRecord &artifact,
                             const QString &path, Answer<void> done)
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
