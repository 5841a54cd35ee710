#pragma once

#include "app/desktop/session/engine_thread.h"
#include "engine/access/role.h"

#include <QDateTime>
#include <QMap>

#include <memory>

namespace skillbox {

/// A request that a program on this machine made of the local server.
struct ServedRequest {
    QDateTime at;
    QString method;
    QString path;
    int status = 0;
    std::chrono::microseconds duration{};
    QString client; ///< as it names itself; empty: it does not
};

/// A program that talks to the local server, told apart by the name it gives itself.
struct ServedClient {
    QString name;
    qint64 requests = 0;
    QDateTime last;
};

/// The HTTP API of this desktop's engine for the programs of this user: started and stopped here,
/// on the loopback only. GUI thread; the server has threads of its own.
class LocalServerHost : public QObject
{
    Q_OBJECT

public:
    enum class State { Off, Starting, On, Failed };

    explicit LocalServerHost(EngineThread &engine, QObject *parent = nullptr);
    /// Closes what is open at once.
    ~LocalServerHost() override;

    /// Starts when the engine is open; on any free port if `port` is taken. 0: any.
    void start(int port);
    void stop();

    State state() const { return m_state; }
    /// Why it is Failed.
    const Error &error() const { return m_error; }
    /// `http://127.0.0.1:8080`; empty unless On.
    const QString &address() const { return m_address; }
    /// The key that opens it as long as it runs; empty unless On.
    const QString &key() const { return m_key; }
    /// The file where the programs of this user find both.
    const QString &keyFile() const { return m_keyFile; }
    /// The port that was asked for and was taken; 0: it has the one it wanted.
    int takenPort() const { return m_takenPort; }

    qint64 requestCount() const { return m_requestCount; }
    /// The programs that were heard of since the start, the latest first.
    QList<ServedClient> clients() const;

    /// A key that goes on working when the server is started again, as `key create` makes it.
    void createKey(QObject *receiver, const QString &name, Role role,
                   std::function<void(Result<QString>)> done);

    /// More than this between two looks at the inbox are only counted.
    static constexpr int kept = 1000;

Q_SIGNALS:
    void stateChanged();
    /// What was answered since the last time, oldest first.
    void requestsAnswered(const QList<skillbox::ServedRequest> &requests);

private:
    struct Inbox;
    struct Slot;
    struct Started;
    void drain();
    void setState(State state);

    EngineThread &m_engine;
    State m_state = State::Off;
    Error m_error;
    QString m_address;
    QString m_key;
    QString m_keyFile;
    int m_takenPort = 0;
    qint64 m_requestCount = 0;
    QMap<QString, ServedClient> m_clients;
    std::shared_ptr<Inbox> m_inbox;
    std::shared_ptr<Slot> m_slot;
};

} // namespace skillbox
