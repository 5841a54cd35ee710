#include "engine/remote/sign_in_store.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 longestSignIn = 256 << 10;

QJsonObject jsonOf(const SignInTokens &tokens)
{
    QJsonObject json{{u"access_token"_s, tokens.access},
                     {u"obtained_at"_s, toRfc3339(tokens.obtainedAt)}};
    if (!tokens.refresh.isEmpty())
        json.insert(u"refresh_token"_s, tokens.refresh);
    if (tokens.expiresAt.isValid())
        json.insert(u"expires_at"_s, toRfc3339(tokens.expiresAt));
    return json;
}

SignInTokens tokensOf(const QJsonObject &json)
{
    return {.access = json["access_token"_L1].toString(),
            .refresh = json["refresh_token"_L1].toString(),
            .obtainedAt = fromRfc3339(json["obtained_at"_L1].toString()),
            .expiresAt = fromRfc3339(json["expires_at"_L1].toString())};
}

} // namespace

SignInStore::SignInStore(const QString &configDirectory, Keychain keychain)
    : m_directory(configDirectory + u"/sign-ins"_s)
    , m_keychain(std::move(keychain))
{
}

QString SignInStore::file(const QString &server) const
{
    return m_directory + u'/' + Sha256::of(server.toUtf8()).left(32) + u".json"_s;
}

Result<std::optional<SignInRecord>> SignInStore::readFile(const QString &path) const
{
    const auto bytes = readPrivateFile(path, longestSignIn);
    if (!bytes)
        return fail(bytes.error());
    if (!*bytes)
        return std::optional<SignInRecord>();
    if (isOpenToOthers(path)) {
        return fail(ErrorCode::Forbidden,
                    u"others on this machine can read the sign-in in '%1'\n"
                    "end it with skillbox logout and sign in anew"_s.arg(path));
    }
    const QJsonObject json = QJsonDocument::fromJson(**bytes).object();
    SignInRecord record{.server = json["server"_L1].toString(),
                        .issuer = json["issuer"_L1].toString(),
                        .clientId = json["client_id"_L1].toString(),
                        .caFile = json["ca_file"_L1].toString(),
                        .tokens = tokensOf(json["tokens"_L1].toObject()),
                        .isInKeychain = !json.contains("tokens"_L1)};
    if (record.server.isEmpty() || record.issuer.isEmpty()
        || (!record.isInKeychain && record.tokens.access.isEmpty())) {
        return fail(ErrorCode::StorageCorrupt,
                    u"'%1' is not a sign-in; remove it and sign in anew"_s.arg(path));
    }
    return std::optional(std::move(record));
}

Result<std::optional<SignInRecord>> SignInStore::find(const QString &server) const
{
    auto record = readFile(file(server));
    if (!record || !*record || !(*record)->isInKeychain)
        return record;
    const Error missing{
        ErrorCode::Unauthorized,
        u"the sign-in to %1 is in a key ring that this session does not have; sign in "
        "anew with: skillbox login %1"_s.arg(server)};
    if (!m_keychain.isThere())
        return fail(missing);
    const auto secret = m_keychain.read(server);
    if (!secret)
        return fail(secret.error());
    if (!*secret)
        return fail(missing);
    (*record)->tokens = tokensOf(QJsonDocument::fromJson(**secret).object());
    return record;
}

bool SignInStore::has(const QString &server) const
{
    return QFile::exists(file(server));
}

Result<QList<SignInRecord>> SignInStore::list() const
{
    QList<SignInRecord> records;
    const QStringList names = QDir(m_directory).entryList({u"*.json"_s}, QDir::Files);
    for (const QString &name : names) {
        auto record = readFile(m_directory + u'/' + name);
        if (!record)
            return fail(record.error());
        if (*record)
            records.append(std::move(**record));
    }
    std::sort(records.begin(), records.end(),
              [](const SignInRecord &a, const SignInRecord &b) { return a.server < b.server; });
    return records;
}

Result<void> SignInStore::keep(SignInRecord &record) const
{
    const QFileInfo folder(m_directory);
    for (const QString &path : {folder.absolutePath(), m_directory}) {
        if (const auto made = makePrivateFolder(path); !made)
            return made;
    }
    const QJsonObject tokens = jsonOf(record.tokens);
    record.isInKeychain = m_keychain.isThere()
        && m_keychain.write(record.server, QJsonDocument(tokens).toJson(QJsonDocument::Compact))
               .has_value();
    QJsonObject json{{u"server"_s, record.server},
                     {u"issuer"_s, record.issuer},
                     {u"client_id"_s, record.clientId}};
    if (!record.caFile.isEmpty())
        json.insert(u"ca_file"_s, record.caFile);
    if (!record.isInKeychain)
        json.insert(u"tokens"_s, tokens);
    return writePrivateFile(file(record.server), QJsonDocument(json).toJson());
}

Result<bool> SignInStore::remove(const QString &server) const
{
    const QString path = file(server);
    if (!QFile::exists(path))
        return false;
    const auto record = readFile(path);
    // What is left in a key ring that is not there now opens nothing once it is revoked.
    if (record && *record && (*record)->isInKeychain && m_keychain.isThere())
        (void)m_keychain.remove(server);
    if (!QFile::remove(path))
        return fail(ErrorCode::Io, u"cannot remove '%1'"_s.arg(path));
    return true;
}

Result<UniqueFd> SignInStore::lock() const
{
    return lockFile(m_directory + u"/lock"_s);
}

} // namespace skillbox
