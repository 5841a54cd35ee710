#pragma once

#include "engine/remote/keychain.h"
#include "engine/remote/private_file.h"
#include "engine/remote/token_endpoint.h"

namespace skillbox {

/// Somebody signed in to a server.
struct SignInRecord {
    QString server; ///< its address, as ServerAddress::text has it
    QString issuer;
    QString clientId;
    QString caFile = {}; ///< PEM file for the service; empty: the system's authorities
    SignInTokens tokens;
    bool isInKeychain = false; ///< else the tokens are in the file
};

/// The sign-ins of a person: a file of mode 0600 for each server in `sign-ins` of the configuration
/// directory, with the tokens in it or, where this session has a key ring, there. Files that others
/// could read are refused. Several processes may use it.
class SignInStore
{
public:
    /// The folder is made with the first sign-in.
    SignInStore(const QString &configDirectory, Keychain keychain);

    /// Nothing: nobody signed in there.
    Result<std::optional<SignInRecord>> find(const QString &server) const;
    /// Whether there is one, without the key ring being asked.
    bool has(const QString &server) const;
    /// The servers, by address, without tokens.
    Result<QList<SignInRecord>> list() const;
    /// In the key ring if it takes them; says in the record where they are.
    Result<void> keep(SignInRecord &record) const;
    /// False: there was none.
    Result<bool> remove(const QString &server) const;
    /// Who renews a sign-in does it alone: a refresh token may work once only.
    Result<UniqueFd> lock() const;

    QString file(const QString &server) const;

private:
    Result<std::optional<SignInRecord>> readFile(const QString &path) const;

    QString m_directory;
    Keychain m_keychain;
};

} // namespace skillbox
