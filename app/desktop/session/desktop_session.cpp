#include "app/desktop/session/desktop_session.h"

#include <QCoreApplication>
#include <QThreadPool>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

DesktopSession::DesktopSession(QObject *parent)
    : QObject(parent)
    , m_skills(m_engine)
    , m_runs(m_engine)
    , m_catalog(m_engine, m_skills, m_runs, m_remotes)
    , m_reader(m_engine, m_remotes)
    , m_transfers(m_engine, m_remotes, m_skills, m_catalog)
    , m_bin(m_engine, m_skills)
    , m_shelf(m_engine)
    , m_artifacts(m_engine)
    , m_examples(m_engine, m_skills)
    , m_server(m_engine)
{
    connect(&m_server, &LocalServerHost::requestsAnswered, this,
            &DesktopSession::tellWhatClientsChanged);
}

void DesktopSession::tellWhatClientsChanged(const QList<ServedRequest> &requests)
{
    // Runs are told by the store's log, which RunCentre watches.
    const bool skills =
        std::any_of(requests.begin(), requests.end(), [](const ServedRequest &request) {
            return request.method != "GET"_L1 && request.method != "HEAD"_L1
                && request.path.startsWith("/v1/skills"_L1);
        });
    if (skills)
        Q_EMIT m_skills.changed();
}

void DesktopSession::probeSandbox(QObject *receiver,
                                  std::function<void(Result<QList<ControlState>>)> done)
{
    if (m_engine.state() != EngineThread::State::Failed) {
        m_engine.ask(
            receiver, [](Engine &engine) { return engine.sandbox().probe(); }, std::move(done));
        return;
    }
    // Shared by the pool's thread and this one; the answer is dropped if either object is gone.
    QThreadPool::globalInstance()->start([config = m_engine.config(), guard = QPointer(receiver),
                                          session = QPointer(this), done = std::move(done)] {
        auto answer = makeSandbox(config)->probe();
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, session, done, answer] {
                if (guard && session)
                    done(answer);
            },
            Qt::QueuedConnection);
    });
}

} // namespace skillbox
