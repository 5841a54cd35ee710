#pragma once

#include "engine/remote/token_endpoint.h"

#include <QStringList>

#include <chrono>

namespace skillbox {

/// A sign-in on another device, or in a browser on this one (RFC 8628): a person opens an address
/// and types a code there, while we ask whether it has happened.
class DeviceLogin
{
public:
    /// Asks for a code. NotFound: the service does not offer this.
    static Result<DeviceLogin> begin(const SignInClient &client, const QStringList &scopes,
                                     const std::stop_token &stop);

    const QString &userCode() const { return m_userCode; }
    const QString &address() const { return m_address; }
    /// The address with the code in it; empty: the service offers none.
    const QString &addressWithCode() const { return m_addressWithCode; }
    std::chrono::seconds lifetime() const { return m_lifetime; }

    /// Blocks until the person has signed in. Forbidden: they refused; Unauthorized: it took too
    /// long; Cancelled: `stop`.
    Result<SignInTokens> wait(const std::stop_token &stop);

private:
    DeviceLogin() = default;

    SignInClient m_client;
    QString m_deviceCode;
    QString m_userCode;
    QString m_address;
    QString m_addressWithCode;
    std::chrono::seconds m_lifetime{600};
    std::chrono::seconds m_interval{5};
};

} // namespace skillbox
