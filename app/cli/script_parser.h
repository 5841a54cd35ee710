#pragma once

#include "app/cli/cli_context.h"
#include "engine/script_parsing.h"

#include <QHash>

namespace skillbox {

class ScratchEngine;

/// Parses the scripts of the skills that are checked; see parseScripts(). The engine for it is made
/// with the first script.
class SandboxedScriptParser
{
public:
    explicit SandboxedScriptParser(CliContext &context);
    ~SandboxedScriptParser();

    /// Parses the scripts of these folders now, all in the same runs, so that parser() has the
    /// answers at hand. What goes wrong here is tried again folder by folder.
    void prime(const QStringList &directories);

    /// For LintOptions; borrows this object.
    ScriptParser parser();

private:
    Result<QList<ScriptProblem>> parse(const QString &directory, const QStringList &scripts);
    Result<QHash<QString, QList<ScriptProblem>>> parseAll(const QList<ScriptToParse> &scripts);

    CliContext &m_context;
    std::unique_ptr<ScratchEngine> m_scratch;
    QHash<QString, QList<ScriptProblem>> m_primed; ///< by folder
};

} // namespace skillbox
