#pragma once

#include "engine/sandbox/oci/engine_client.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QJsonObject>

namespace skillbox {

/// All that a container of ours depends on.
struct ContainerSpec {
    QString image; ///< the engine's own id of it: a name could mean another one meanwhile
    ExecutionId execution;
    ContainerOwner owner;
    SandboxLimits limits;
    bool hasSession = false;
    QString runtime = {}; ///< empty: the engine's default
    EngineKind engine = EngineKind::Docker;
};

/// The whole body of a create call. Nothing in it comes from a client or a skill but ids that we
/// checked and limits that were clamped; a proxy in front of the engine looks at paths only.
QJsonObject containerSpec(const ContainerSpec &spec);

/// The launcher's system-call filter as a profile for Docker; empty on an architecture without one.
QByteArray seccompProfile();

/// Labels by which a container is known to be ours.
inline constexpr auto homeLabel = "skillbox.home";
inline constexpr auto instanceLabel = "skillbox.instance";
inline constexpr auto executionLabel = "skillbox.execution";

} // namespace skillbox
