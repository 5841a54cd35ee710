#pragma once

#include "engine/remote/connection.h"

namespace skillbox {

class CliContext;

/// The server that somebody signs in to or out of: the name of a remote, an address, or, with an
/// empty text, what --server and SKILLBOX_SERVER_URL say.
Result<ConnectionSettings> signInTarget(const CliContext &context, const QString &server);

} // namespace skillbox
