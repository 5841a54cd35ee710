#pragma once

#include <QString>
#include <QStringList>

#include <compare>
#include <optional>

namespace skillbox {

/// A version by Semantic Versioning 2.0.0.
struct SemVer {
    quint64 major = 0;
    quint64 minor = 0;
    quint64 patch = 0;
    QStringList preRelease; ///< dot-separated identifiers after `-`
    QString build;          ///< text after `+`; has no part in the order

    /// Strict: `1.2`, `v1.2.3`, leading zeros and empty identifiers are not versions.
    static std::optional<SemVer> parse(QStringView text);

    bool isPreRelease() const { return !preRelease.isEmpty(); }
    QString toString() const;

    /// Precedence by section 11; versions that differ in build only are equivalent.
    friend std::weak_ordering operator<=>(const SemVer &a, const SemVer &b);
};

} // namespace skillbox
