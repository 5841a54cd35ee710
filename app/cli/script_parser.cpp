#include "app/cli/script_parser.h"

#include "app/cli/scratch_engine.h"
#include "engine/skill/archive.h"

namespace skillbox {

SandboxedScriptParser::SandboxedScriptParser(CliContext &context) : m_context(context) { }

SandboxedScriptParser::~SandboxedScriptParser() = default;

void SandboxedScriptParser::prime(const QStringList &directories)
{
    m_primed.clear();
    QList<ScriptToParse> scripts;
    for (const QString &directory : directories) {
        const auto content = describeDirectory(directory);
        if (!content)
            continue;
        for (const QString &path : scriptsToParse(content->paths()))
            scripts += {directory, path};
    }
    if (scripts.isEmpty() || scripts.size() > mostParsed)
        return;
    if (auto problems = parseAll(scripts)) {
        for (const QString &directory : directories)
            m_primed.insert(directory, problems->value(directory));
    }
}

ScriptParser SandboxedScriptParser::parser()
{
    return [this](const QString &directory, const QStringList &scripts) {
        return parse(directory, scripts);
    };
}

Result<QList<ScriptProblem>> SandboxedScriptParser::parse(const QString &directory,
                                                          const QStringList &scripts)
{
    if (const auto known = m_primed.constFind(directory); known != m_primed.cend())
        return *known;
    QList<ScriptToParse> list;
    for (const QString &script : scripts)
        list += {directory, script};
    return parseAll(list).map([&directory](const QHash<QString, QList<ScriptProblem>> &problems) {
        return problems.value(directory);
    });
}

Result<QHash<QString, QList<ScriptProblem>>>
SandboxedScriptParser::parseAll(const QList<ScriptToParse> &scripts)
{
    if (!m_scratch) {
        auto made = ScratchEngine::create(m_context);
        if (!made)
            return fail(made.error());
        m_scratch = std::move(*made);
    }
    return parseScripts(m_scratch->engine().sandbox(), m_scratch->folder(), scripts);
}

} // namespace skillbox
