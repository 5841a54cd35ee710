#pragma once

#include "engine/sandbox/oci/engine_client.h"

#include <stop_token>

namespace skillbox {

/// An image that the container engine has.
struct EngineImage {
    QString id;           ///< `sha256:<hex>`
    QString architecture; ///< `amd64`; empty: it does not say
};

/// NotFound: the engine does not have it, and it may not be, or could not be pulled; the message
/// says what to do. SandboxUnavailable: it cannot be used for runs, or the engine does not answer.
Result<EngineImage> findEngineImage(EngineClient &engine, const QString &name, PullPolicy pull,
                                    const std::stop_token &stop);

} // namespace skillbox
