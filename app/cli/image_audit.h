#pragma once

#include "app/cli/cli_context.h"

namespace skillbox {

/// Writes into the audit that this user did `action` to an image. Images are everybody's on this
/// machine; the record stands in the chain of the local tenant.
Result<void> noteImageChange(Engine &engine, const QString &action, const QString &name,
                             const QJsonObject &details = {});

} // namespace skillbox
