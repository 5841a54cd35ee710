#pragma once

#include "engine/sandbox/oci/engine_client.h"
#include "engine/sandbox/protocol/container_messages.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QFile>

namespace skillbox {

/// What is needed to carry out one run besides the engine.
struct ContainerRunParts {
    QByteArray createBody;
    QFile *upload = nullptr; ///< the tar for /sandbox
    /// A second one, unpacked when the container is made up but its first process not started;
    /// null: none is needed.
    QFile *lateUpload = nullptr;
    SandboxLimits limits;
    QString scratchDirectory;
};

struct ContainerRunResult {
    Outcome outcome; ///< without a report
    std::vector<protocol::AppliedControl> controls;
    QString interpreter;
    QMap<QString, QString> otherInterpreters;
};

/// Makes a container, runs what is in `upload` in it, takes what it left and removes it, whatever
/// happens. Blocks; the sink is called on this thread.
Result<ContainerRunResult> runContainer(EngineClient &engine, const ContainerRunParts &parts,
                                        OutputSink &sink, const std::stop_token &stop);

/// Ends and removes a container with what belongs to it. One that is not there is fine.
Result<void> removeContainer(EngineClient &engine, const QString &id);

} // namespace skillbox
