#pragma once

#include "engine/remote/remote_list.h"
#include "engine/remote/remote_registry.h"
#include "engine/remote/sign_in.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <memory>
#include <type_traits>

namespace skillbox {

/// An open connection to a named server. Thread-safe.
struct RemoteServer {
    RemoteServer(Remote which, std::unique_ptr<HttpClient> http)
        : remote(std::move(which))
        , api(std::move(http))
    {
    }
    const Remote remote;
    ApiClient api;
    RemoteRegistry registry{api};
};

/// The person's named servers, the same that the command line has. Lives on the GUI thread; answers
/// come later, on it, unless the receiver is gone. Its destructor ends what is under way.
class RemoteServers : public QObject
{
    Q_OBJECT

public:
    explicit RemoteServers(QObject *parent = nullptr);
    ~RemoteServers() override;

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    /// Reads the list kept in this folder; emits changed() then. Sign-ins go to the key ring, or,
    /// if there is none, into the folder.
    void open(const QString &configDirectory, const Keychain &keychain = Keychain());
    /// By name.
    const QList<Remote> &servers() const { return m_servers; }
    /// Null: there is none.
    const Remote *find(const QString &name) const;
    /// Why the list cannot be used; an empty message: it can.
    const Error &error() const { return m_error; }

    void add(QObject *receiver, const Remote &remote, RemoteList::Existing existing,
             Answer<void> done);
    void remove(QObject *receiver, const QString &name, Answer<void> done);
    /// Whether it answers and takes the key, kept or not; its version.
    void check(QObject *receiver, const Remote &remote, Answer<QString> done);

    /// Whether a sign-in to it is kept.
    bool isSignedIn(const Remote &remote) const;
    /// Signs in (sign_in.h); `show` gets the code that the person has to enter. Emits changed()
    /// when it is done.
    void signIn(QObject *receiver, const Remote &remote, std::function<void(DeviceLogin)> show,
                Answer<SignInRecord> done, const std::stop_token &stop);
    void signOut(QObject *receiver, const Remote &remote, Answer<SignedOut> done);

    /// Shared with the work that uses it, which may outlast the server's place in the list.
    Result<std::shared_ptr<RemoteServer>> connection(const QString &name);

    /// Runs `work(RemoteServer &)`, which returns a Result, on a worker, and then `done(that
    /// result)` on the GUI thread.
    template<typename Work, typename Done>
    void ask(QObject *receiver, const QString &name, Work work, Done done)
    {
        using Answered = std::invoke_result_t<Work, RemoteServer &>;
        const QPointer<QObject> guard(receiver);
        m_pool.start([this, guard, server = connection(name), work = std::move(work),
                      done = std::move(done)]() mutable {
            auto answer = std::make_shared<Answered>(
                server ? work(**server) : Answered(tl::unexpected<Error>(server.error())));
            QMetaObject::invokeMethod(
                this,
                [guard, answer, done = std::move(done)]() mutable {
                    if (guard)
                        done(std::move(*answer));
                },
                Qt::QueuedConnection);
        });
    }
    /// Ends with this object.
    std::stop_token stopToken() const { return m_stop.get_token(); }

Q_SIGNALS:
    /// The list is another.
    void changed();

private:
    template<typename Change>
    void change(QObject *receiver, Change change, Answer<void> done);
    void take(Result<QList<Remote>> servers);
    SignInStore signIns() const { return {m_directory, m_keychain}; }

    QString m_directory;
    Keychain m_keychain;
    QList<Remote> m_servers;
    QHash<QString, std::shared_ptr<RemoteServer>> m_connections;
    Error m_error;
    std::stop_source m_stop;
    QThreadPool m_pool;
};

} // namespace skillbox
