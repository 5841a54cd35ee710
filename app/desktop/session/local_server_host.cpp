#include "app/desktop/session/local_server_host.h"

#include "engine/local_user.h"
#include "server/local_server.h"

#include <algorithm>
#include <mutex>
#include <utility>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {
/// So many different names of clients are told apart.
constexpr qsizetype mostClients = 200;
} // namespace

/// Where the server's thread leaves what it answered; the GUI is woken once per batch.
struct LocalServerHost::Inbox {
    std::mutex mutex;
    LocalServerHost *host = nullptr; ///< null: gone
    QList<ServedRequest> requests;
    qint64 count = 0;
    bool woken = false;
};

/// The server between the worker that starts it and the host that may be gone by then. Whoever
/// comes second ends it, in every case before the engine ends.
struct LocalServerHost::Slot {
    std::mutex mutex;
    std::unique_ptr<LocalServer> server;
    bool abandoned = false;
};

struct LocalServerHost::Started {
    QString address;
    QString key;
    QString keyFile;
    int takenPort = 0;
};

LocalServerHost::LocalServerHost(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_inbox(std::make_shared<Inbox>())
{
    m_inbox->host = this;
}

LocalServerHost::~LocalServerHost()
{
    {
        const std::lock_guard lock(m_inbox->mutex);
        m_inbox->host = nullptr;
    }
    if (!m_slot)
        return;
    const std::lock_guard lock(m_slot->mutex);
    m_slot->abandoned = true;
    m_slot->server.reset();
}

void LocalServerHost::start(int port)
{
    if (m_state == State::Starting || m_state == State::On)
        return;
    setState(State::Starting);
    auto slot = std::make_shared<Slot>();
    m_slot = slot;
    const auto observer = [inbox = m_inbox](const AnsweredRequest &request) {
        const std::lock_guard lock(inbox->mutex);
        if (!inbox->host)
            return;
        ++inbox->count;
        if (inbox->requests.size() >= kept)
            inbox->requests.removeFirst();
        inbox->requests.append({QDateTime::currentDateTime(), request.method, request.path,
                                request.status, request.duration, request.client});
        if (std::exchange(inbox->woken, true))
            return;
        // Posted under the lock: the host is there until it has had the lock.
        LocalServerHost *host = inbox->host;
        QMetaObject::invokeMethod(host, [host] { host->drain(); }, Qt::QueuedConnection);
    };
    m_engine.ask(
        this,
        [slot, port, observer](Engine &engine) -> Result<Started> {
            const auto listen = [](int at) { return QStringList{u"127.0.0.1:%1"_s.arg(at)}; };
            LocalServerOptions options;
            options.listen = listen(port);
            Started started;
            auto server = LocalServer::start(engine, options, observer);
            if (!server && port != 0) {
                options.listen = listen(0);
                started.takenPort = port;
                server = LocalServer::start(engine, options, observer);
            }
            if (!server)
                return fail(server.error());
            started.address = (*server)->addresses().value(0);
            started.key = (*server)->localKey();
            started.keyFile = (*server)->keyFile();
            const std::lock_guard lock(slot->mutex);
            if (!slot->abandoned)
                slot->server = std::move(*server);
            return started;
        },
        [this, slot](const Result<Started> &started) {
            if (m_slot != slot)
                return; // stopped meanwhile
            if (!started) {
                m_error = started.error();
                setState(State::Failed);
                return;
            }
            m_address = started->address;
            m_key = started->key;
            m_keyFile = started->keyFile;
            m_takenPort = started->takenPort;
            setState(State::On);
        });
}

void LocalServerHost::stop()
{
    const std::shared_ptr<Slot> slot = std::exchange(m_slot, nullptr);
    m_address.clear();
    m_key.clear();
    m_keyFile.clear();
    m_takenPort = 0;
    if (slot) {
        // Ending a server waits for its threads.
        m_engine.ask(
            this,
            [slot](Engine &) -> Result<void> {
                const std::lock_guard lock(slot->mutex);
                slot->abandoned = true;
                slot->server.reset();
                return {};
            },
            [](const Result<void> &) {});
    }
    setState(State::Off);
}

QList<ServedClient> LocalServerHost::clients() const
{
    QList<ServedClient> all = m_clients.values();
    std::sort(all.begin(), all.end(),
              [](const ServedClient &a, const ServedClient &b) { return a.last > b.last; });
    return all;
}

void LocalServerHost::createKey(QObject *receiver, const QString &name, Role role,
                                std::function<void(Result<QString>)> done)
{
    m_engine.ask(
        receiver,
        [name, role](Engine &engine) -> Result<QString> {
            const KeyRequest request{
                .tenant = localTenant(), .name = name, .role = role, .expiresAt = {}, .secret = {}};
            const Origin origin{.actor = localUserName(), .address = {}, .requestId = {}};
            const auto key = engine.access().createKey(request, origin);
            if (!key)
                return fail(key.error());
            return key->secret;
        },
        std::move(done));
}

void LocalServerHost::drain()
{
    QList<ServedRequest> requests;
    {
        const std::lock_guard lock(m_inbox->mutex);
        m_inbox->woken = false;
        requests = std::exchange(m_inbox->requests, {});
        m_requestCount = m_inbox->count;
    }
    for (const ServedRequest &request : std::as_const(requests)) {
        if (!m_clients.contains(request.client) && m_clients.size() >= mostClients)
            continue;
        ServedClient &client = m_clients[request.client];
        client.name = request.client;
        client.last = request.at;
        ++client.requests;
    }
    Q_EMIT requestsAnswered(requests);
}

void LocalServerHost::setState(State state)
{
    m_state = state;
    Q_EMIT stateChanged();
}

} // namespace skillbox
