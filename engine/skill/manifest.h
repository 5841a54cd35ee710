#pragma once

#include "engine/base/language.h"
#include "engine/base/result.h"
#include "engine/skill/finding.h"

#include <QByteArray>
#include <QList>
#include <QPair>

#include <chrono>
#include <optional>

namespace skillbox {

enum class SkillMode { Executable, Cognitive };
QLatin1StringView skillModeName(SkillMode mode);

/// What a SKILL.md declares. Both dialects are read into this one value: the Agent Skills
/// specification (agentskills.io), with runtime fields as `metadata: {skillbox.timeout: 60s}`, and
/// the runtime's own top-level fields. Absent means absent: defaults and clamps are applied where
/// a run is prepared, entrypoint and mode are inferred from the files (entrypoint.h).
struct Manifest {
    QString name;
    QString version = QStringLiteral("1.0.0");
    QString description;
    std::optional<Language> language;
    QString image;
    std::optional<std::chrono::milliseconds> timeout;
    std::optional<int> milliCpu;
    std::optional<qint64> memoryBytes;
    std::optional<SkillMode> mode;
    QString entrypoint; ///< path inside the skill, validated: relative, no `..`
    QString license;
    QString compatibility;
    QList<QPair<QString, QString>> metadata; ///< as declared, in order, scalars as text
    QStringList allowedTools;                ///< shown, never widens the sandbox
    /// Top-level keys we do not know: name and the exact bytes of the entry, key to last line.
    QList<QPair<QString, QByteArray>> unknownKeys;
    QString instructions; ///< the Markdown body, trimmed
};

/// A manifest together with everything worth saying about its text. `manifest` is set as soon as
/// the header could be read at all, so that an editor can show a form beside the errors; whoever
/// publishes or runs refuses when hasErrors(findings).
struct ParsedManifest {
    std::optional<Manifest> manifest;
    QList<Finding> findings;
};

/// Largest SKILL.md that is looked at; a longer one is a finding, not a parse.
inline constexpr qint64 maxManifestBytes = 1024 * 1024;

/// Reads the text of a SKILL.md. Never throws, never recurses deeper than a fixed bound, and never
/// expands YAML aliases (they are refused: a bomb needs them and a manifest does not). Thread-safe.
ParsedManifest parseManifest(QByteArrayView text);

/// The manifest, or an InvalidSkill error made of the first error finding, for callers that only
/// need a yes or no.
Result<Manifest> requireManifest(QByteArrayView text);

/// The text with the top-level key set to a scalar `value`: replaced where it stands or added at
/// the end of the header. Every other byte stays. Fails when the header cannot be parsed or the key
/// holds something other than a scalar.
Result<QByteArray> withManifestField(QByteArrayView text, const QString &key, const QString &value);

} // namespace skillbox
