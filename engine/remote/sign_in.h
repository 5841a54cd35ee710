#pragma once

#include "engine/remote/connection.h"
#include "engine/remote/device_login.h"
#include "engine/remote/sign_in_offer.h"
#include "engine/remote/sign_in_store.h"

#include <mutex>

namespace skillbox {

/// A sign-in in use: gives the token for each request and renews it before it expires. Thread-safe;
/// several processes may use the same.
class SignIn
{
public:
    SignIn(SignInStore store, QString server);

    /// Unauthorized: it is over, and the message says how to sign in anew. Blocks for the time of a
    /// request or two where the token has to be renewed.
    Result<QByteArray> bearer();

private:
    Result<void> renew();

    const SignInStore m_store;
    const QString m_server;
    std::mutex m_mutex; ///< guards what follows
    std::optional<SignInRecord> m_record;
};

/// The settings, using the sign-in to that server if there is one and no key is given.
ConnectionSettings withSignIn(ConnectionSettings settings, const SignInStore &store);

/// Signs in: asks the server how, the service for a code, shows it by `show`, waits, makes sure
/// that the server lets us in, and keeps the sign-in. Nothing is kept where any of it fails.
Result<SignInRecord> signIn(const ConnectionSettings &server, const SignInStore &store,
                            const std::function<void(const DeviceLogin &login)> &show,
                            const std::stop_token &stop);

/// How a sign-in was ended.
struct SignedOut {
    SignInRecord record;
    /// Why the service was not told, which leaves what it gave us valid until it expires; empty: it
    /// was, or takes no such notice.
    QString notRevoked;
};
/// NotFound: nobody signed in to that server.
Result<SignedOut> signOut(const QString &server, const SignInStore &store);

} // namespace skillbox
