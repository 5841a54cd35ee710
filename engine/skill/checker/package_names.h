#pragma once

#include <QHash>
#include <QSet>
#include <QString>

#include <optional>

namespace skillbox {

enum class PackageIndex { PyPi, Npm };

/// The well-known packages of an index, from resources/packages. Immutable.
class PackageNames
{
public:
    static const PackageNames &of(PackageIndex index);

    bool contains(const QString &name) const { return m_names.contains(name); }
    /// The well-known name that `name` is probably a misspelling of: one letter added, left out,
    /// changed or swapped with the next, or the same but for hyphens. None if `name` is well known
    /// itself, or too short to tell.
    std::optional<QString> misspelt(const QString &name) const;

    /// As an index compares names: lower case, and for Python `_` and `.` as `-` (PEP 503).
    static QString normalised(PackageIndex index, QString name);

private:
    explicit PackageNames(PackageIndex index);

    QSet<QString> m_names;
    QHash<QString, QString> m_byDeletion; ///< names with one letter left out, to the name
};

} // namespace skillbox
