#pragma once

#include "engine/base/result.h"

#include <QJsonObject>
#include <QString>

namespace skillbox {

/// Where an installed skill comes from, as a person names it and as the lock file keeps it.
struct InstallSource {
    enum class Kind {
        Folder,  ///< of this machine; one skill, or several below it
        Archive, ///< a zip of this machine
        Git,     ///< https, ssh or file; never anything else
        Index,   ///< a site with an index at its well-known place, or the index itself
        Server,  ///< a Skillbox server, or the store of this machine
    };
    Kind kind = Kind::Folder;
    QString location = {}; ///< path, or address; of a Server empty for the store of this machine
    QString reference =
        {};            ///< branch, tag or commit; version of a Server's skill; empty: the newest
    QString path = {}; ///< of the skill inside a Folder or Git, its name in an Index or Server
    QString resolved = {}; ///< what it was when it was fetched: a commit, a version

    friend bool operator==(const InstallSource &, const InstallSource &) = default;
};

/// What a person wrote: a path, a git address with `#branch` or `#branch:folder`, an https address
/// of an index, or NAME[@VERSION] of a published skill. BadRequest says what is wrong.
Result<InstallSource> parseInstallSource(const QString &text);

/// BadRequest unless the address is one that is fetched: for what stands in a lock file, which
/// anybody may have written.
Result<void> checkInstallSource(const InstallSource &source);

QJsonObject toJson(const InstallSource &source);
Result<InstallSource> installSourceFromJson(const QJsonObject &object);

/// For people: `https://example.com/skills.git#main:word-counter`.
QString toText(const InstallSource &source);

} // namespace skillbox
