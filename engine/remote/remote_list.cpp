#include "engine/remote/remote_list.h"

#include "engine/remote/private_file.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcessEnvironment>
#include <QRegularExpression>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 longestFile = 1 << 20;
constexpr qint64 longestKey = 4096;

QString namesOf(const QList<Remote> &remotes)
{
    QStringList names;
    for (const Remote &remote : remotes)
        names.append(remote.name);
    return names.join(u", "_s);
}

qsizetype indexOf(const QList<Remote> &remotes, const QString &name)
{
    for (qsizetype i = 0; i < remotes.size(); ++i) {
        if (remotes[i].name == name)
            return i;
    }
    return -1;
}

Error noSuchRemote(const QString &name, const QList<Remote> &remotes)
{
    return {ErrorCode::NotFound,
            u"there is no remote named '%1'\n"_s.arg(name)
                + (remotes.isEmpty() ? u"none is set up yet: skillbox remote add NAME ADDRESS"_s
                                     : u"there are: %1"_s.arg(namesOf(remotes)))};
}

} // namespace

bool isRemoteName(const QString &text)
{
    static const QRegularExpression form(u"\\A[a-z0-9][a-z0-9._-]{0,63}\\z"_s);
    return form.match(text).hasMatch() && text != u"local";
}

ConnectionSettings connectionOf(const Remote &remote)
{
    return {.address = remote.address,
            .apiKey = remote.apiKey,
            .tenant = remote.tenant,
            .caFile = remote.caFile,
            .hints = {.address = u"check the address of '%1'"_s.arg(remote.name),
                      .nothingThere = u"is the server '%1' running?"_s.arg(remote.name),
                      .key = remote.apiKey.isEmpty()
                          ? u"no key is kept for '%1'; give it one"_s.arg(remote.name)
                          : u"give '%1' another key; ask whoever runs the server for one"_s.arg(
                              remote.name),
                      .authority = u"if it is your own authority's, give '%1' its PEM file"_s.arg(
                          remote.name)}};
}

RemoteList::RemoteList(QString configDirectory) : m_directory(std::move(configDirectory)) { }

QString RemoteList::usualDirectory(const QProcessEnvironment &environment)
{
    // A relative XDG_CONFIG_HOME is to be ignored (XDG Base Directory Specification).
    QString base = environment.value(u"XDG_CONFIG_HOME"_s);
    if (!QDir::isAbsolutePath(base))
        base = environment.value(u"HOME"_s, QDir::homePath()) + u"/.config"_s;
    return base + u"/skillbox"_s;
}

QString RemoteList::file() const
{
    return m_directory + u"/remotes.json"_s;
}

QString RemoteList::keyFile(const QString &name) const
{
    return m_directory + u"/remote-keys/"_s + name;
}

Result<QList<Remote>> RemoteList::loadWithoutKeys() const
{
    const auto bytes = readPrivateFile(file(), longestFile);
    if (!bytes)
        return fail(bytes.error());
    QList<Remote> remotes;
    if (!*bytes)
        return remotes;
    QJsonParseError parsed;
    const QJsonDocument document = QJsonDocument::fromJson(**bytes, &parsed);
    const QJsonValue list = document[u"remotes"];
    if (parsed.error != QJsonParseError::NoError || !list.isArray()) {
        return fail(ErrorCode::StorageCorrupt,
                    u"'%1' is not a list of remotes: %2"_s.arg(
                        file(),
                        parsed.error == QJsonParseError::NoError
                            ? u"there is no member \"remotes\""_s
                            : u"%1 at byte %2"_s.arg(parsed.errorString()).arg(parsed.offset)));
    }
    for (const QJsonValue entry : list.toArray()) {
        const Remote remote{.name = entry[u"name"].toString(),
                            .address = entry[u"address"].toString(),
                            .apiKey = {},
                            .tenant = entry[u"tenant"].toString(),
                            .caFile = entry[u"ca_file"].toString()};
        if (!isRemoteName(remote.name) || indexOf(remotes, remote.name) >= 0) {
            return fail(ErrorCode::StorageCorrupt,
                        u"'%1' has a remote without a usable name of its own: '%2'"_s.arg(
                            file(), remote.name.left(100)));
        }
        remotes.append(remote);
    }
    std::sort(remotes.begin(), remotes.end(),
              [](const Remote &a, const Remote &b) { return a.name < b.name; });
    return remotes;
}

Result<QString> RemoteList::loadKey(const QString &name) const
{
    const QString path = keyFile(name);
    const auto bytes = readPrivateFile(path, longestKey);
    if (!bytes)
        return fail(bytes.error());
    if (!*bytes)
        return QString();
    if (isOpenToOthers(path)) {
        return fail(ErrorCode::Forbidden,
                    u"others on this machine can read the key in '%1'\n"
                    "make it yours alone, and better use a new key: chmod 600 '%1'"_s.arg(path));
    }
    return QString::fromUtf8(**bytes).trimmed();
}

Result<QList<Remote>> RemoteList::load() const
{
    auto remotes = loadWithoutKeys();
    if (!remotes)
        return remotes;
    for (Remote &remote : *remotes) {
        const auto key = loadKey(remote.name);
        if (!key)
            return fail(key.error());
        remote.apiKey = *key;
    }
    return remotes;
}

Result<Remote> RemoteList::find(const QString &name) const
{
    const auto remotes = loadWithoutKeys();
    if (!remotes)
        return fail(remotes.error());
    const qsizetype at = indexOf(*remotes, name);
    if (at < 0)
        return fail(noSuchRemote(name, *remotes));
    Remote remote = remotes->at(at);
    const auto key = loadKey(name);
    if (!key)
        return fail(key.error());
    remote.apiKey = *key;
    return remote;
}

Result<void> RemoteList::save(const QList<Remote> &remotes)
{
    QJsonArray list;
    for (const Remote &remote : remotes) {
        QJsonObject entry{{u"name"_s, remote.name}, {u"address"_s, remote.address}};
        if (!remote.tenant.isEmpty())
            entry.insert(u"tenant"_s, remote.tenant);
        if (!remote.caFile.isEmpty())
            entry.insert(u"ca_file"_s, remote.caFile);
        list.append(entry);
    }
    return writePrivateFile(file(), QJsonDocument(QJsonObject{{u"remotes"_s, list}}).toJson());
}

Result<void> RemoteList::add(const Remote &remote, Existing existing)
{
    if (!isRemoteName(remote.name)) {
        return fail(ErrorCode::BadRequest,
                    u"'%1' cannot be a remote's name: use up to 64 of a-z, 0-9, '.', '_' and '-', "
                    "beginning with a letter or digit; 'local' is taken"_s.arg(
                        remote.name.left(100)));
    }
    // Refuses what could never be sent, too.
    if (const auto usable = connectTo(connectionOf(remote)); !usable)
        return fail(usable.error());
    if (const auto folder = makePrivateFolder(m_directory); !folder)
        return folder;
    const Result<UniqueFd> lock = lockFile(m_directory + u"/remotes.lock"_s);
    if (!lock)
        return fail(lock.error());
    auto remotes = loadWithoutKeys();
    if (!remotes)
        return fail(remotes.error());
    const qsizetype at = indexOf(*remotes, remote.name);
    if (at >= 0 && existing == Existing::Refuse) {
        return fail(ErrorCode::Conflict,
                    u"there is a remote named '%1' already: %2"_s.arg(remote.name,
                                                                      remotes->at(at).address));
    }
    if (at >= 0)
        (*remotes)[at] = remote;
    else
        remotes->append(remote);
    // The key first: a remote without its key would be worse than a key without its remote.
    if (remote.apiKey.isEmpty()) {
        QFile::remove(keyFile(remote.name));
    } else {
        if (const auto folder = makePrivateFolder(m_directory + u"/remote-keys"_s); !folder)
            return folder;
        const QByteArray key = remote.apiKey.toUtf8() + '\n';
        if (const auto kept = writePrivateFile(keyFile(remote.name), key); !kept)
            return kept;
    }
    return save(*remotes);
}

Result<void> RemoteList::remove(const QString &name)
{
    if (!QDir(m_directory).exists())
        return fail(noSuchRemote(name, {}));
    const Result<UniqueFd> lock = lockFile(m_directory + u"/remotes.lock"_s);
    if (!lock)
        return fail(lock.error());
    auto remotes = loadWithoutKeys();
    if (!remotes)
        return fail(remotes.error());
    const qsizetype at = indexOf(*remotes, name);
    if (at < 0)
        return fail(noSuchRemote(name, *remotes));
    remotes->removeAt(at);
    if (const auto saved = save(*remotes); !saved)
        return saved;
    QFile::remove(keyFile(name));
    return {};
}

} // namespace skillbox
