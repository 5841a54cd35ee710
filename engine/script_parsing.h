#pragma once

#include "engine/base/result.h"
#include "engine/skill/lint.h"

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QString>

#include <chrono>
#include <optional>
#include <stop_token>

namespace skillbox {

class SandboxRuntime;

/// A script of a skill's folder.
struct ScriptToParse {
    QString directory;
    QString path;                           ///< inside it
    std::optional<QByteArray> content = {}; ///< what stands for the file's own bytes
};

struct ParsingBounds {
    std::chrono::milliseconds wallClock = std::chrono::seconds(60); ///< for each language
    std::stop_token cancellation = {};
};

/// Larger scripts are not parsed, and no more than these of a language.
inline constexpr qint64 largestParsed = 1 << 20;
inline constexpr qsizetype mostParsed = 1000;

/// Parses scripts with Python, Node.js and Bash inside the sandbox, a run for each language that is
/// among them; nothing of a skill is run. What each parser says first about a file, by folder.
/// Works in a new folder below `scratch`. Blocks. Cancelled: it was asked to stop.
Result<QHash<QString, QList<ScriptProblem>>> parseScripts(SandboxRuntime &sandbox,
                                                          const QString &scratch,
                                                          const QList<ScriptToParse> &scripts,
                                                          const ParsingBounds &bounds = {});

} // namespace skillbox
