#include "app/desktop/session/remote_servers.h"

namespace skillbox {

bool RemoteServers::isSignedIn(const Remote &remote) const
{
    const Result<ServerAddress> address = parseServerAddress(remote.address);
    return remote.apiKey.isEmpty() && address && signIns().has(address->text);
}

void RemoteServers::signIn(QObject *receiver, const Remote &remote,
                           std::function<void(DeviceLogin)> show, Answer<SignInRecord> done,
                           const std::stop_token &stop)
{
    const QPointer<QObject> guard(receiver);
    m_pool.start([this, guard, remote, show = std::move(show), done = std::move(done),
                  store = signIns(), stop, end = m_stop.get_token()] {
        std::stop_source either; // the person gives up, or the window goes
        const auto giveUp = [&either] { either.request_stop(); };
        const std::stop_callback onStop(stop, giveUp);
        const std::stop_callback onEnd(end, giveUp);
        const auto tell = [this, guard, show](const DeviceLogin &login) {
            QMetaObject::invokeMethod(
                this,
                [guard, show, login] {
                    if (guard)
                        show(login);
                },
                Qt::QueuedConnection);
        };
        const auto record = skillbox::signIn(connectionOf(remote), store, tell, either.get_token());
        QMetaObject::invokeMethod(
            this,
            [this, guard, record, done] {
                m_connections.clear(); // those that were made without it
                if (record)
                    Q_EMIT changed();
                if (guard)
                    done(record);
            },
            Qt::QueuedConnection);
    });
}

void RemoteServers::signOut(QObject *receiver, const Remote &remote, Answer<SignedOut> done)
{
    const QPointer<QObject> guard(receiver);
    m_pool.start([this, guard, remote, done = std::move(done), store = signIns()] {
        const Result<ServerAddress> address = parseServerAddress(remote.address);
        const auto ended = address ? skillbox::signOut(address->text, store)
                                   : Result<SignedOut>(fail(address.error()));
        QMetaObject::invokeMethod(
            this,
            [this, guard, ended, done] {
                m_connections.clear();
                if (ended)
                    Q_EMIT changed();
                if (guard)
                    done(ended);
            },
            Qt::QueuedConnection);
    });
}

} // namespace skillbox
