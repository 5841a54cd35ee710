#pragma once

#include "app/cli/cli_context.h"
#include "engine/engine.h"

#include <QTemporaryDir>

namespace skillbox {

/// An engine with a store of its own that is gone afterwards, for runs that are nobody's history:
/// tests of a skill, and parsers that look at its scripts.
class ScratchEngine
{
public:
    static Result<std::unique_ptr<ScratchEngine>> create(CliContext &context);

    Engine &engine() { return *m_engine; }
    /// A folder for files of this engine's runs.
    QString folder() const { return m_directory.path(); }

private:
    ScratchEngine() = default;

    QTemporaryDir m_directory; // goes after the engine that works in it
    std::unique_ptr<Engine> m_engine;
};

} // namespace skillbox
