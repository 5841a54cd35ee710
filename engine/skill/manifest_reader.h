#pragma once

#include "engine/skill/manifest.h"
#include "engine/skill/rules.h"

#include <QHash>

namespace skillbox {

/// A manifest and every rule that its text meets, for any profile.
struct ManifestReading {
    std::optional<Manifest> manifest;
    QHash<QString, TextRange> places; ///< of the values of name and of runtime fields
    qsizetype bodyOffset = 0;         ///< of the Markdown, in bytes
    QList<RuleHit> hits;
};

/// Never throws and never recurses deeper than a fixed bound. Thread-safe.
ManifestReading readManifest(QByteArrayView text);

} // namespace skillbox
