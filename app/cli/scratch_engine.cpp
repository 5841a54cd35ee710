#include "app/cli/scratch_engine.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<std::unique_ptr<ScratchEngine>> ScratchEngine::create(CliContext &context)
{
    Result<EngineConfig> config = context.engineConfig();
    if (!config)
        return fail(config.error());
    std::unique_ptr<ScratchEngine> scratch(new ScratchEngine);
    if (!scratch->m_directory.isValid()) {
        return fail(ErrorCode::Io,
                    u"cannot make a temporary folder: "_s + scratch->m_directory.errorString());
    }
    config->dataDirectory = scratch->m_directory.filePath(u"data"_s);
    auto engine = Engine::create(*config);
    if (!engine)
        return fail(engine.error());
    scratch->m_engine = std::move(*engine);
    return scratch;
}

} // namespace skillbox
