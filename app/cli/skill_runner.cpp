#include "app/cli/skill_runner.h"

#include "app/cli/scratch_engine.h"

namespace skillbox {

SkillRunner::SkillRunner(CliContext &context) : m_context(context) { }
SkillRunner::~SkillRunner() = default;

Result<Engine *> SkillRunner::engineFor(const QString &directory)
{
    if (trialNeedsOwnStore(directory))
        return m_context.engine();
    if (!m_scratch) {
        auto scratch = ScratchEngine::create(m_context);
        if (!scratch)
            return fail(scratch.error());
        m_scratch = std::move(*scratch);
    }
    return &m_scratch->engine();
}

Result<CaseTrial> SkillRunner::runCase(const QString &directory, const QString &casePath,
                                       Observation observation)
{
    const auto engine = engineFor(directory);
    if (!engine)
        return fail(engine.error());
    return tryCase(**engine, directory, casePath, CliContext::origin(), observation);
}

Result<ExecutionRecord> SkillRunner::run(const QString &directory, const JsonText &input,
                                         Observation observation)
{
    const auto engine = engineFor(directory);
    if (!engine)
        return fail(engine.error());
    ExecutionRequest request;
    request.tenant = localTenant();
    request.origin = CliContext::origin();
    request.directory = directory;
    request.input = input;
    request.observation = observation;
    auto &executions = (*engine)->executions();
    const auto submitted = executions.submit(request);
    if (!submitted)
        return fail(submitted.error());
    return executions.wait(request.tenant, *submitted);
}

} // namespace skillbox
