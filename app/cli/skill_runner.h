#pragma once

#include "app/cli/cli_context.h"
#include "engine/execution/execution_service.h"

#include <QJsonArray>

namespace skillbox {

class ScratchEngine;

/// Runs unpublished skill folders for their authors: test cases, and trials of what a skill does.
class SkillRunner
{
public:
    explicit SkillRunner(CliContext &context);
    ~SkillRunner();

    struct CaseRun {
        QStringList problems; ///< empty: passed
        QJsonArray refused;   ///< system calls, if they were observed: RefusedCall as JSON
    };
    /// Runs one file of tests/*.json. Besides what the case expects, the output of a run that
    /// succeeds must match the skill's schemas/output.json.
    Result<CaseRun> runCase(const QString &directory, const QString &casePath,
                            Observation observation);

    /// One run; InvalidInput if the skill's schema refuses the input.
    Result<ExecutionRecord> run(const QString &directory, const JsonText &input,
                                Observation observation);

private:
    Result<Engine *> engineFor(const QString &directory);

    CliContext &m_context;
    std::unique_ptr<ScratchEngine> m_scratch;
};

/// The names of a skill's test cases, files of tests/*.json, in order.
QStringList testCaseFiles(const QString &directory);

} // namespace skillbox
