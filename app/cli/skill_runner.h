#pragma once

#include "app/cli/cli_context.h"
#include "engine/skill_trial.h"

namespace skillbox {

class ScratchEngine;

/// Runs unpublished skill folders for their authors: test cases, and trials of what a skill does. In
/// a store of its own, so that these runs are nobody's history; in the person's own where a skill
/// needs an image.
class SkillRunner
{
public:
    explicit SkillRunner(CliContext &context);
    ~SkillRunner();

    /// Runs one file of tests/*.json; see tryCase().
    Result<CaseTrial> runCase(const QString &directory, const QString &casePath,
                              Observation observation);

    /// One run; InvalidInput if the skill's schema refuses the input.
    Result<ExecutionRecord> run(const QString &directory, const JsonText &input,
                                Observation observation);

private:
    Result<Engine *> engineFor(const QString &directory);

    CliContext &m_context;
    std::unique_ptr<ScratchEngine> m_scratch;
};

} // namespace skillbox
