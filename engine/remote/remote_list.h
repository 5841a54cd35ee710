#pragma once

#include "engine/remote/connection.h"

#include <QList>
#include <QString>

class QProcessEnvironment;

namespace skillbox {

/// A server that has a name here.
struct Remote {
    QString name; ///< isRemoteName()
    QString address;
    QString apiKey = {};
    QString tenant = {}; ///< empty: the key's own
    QString caFile = {}; ///< PEM file instead of the system's authorities
};

/// `[a-z0-9][a-z0-9._-]{0,63}`, but not `local`, which means a server on this machine's store.
bool isRemoteName(const QString &text);
/// How to reach it, with hints that name it.
ConnectionSettings connectionOf(const Remote &remote);

/// The named servers of a person: `remotes.json` in the configuration directory, and beside it a
/// file of mode 0600 a key, `remote-keys/<name>`. Keys that others could read are refused. Several
/// processes may change the list; each change is whole or not at all. Thread-safe.
class RemoteList
{
public:
    /// The folder is made with the first remote.
    explicit RemoteList(QString configDirectory);
    /// `skillbox` in $XDG_CONFIG_HOME, by default in ~/.config.
    static QString usualDirectory(const QProcessEnvironment &environment);

    /// By name. An error names the file and what is wrong with it.
    Result<QList<Remote>> load() const;
    /// NotFound, naming those there are.
    Result<Remote> find(const QString &name) const;
    enum class Existing { Refuse, Replace };
    /// BadRequest for a name or address that is none; Conflict for a name that is taken.
    Result<void> add(const Remote &remote, Existing existing);
    /// NotFound.
    Result<void> remove(const QString &name);

    QString file() const;

private:
    QString keyFile(const QString &name) const;
    Result<QList<Remote>> loadWithoutKeys() const;
    Result<QString> loadKey(const QString &name) const;
    Result<void> save(const QList<Remote> &remotes);

    const QString m_directory;
};

} // namespace skillbox
