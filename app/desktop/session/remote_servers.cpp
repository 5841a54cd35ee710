#include "app/desktop/session/remote_servers.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// One that hangs shall not hold up the others.
constexpr int remoteWorkers = 4;

Result<std::shared_ptr<RemoteServer>> openServer(const Remote &remote, const SignInStore &signIns,
                                                 const std::stop_token &stop)
{
    ConnectionSettings settings = withSignIn(connectionOf(remote), signIns);
    settings.stop = stop;
    auto http = connectTo(settings);
    if (!http)
        return fail(http.error());
    return std::make_shared<RemoteServer>(remote, std::move(*http));
}

} // namespace

RemoteServers::RemoteServers(QObject *parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(remoteWorkers);
}

RemoteServers::~RemoteServers()
{
    m_stop.request_stop();
    m_pool.waitForDone();
}

const Remote *RemoteServers::find(const QString &name) const
{
    for (const Remote &remote : m_servers) {
        if (remote.name == name)
            return &remote;
    }
    return nullptr;
}

void RemoteServers::take(Result<QList<Remote>> servers)
{
    m_error = servers ? Error{} : servers.error();
    m_servers = servers ? std::move(*servers) : QList<Remote>();
    m_connections.clear();
    Q_EMIT changed();
}

void RemoteServers::open(const QString &configDirectory, const Keychain &keychain)
{
    m_directory = configDirectory;
    m_keychain = keychain;
    m_pool.start([this, configDirectory] {
        auto servers = std::make_shared<Result<QList<Remote>>>(RemoteList(configDirectory).load());
        QMetaObject::invokeMethod(
            this, [this, servers] { take(std::move(*servers)); }, Qt::QueuedConnection);
    });
}

template<typename Change>
void RemoteServers::change(QObject *receiver, Change change, Answer<void> done)
{
    const QPointer<QObject> guard(receiver);
    m_pool.start(
        [this, guard, change = std::move(change), done = std::move(done), directory = m_directory] {
            RemoteList list(directory);
            const Result<void> changed = change(list);
            auto servers = std::make_shared<Result<QList<Remote>>>(list.load());
            QMetaObject::invokeMethod(
                this,
                [this, guard, changed, servers, done] {
                    if (changed)
                        take(std::move(*servers));
                    if (guard)
                        done(changed);
                },
                Qt::QueuedConnection);
        });
}

void RemoteServers::add(QObject *receiver, const Remote &remote, RemoteList::Existing existing,
                        Answer<void> done)
{
    change(
        receiver, [remote, existing](RemoteList &list) { return list.add(remote, existing); },
        std::move(done));
}

void RemoteServers::remove(QObject *receiver, const QString &name, Answer<void> done)
{
    change(
        receiver, [name](RemoteList &list) { return list.remove(name); }, std::move(done));
}

void RemoteServers::check(QObject *receiver, const Remote &remote, Answer<QString> done)
{
    const QPointer<QObject> guard(receiver);
    m_pool.start([this, guard, remote, done = std::move(done), store = signIns(),
                  stop = m_stop.get_token()] {
        const auto server = openServer(remote, store, stop);
        const Result<QString> version = server ? (*server)->registry.check()
                                               : Result<QString>(fail(server.error()));
        QMetaObject::invokeMethod(
            this,
            [guard, version, done] {
                if (guard)
                    done(version);
            },
            Qt::QueuedConnection);
    });
}

Result<std::shared_ptr<RemoteServer>> RemoteServers::connection(const QString &name)
{
    if (const auto open = m_connections.value(name))
        return open;
    const Remote *remote = find(name);
    if (!remote)
        return fail(ErrorCode::NotFound, u"there is no server named \"%1\" any more"_s.arg(name));
    auto server = openServer(*remote, signIns(), m_stop.get_token());
    if (server)
        m_connections.insert(name, *server);
    return server;
}

} // namespace skillbox
